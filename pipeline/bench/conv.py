"""Peer: the thirteen 3×3 convolutions of VGG16 at 224×224: forward (with bias) and input gradient.

Each in PyTorch's default memory format and in channels_last, weights converted beforehand; the
faster format counts and is named in the line. `--batch` sets how many images (1)."""

import statistics
import time

import torch
from torch.nn import functional
from torch.nn.grad import conv2d_input

from peer import arguments, report

# Name, input channels, output channels, height and width.
LAYERS = [("conv1_1", 3, 64, 224), ("conv1_2", 64, 64, 224), ("conv2_1", 64, 128, 112),
          ("conv2_2", 128, 128, 112), ("conv3_1", 128, 256, 56), ("conv3_2", 256, 256, 56),
          ("conv3_3", 256, 256, 56), ("conv4_1", 256, 512, 28), ("conv4_2", 512, 512, 28),
          ("conv4_3", 512, 512, 28), ("conv5_1", 512, 512, 14), ("conv5_2", 512, 512, 14),
          ("conv5_3", 512, 512, 14)]
FORMATS = {"default": torch.contiguous_format, "channels_last": torch.channels_last}


def works(channels, outputs, size, batch, memory_format):
    """The two directions as functions."""
    x = torch.randn(batch, channels, size, size).contiguous(memory_format=memory_format)
    w = torch.randn(outputs, channels, 3, 3).contiguous(memory_format=memory_format)
    dy = torch.randn(batch, outputs, size, size).contiguous(memory_format=memory_format)
    bias = torch.randn(outputs)
    return {"forward": lambda: functional.conv2d(x, w, bias, padding=1),
            "input-gradient": lambda: conv2d_input(x.shape, w, dy, padding=1)}


def seconds(work, runs):
    """Each run, repeated to take some milliseconds."""
    for _ in range(2):
        start = time.perf_counter()
        work()
        once = time.perf_counter() - start
    repeats = max(1, int(0.02 / once))
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        for _ in range(repeats):
            work()
        found.append((time.perf_counter() - start) / repeats)
    return found


options = arguments(__doc__, batch=dict(type=int, default=1, help="images at once"))
torch.manual_seed(1)
with torch.no_grad():
    for name, channels, outputs, size in LAYERS:
        operations = 2 * 9 * channels * outputs * size * size * options.batch
        ways = {way: works(channels, outputs, size, options.batch, memory_format)
                for way, memory_format in FORMATS.items()}
        for direction in ("forward", "input-gradient"):
            found = {way: seconds(work[direction], options.runs) for way, work in ways.items()}
            best = min(found, key=lambda way: min(found[way]))
            report(f"{name}-{direction}", found[best], options, flops=operations, format=best,
                   batch=options.batch,
                   other=statistics.mean(min(runs) for way, runs in found.items() if way != best))
