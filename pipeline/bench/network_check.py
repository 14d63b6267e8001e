"""Logits and pixel gradients of our networks against PyTorch's, on the same weights and images.

    bench --network-outputs FOLDER && network_check.py FOLDER

For every architecture FOLDER holds <name>.weights.safetensors, a state_dict that must load without
renaming, and <name>.outputs.safetensors: images, direction (a logit gradient v), logits, and
gradient (v times the Jacobian, at the pixels).

What is right? Both sides round, in another order, so neither is the measure of the other. PyTorch
evaluates the same network in float64 as well; that is the truth (its own error is 2^-29 of float32's),
and an error is relative to the largest true logit of an image, or to the norm of its true gradient.
Ours must not be larger than FACTOR (4) times PyTorch's own float32 error, nor need it be below
FLOOR, one rounding of float32: chains of n roundings err by about sqrt(n) ulp in either
order, so equal care gives a ratio near 1, and 4 leaves room for the luck of a few images. We compare
medians over the images, because one unit whose input is within rounding of 0 switches its ReLU (or
a maximum its place) and moves a whole gradient by far more than rounding; such an image is rare on
either side, and the worst one is held to WORST, which any mistake in a layer breaks.

Prints a table; exits 1 when anything misses, or a file or a name is missing."""

import argparse
import pathlib
import sys

import torch

from networks import ARCHITECTURES, LEFT_OUT
from peer import read_safetensors

FACTOR, FLOOR, WORST = 4.0, 2.0**-24, 2e-2


def evaluate(network, images, direction):
    """Logits, and direction times the Jacobian."""
    x = images.detach().clone().requires_grad_()
    logits = network(x)
    (gradient,) = torch.autograd.grad(logits, x, direction)
    return logits.detach().double(), gradient.double()


def errors(found, truth, order):
    """For each image the norm of the error over the norm of the truth."""
    found, truth = found.double().flatten(1), truth.flatten(1)
    return (found - truth).norm(order, dim=1) / truth.norm(order, dim=1).clamp_min(1e-300)


def load(network, path):
    """Gives the network our weights; only counts of batches, which we have not, may be missing."""
    state, _ = read_safetensors(path)
    target = getattr(network, "network", network)
    missing, unexpected = target.load_state_dict(state, strict=False)
    wrong = [name for name in missing if not name.endswith("num_batches_tracked")] + unexpected
    if wrong:
        raise ValueError(f"names that do not agree: {', '.join(wrong[:5])}")


def check(name, folder):
    """The rows of one architecture: what, our error, PyTorch's, the worst of ours, whether well."""
    network = ARCHITECTURES[name]().eval().requires_grad_(False)
    load(network, folder / f"{name}.weights.safetensors")
    ours, _ = read_safetensors(folder / f"{name}.outputs.safetensors")
    single = evaluate(network, ours["images"], ours["direction"])
    truth = evaluate(network.double(), ours["images"].double(), ours["direction"].double())
    for what, order, place in (("logits", float("inf"), 0), ("gradient", 2, 1)):
        mine = errors(ours[what], truth[place], order)
        theirs = errors(single[place], truth[place], order)
        median, other, worst = (float(e) for e in (mine.median(), theirs.median(), mine.max()))
        yield what, median, other, worst, median <= FACTOR * max(other, FLOOR) and worst <= WORST


parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--only", nargs="+", help="only these architectures")
options = parser.parse_args()
torch.set_num_threads(2)

written = {path.name.removesuffix(".outputs.safetensors")
           for path in options.folder.glob("*.outputs.safetensors")}
unknown = written - ARCHITECTURES.keys() - set(LEFT_OUT)
isWell = not unknown
for name in sorted(unknown):
    print(f"{name}: we have no PyTorch version of it here")
print(f"{'network':22} {'what':9} {'our error':>10} {'PyTorch':>10} {'ratio':>6} {'worst':>9}")
for name in options.only or ARCHITECTURES:
    try:
        for what, mine, theirs, worst, well in check(name, options.folder):
            ratio = mine / theirs if theirs else float("inf")
            print(f"{name:22} {what:9} {mine:10.2e} {theirs:10.2e} {ratio:6.2f} {worst:9.1e}"
                  + ("" if well else "  MISSED"), flush=True)
            isWell = isWell and well
    except (OSError, ValueError, RuntimeError, KeyError) as fault:
        print(f"{name:22} FAILED: {fault}", flush=True)
        isWell = False
sys.exit(0 if isWell else 1)
