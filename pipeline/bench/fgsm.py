"""Peer: the fast gradient sign attack on 5,000 images, epsilon 0.1: gradient of the cross-entropy
for the pixels alone, sign step, clamp, and a forward pass to judge. The best chunk size counts."""

import torch
from torch.nn import functional

from peer import arguments, measure, victim

EPSILON = 0.1
options = arguments(__doc__, train=dict(action="store_true", help="attack a network trained here"))
model, images, labels, origin = victim(options)


def attack(chunk):
    """How many images are classified correctly after the attack."""
    correct = 0
    for x, y in zip(images.split(chunk), labels.split(chunk)):
        x = x.detach().requires_grad_()
        loss = functional.cross_entropy(model(x), y, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, x)
        with torch.no_grad():
            moved = torch.add(x, gradient.sign_(), alpha=EPSILON).clamp_(0, 1)
            correct += int((model(moved).argmax(1) == y).sum())
    return correct


for chunk in (500, 1000, 5000):
    measure(f"fgsm-5000-chunk-{chunk}", lambda: attack(chunk), options, images=len(images),
            weights=origin, correct=attack(chunk))
