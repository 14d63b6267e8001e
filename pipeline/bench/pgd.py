"""Peer: projected gradient descent, 40 steps of 0.01 in the L∞ ball of 0.3, random start, on 500
MNIST images and Madry's CNN. The weights are those of our artifacts (a model of the architecture
madry-cnn) where there are any, else seeded; the work is the same with either.

Cases, each with a batch size after the dash: torchattacks, foolbox, and `off`, written by hand with
parameter gradients off. The fastest of each counts."""

import json
import struct

import torch
from torch.nn import functional

from networks import Madry
from peer import arguments, each_alone, measure, mnist, read_safetensors

EPSILON, STEP = 0.3, 0.01
options = arguments(
    __doc__, images=dict(type=int, default=500), steps=dict(type=int, default=40))
case = each_alone(options, [f"{way}-{batch}" for way in ("torchattacks", "foolbox", "off")
                            for batch in (100, 500)])
way, batch = case.split("-")


def weights():
    """The state_dict of our model, if there is one."""
    for path in sorted((options.artifacts / "model").glob("*.safetensors")):
        data = path.open("rb").read(8)
        header = json.loads(path.open("rb").read(8 + struct.unpack("<Q", data)[0])[8:])
        if header.get("__metadata__", {}).get("architecture", "").startswith("madry"):
            return read_safetensors(path)[0]
    return None


torch.manual_seed(1)
model, state = Madry().eval(), weights()
if state:
    model.load_state_dict(state)
images, labels = mnist("t10k")
images, labels = images[: options.images].reshape(-1, 1, 28, 28), labels[: options.images]
with torch.no_grad():
    clean = int((model(images).argmax(1) == labels).sum())


def hand(x, y, steps):
    """Gradients for the pixels alone, buffers changed in place."""
    moved = (x + torch.empty_like(x).uniform_(-EPSILON, EPSILON)).clamp_(0, 1)
    low, high = (x - EPSILON).clamp_(min=0), (x + EPSILON).clamp_(max=1)
    for _ in range(steps):
        leaf = moved.detach().requires_grad_()
        loss = functional.cross_entropy(model(leaf), y, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, leaf)
        moved = torch.clamp(torch.add(moved, gradient.sign_(), alpha=STEP), low, high)
    return moved


def attack_with(steps):
    """A function of images and labels."""
    if way == "torchattacks":
        import torchattacks
        return torchattacks.PGD(model, eps=EPSILON, alpha=STEP, steps=steps, random_start=True)
    if way == "foolbox":
        import foolbox
        known = foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu")
        method = foolbox.attacks.LinfPGD(abs_stepsize=STEP, steps=steps, random_start=True)
        return lambda x, y: method(known, x, y, epsilons=EPSILON)[1]
    model.requires_grad_(False)
    return lambda x, y: hand(x, y, steps)


def run(attack):
    """How many images are still classified correctly."""
    kept = 0
    for x, y in zip(images.split(int(batch)), labels.split(int(batch))):
        moved = attack(x, y)
        with torch.no_grad():
            kept += int((model(moved).argmax(1) == y).sum())
    return kept


run(attack_with(2))
attack = attack_with(options.steps)
kept = []
measure(f"pgd-{case}", lambda: kept.append(run(attack)), options, warm=True, images=len(images),
        steps=options.steps, weights="artifacts" if state else "seeded", clean=clean)
