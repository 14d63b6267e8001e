"""Peer: one training epoch of 784-300-100-10 on MNIST in memory, batch 256, SGD with momentum 0.9
and weight decay 1e-4; shuffled by randperm and index_select, no DataLoader."""

import torch

from peer import MLP, arguments, classes_of, measure, mnist, optimizer_of, run_epoch

options = arguments(__doc__)
torch.manual_seed(1)
images, labels = mnist("train")
model = MLP()
optimizer = optimizer_of(model, 0.1)
measure("epoch", lambda: run_epoch(model, optimizer, images, labels), options, images=len(images))

if not options.json:
    test_images, test_labels = mnist("t10k")
    correct = int((classes_of(model, test_images) == test_labels).sum())
    print(f"after {options.runs + 1} epochs: {correct} of {len(test_labels)} test images correct")
