"""Weights travel both ways between our artifacts and PyTorch, without renaming.

Reads artifacts/model/mlp.safetensors with load_state_dict and checks against our records:
  - the number of correctly classified test images equals that of the learning curve file;
  - class and confidence of every clean sample in attack/fgsm.safetensors agree: equal classes,
    confidences within 1e-4 absolute (float sums in another order; observed about 1e-6);
  - with --logits FILE (safetensors, `logits` [N, 10] of the first N test images), logits agree
    within 1e-4 of the largest absolute logit.
With --write FOLDER, stores what our side can check in turn: torch-mlp.safetensors, the state_dict
of a network trained here for one epoch, and torch-logits.safetensors, its `logits` for the test
images. Prints one JSON line; exits 1 if anything disagrees.
"""

import json
import pathlib
import sys

import torch

from peer import (MLP, arguments, mnist, optimizer_of, read_safetensors, run_epoch,
                  write_safetensors)

TOLERANCE = 1e-4
options = arguments(
    __doc__,
    write=dict(type=pathlib.Path, metavar="FOLDER", help="also store a network trained here"),
    logits=dict(type=pathlib.Path, metavar="FILE", help="our logits, to compare with"),
)
images, labels = mnist("t10k")
result, faults = {"name": "load-check", "tolerance": TOLERANCE}, []


def logits_of(model, x):
    with torch.no_grad():
        return model(x.reshape(len(x), 784))


def compare(what, found, expected):
    result[what] = found
    if found != expected:
        faults.append(f"{what}: {found} in PyTorch, {expected} in our record")


def compare_closely(what, ours, theirs, scale=1.0):
    difference = float((ours.double() - theirs.double()).abs().max()) / scale
    result[what] = difference
    if not difference <= TOLERANCE:
        faults.append(f"{what}: {difference} is over {TOLERANCE}")


def read_ours():
    path = options.artifacts / "model/mlp.safetensors"
    if not path.exists():
        faults.append(f"{path} is missing: run `make train-mlp` first")
        return
    model = MLP()
    model.load_state_dict(read_safetensors(path)[0], strict=True)
    logits = logits_of(model, images)
    curve = json.loads((options.artifacts / "model/mlp.curve.json").read_text())
    compare("correct", int((logits.argmax(1) == labels).sum()), curve["test"]["correct"])

    attacked = options.artifacts / "attack/fgsm.safetensors"
    if attacked.exists():
        attack, _ = read_safetensors(attacked)
        probabilities = logits_of(model, images[attack["index"]]).softmax(1)
        confidence, classes = probabilities.max(1)
        different = int((classes != attack["clean_class"]).sum())
        compare("samples_of_other_class", different, 0)
        compare_closely("confidence_difference", attack["clean_confidence"], confidence)
    if options.logits:
        ours = read_safetensors(options.logits)[0]["logits"]
        theirs = logits[: len(ours)]
        compare_closely("logits_difference", ours, theirs, float(theirs.abs().max()))


def write_theirs(folder):
    torch.manual_seed(1)
    model = MLP()
    run_epoch(model, optimizer_of(model, 0.1), *mnist("train"))
    logits = logits_of(model, images)
    metadata = {"schema": "mirage.model", "version": "1", "architecture": "mlp-784-300-100-10",
                "dataset": "mnist", "classes": json.dumps([str(c) for c in range(10)])}
    folder.mkdir(parents=True, exist_ok=True)
    write_safetensors(folder / "torch-mlp.safetensors", model.state_dict(), metadata)
    write_safetensors(folder / "torch-logits.safetensors", {"logits": logits}, {})
    result["written_correct"] = int((logits.argmax(1) == labels).sum())


read_ours()
if options.write:
    write_theirs(options.write)
print(json.dumps({**result, "peer": f"torch {torch.__version__}", "faults": faults}))
sys.exit(1 if faults else 0)
