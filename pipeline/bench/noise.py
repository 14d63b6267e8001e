"""Peer: method 1 with L2 regularisation on 5,000 images, batched, the finished ones leaving.

    minimise over r   CE(f(clamp(x + r, 0, 1)), target) + mean r²,   r <- r - 0.008 · gradient

from r = 0, until the target is predicted or 1,000 steps are done; images that the network gets
wrong from the start are left out. Gradients are taken for r alone. Targets are those of our
artifact attack/noise-l2.safetensors where it is there, so that both sides do the same work;
otherwise random other classes.

Three ways of writing it are offered, and the fastest is the fair peer:
    whole    all images at once; the finished leave when an eighth of the batch is done
    window   a window of a few hundred, kept full by taking in new images as others finish:
             its tensors stay in the cache
    manual   as window, the network's backward pass written by hand: no autograd
(torch.compile on the last one gained nothing: the products dominate.)
"""

import numpy
import torch
from torch.nn import functional

from peer import arguments, classes_of, measure, read_safetensors, victim

RATE, LIMIT = 0.008, 1000

options = arguments(
    __doc__,
    train=dict(action="store_true", help="attack a network trained here"),
    ways=dict(nargs="+", default=["whole", "window-1000", "manual-500"],
              help="which ways to time, with the window after a dash"),
    images=dict(type=int, default=5000, help="only so many images"),
)
model, images, labels, origin = victim(options)
stored = options.artifacts / "attack/noise-l2.safetensors"
if origin == "artifacts" and stored.exists():
    attack, _ = read_safetensors(stored)
    targets, eligible = attack["target"], attack["eligible"].bool()
else:
    random = numpy.random.default_rng(1)
    others = torch.from_numpy(random.integers(1, 10, len(labels)))
    targets, eligible = (labels + others) % 10, classes_of(model, images) == labels
images, targets = images[eligible][: options.images], targets[eligible][: options.images]
weights = [(layer.weight, layer.bias) for layer in (model.fc1, model.fc2, model.fc3)]


def autograd_step(x, r, y, target):
    """One look at y = clamp(x + r): the predicted classes, and the gradient of the loss for r."""
    leaf = r.detach().requires_grad_()
    logits = model(torch.clamp(x + leaf, 0, 1))
    # Means over the pixels of each image, sums over images: an image's step does not depend on
    # who else is in the batch.
    loss = functional.cross_entropy(logits, target, reduction="sum") + leaf.square().sum() / 784
    (gradient,) = torch.autograd.grad(loss, leaf)
    return logits.detach().argmax(1), gradient


def manual_step(x, r, y, target):
    """The same by hand. `y` is scratch of the shape of x."""
    torch.add(x, r, out=y)
    inside = y.ge(0).logical_and_(y.le(1))
    y.clamp_(0, 1)
    (w1, b1), (w2, b2), (w3, b3) = weights
    h1 = torch.addmm(b1, y, w1.t()).relu_()
    h2 = torch.addmm(b2, h1, w2.t()).relu_()
    logits = torch.addmm(b3, h2, w3.t())
    flow = logits.softmax(1)
    flow[torch.arange(len(target)), target] -= 1
    flow = torch.mm(flow, w3).mul_(h2 > 0)
    flow = torch.mm(flow, w2).mul_(h1 > 0)
    gradient = torch.mm(flow, w1).mul_(inside).add_(r, alpha=2 / 784)
    return logits.argmax(1), gradient


def whole():
    x, target, place = images, targets, torch.arange(len(images))
    noise = torch.zeros_like(images)
    steps = torch.full((len(images),), LIMIT)
    found = torch.zeros(len(images), dtype=torch.bool)
    r, done = torch.zeros_like(x), torch.zeros(len(x), dtype=torch.bool)
    for step in range(LIMIT + 1):
        answers, gradient = autograd_step(x, r, None, target)
        new = (answers == target) & ~done
        if new.any():
            rows = new.nonzero().squeeze(1)
            noise[place[rows]] = r[rows]
            steps[place[rows]], found[place[rows]] = step, True
            done |= new
            if 8 * int(done.sum()) >= len(done):
                keep = (~done).nonzero().squeeze(1)
                x, r, target, place, gradient = (
                    t.index_select(0, keep) for t in (x, r, target, place, gradient))
                done = done[keep]
                if not len(keep):
                    break
        if step < LIMIT:
            r.sub_(gradient, alpha=RATE)
    left = (~done).nonzero().squeeze(1)
    noise[place[left]] = r[left]
    return noise, steps, found


def window(size, one_step):
    count = len(images)
    noise = torch.zeros_like(images)
    steps = torch.full((count,), LIMIT)
    found = torch.zeros(count, dtype=torch.bool)
    place = torch.arange(min(size, count))
    x, target = images[place].clone(), targets[place].clone()
    r, y, age = torch.zeros_like(x), torch.empty_like(x), torch.zeros(len(x), dtype=torch.int64)
    following = len(place)
    while len(place):
        answers, gradient = one_step(x, r, y[: len(x)], target)
        hit = answers == target
        finished = hit | (age == LIMIT)
        if not finished.any():
            r.sub_(gradient, alpha=RATE)
            age += 1
            continue
        rows = finished.nonzero().squeeze(1)
        noise[place[rows]], steps[place[rows]], found[place[rows]] = r[rows], age[rows], hit[rows]
        r.sub_(gradient, alpha=RATE)
        age += 1
        fresh = torch.arange(following, min(following + len(rows), count))
        following += len(fresh)
        into, gaps = rows[: len(fresh)], rows[len(fresh) :]
        x[into], target[into], place[into] = images[fresh], targets[fresh], fresh
        r[into], age[into] = 0, 0
        if len(gaps):
            stays = torch.ones(len(place), dtype=torch.bool)
            stays[gaps] = False
            keep = stays.nonzero().squeeze(1)
            x, r, target, place, age = (t.index_select(0, keep) for t in (x, r, target, place, age))
    return noise, steps, found


def run(way):
    kind, _, size = way.partition("-")
    if kind == "whole":
        return whole()
    step = {"window": autograd_step, "manual": manual_step}[kind]
    if kind == "manual":
        with torch.no_grad():
            return window(int(size), step)
    return window(int(size), step)


for way in options.ways:
    noise, steps, found = run(way)  # warms up, too
    change = torch.clamp(images + noise, 0, 1) - images
    measure(f"noise-l2-{way}", lambda: run(way), options, warm=True,
            images=len(images), weights=origin, found=int(found.sum()), mean_steps=float(steps.double().mean()),
            mean_abs=float(change.abs().double().mean()),
            mean_l2=float(change[found].double().norm(dim=1).mean()))
