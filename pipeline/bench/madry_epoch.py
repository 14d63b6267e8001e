"""Peer: training Madry's CNN on MNIST in memory, batch 128, SGD with momentum 0.9, no DataLoader.

An epoch takes long, and every step of it is the same work: `--images` says how many images a run
takes (a whole number of batches); `epoch` in the line is the time scaled to 60,000. Cases: default,
channels_last, and compile (torch.compile, left out where that does not work as it comes)."""

import sys

import torch

from networks import Madry
from peer import arguments, each_alone, measure, mnist, run_epoch

BATCH = 128
options = arguments(__doc__, images=dict(type=int, default=47 * BATCH, help="images a run takes"))
case = each_alone(options, ["default", "channels_last", "compile"])
form = torch.contiguous_format if case == "default" else torch.channels_last

torch.manual_seed(1)
images, labels = mnist("train")
images = images[: options.images].reshape(-1, 1, 28, 28).contiguous(memory_format=form)
labels = labels[: options.images]
model = Madry().to(memory_format=form)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, fused=True)


def work():
    run_epoch(trained, optimizer, images, labels, batch=BATCH)


trained = model
if case == "compile":
    try:
        trained = torch.compile(model)
        trained(images[:BATCH])
    except Exception as fault:  # whatever the compiler lacks
        print(f"torch.compile does not work here: {type(fault).__name__}", file=sys.stderr)
        sys.exit(0)
work()
scale = 60_000 / len(images)
measure(f"madry-epoch-{case}", work, options, warm=True, images=len(images), scale=scale)
