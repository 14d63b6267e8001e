"""Peer: float32 matrix products, 1024 cubed and the three of the network's first layer."""

import torch

from peer import arguments, measure

options = arguments(__doc__)
torch.manual_seed(1)


def product(name, m, n, k, work, repeats):
    measure(name, work, options, repeats=repeats, flops=2 * m * n * k, m=m, n=n, k=k)


with torch.no_grad():
    a, b, c = torch.randn(1024, 1024), torch.randn(1024, 1024), torch.empty(1024, 1024)
    product("gemm-1024", 1024, 1024, 1024, lambda: torch.mm(a, b, out=c), 10)

    # First layer, batch 256: y = x·Wᵀ + b, dx = dy·W, dW = dyᵀ·x.
    x, w, bias = torch.randn(256, 784), torch.randn(300, 784), torch.randn(300)
    y, dy = torch.empty(256, 300), torch.randn(256, 300)
    dx, dw = torch.empty(256, 784), torch.empty(300, 784)
    product("forward-256x784x300", 256, 300, 784, lambda: torch.addmm(bias, x, w.t(), out=y), 100)
    product("input-gradient-256x300x784", 256, 784, 300, lambda: torch.mm(dy, w, out=dx), 100)
    product("weight-gradient-300x256x784", 300, 784, 256, lambda: torch.mm(dy.t(), x, out=dw), 100)
