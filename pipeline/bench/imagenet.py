"""The ImageNet experiment against PyTorch: the checkpoint as PyTorch reads it, on our pictures.

    make imagenet && imagenet.py                 what is in artifacts/
    imagenet.py --write FOLDER                   seeded VGG16 checkpoints in both of PyTorch's formats
    make imagenet MODEL=vgg16 WEIGHTS=FOLDER/vgg16-zip.pth ARTIFACTS=FOLDER/store
    imagenet.py --artifacts FOLDER/store --checkpoint FOLDER/vgg16-zip.pth

For the model and the sample of artifacts/ it compares, image by image:
  - the logits of prediction/imagenet/network.safetensors: their distance from PyTorch's in float64, as
    a share of an image's largest, is at most FACTOR (4) times that of PyTorch's float32 (medians over the
    images; never need it be below FLOOR, one rounding) and nowhere above WORST (1e-4): two orders of sums
    err alike, and 4 leaves room for the luck of twenty images;
  - the five likeliest classes of prediction/imagenet/network.json: the same classes in the same order
    wherever PyTorch's confidences differ by more than TOLERANCE, confidences within TOLERANCE;
  - the sign of the loss gradient at every pixel, read off our FGSM images (where clipping does not
    bite): equal to that of PyTorch's gradient in float64 wherever its size is above rounding;
  - how many images FGSM turns at each epsilon, by PyTorch's own FGSM and by ours as PyTorch sees it.

Confidences differ by rounding alone: some 60 layers of float32 sums in another order leave about
1e-6 of the largest logit (network_check.py measures that for each network), of which a confidence
changes by at most as much as the logits do: TOLERANCE is 1e-3 of a confidence of 1. A gradient is
another matter: one of millions of units whose input is within rounding of 0 (or of 6) switches, and
moves a patch of the gradient by far more than rounding. How much that is we ask PyTorch in float64:
its gradient at the image plus noise of NOISE (2^-20, a four thousandth of a grey level; what a few
hundred roundings come to), TRIALS times. Above the largest change of any entry no sign may differ.
Of all signs, those that differ from float64's are counted beside those of PyTorch's own float32, and
may be SHARE (1e-3) at most.

Prints a table; exits 1 when anything disagrees."""

import json
import pathlib
import sys

import torch

from networks import ARCHITECTURES, efficientnet_lite0, normalised_vgg16, torchvision_models, vgg16
from peer import arguments, read_safetensors

TOLERANCE, NOISE, TRIALS, SHARE = 1e-3, 2.0**-20, 8, 1e-3
FACTOR, FLOOR, WORST = 4, 2.0**-24, 1e-4
options = arguments(
    __doc__,
    write=dict(type=pathlib.Path, metavar="FOLDER", help="write seeded VGG16 checkpoints"),
    checkpoint=dict(type=pathlib.Path, metavar="FILE", help="the checkpoint the model came from"))


def write(folder):
    """A VGG16 with seeded weights, saved in both formats."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    state = vgg16().network.state_dict()
    for name, isZip in (("zip", True), ("legacy", False)):
        path = folder / f"vgg16-{name}.pth"
        torch.save(state, path, _use_new_zipfile_serialization=isZip)
        print(path)


def network_of(architecture):
    """PyTorch's network with the weights of the original file, not of ours."""
    if options.checkpoint:
        network = ARCHITECTURES[architecture]()
        state = torch.load(options.checkpoint, map_location="cpu", weights_only=True)
        network.network.load_state_dict(state)
    elif architecture == "efficientnet-lite0":
        network = efficientnet_lite0()
    else:
        sys.exit(f"{architecture}: name the file that its weights came from by --checkpoint")
    return network.eval().requires_grad_(False)


faults = []


def require(isWell, words):
    print(words + ("" if isWell else "  MISSED"), flush=True)
    if not isWell:
        faults.append(words)


def compare_logits(ours, logits, truth):
    """Both against float64, relative to the largest logit of an image."""
    largest = truth.abs().amax(1)
    mine, theirs = ((found.double() - truth).abs().amax(1) / largest for found in (ours, logits))
    median, other = float(mine.median()), float(theirs.median())
    require(median <= FACTOR * max(other, FLOOR) and float(mine.max()) <= WORST,
            f"logits: {median:.1e} from float64 (median), {float(mine.max()):.1e} (worst); "
            f"PyTorch's float32 {other:.1e}, {float(theirs.max()):.1e}")


def compare_predictions(logits, images):
    """Our five likeliest classes and their confidences."""
    truth = logits.softmax(1)
    worst, swapped = 0.0, 0
    for row, image in zip(truth, images):
        theirs = row.topk(len(image["top"]))
        for place, entry in enumerate(image["top"]):
            worst = max(worst, abs(entry["confidence"] - float(row[entry["class"]])))
            if entry["class"] != int(theirs.indices[place]):
                gap = abs(float(row[entry["class"]]) - float(theirs.values[place]))
                swapped += gap > TOLERANCE
    require(swapped == 0, f"five likeliest classes: {swapped} of {5 * len(images)} differ")
    require(worst <= TOLERANCE, f"confidences: at most {worst:.1e} apart (allowed {TOLERANCE})")


def loss_gradient(network, images, labels):
    """Of the cross-entropy, image by image, so that memory stays small."""
    rows = []
    for image, label in zip(images, labels):
        x = image[None].clone().requires_grad_()
        loss = torch.nn.functional.cross_entropy(network(x), label[None])
        rows.append(torch.autograd.grad(loss, x)[0])
    return torch.cat(rows)


def answers(network, images):
    with torch.no_grad():
        return torch.cat([network(image[None]).argmax(1) for image in images])


def rounding_of(network, images, labels, truth):
    """For each image the most that noise of the size of rounding changes in its gradient."""
    torch.manual_seed(0)
    most = torch.zeros(len(images), dtype=torch.float64)
    for _ in range(TRIALS):
        noise = NOISE * torch.randn(images.shape, dtype=torch.float64)
        moved = loss_gradient(network.double(), images.double() + noise, labels)
        most = torch.maximum(most, (moved - truth).abs().flatten(1).amax(1))
    network.float()
    return most


def compare_fgsm(network, images, path):
    """Signs of the gradient, and what FGSM comes to on either side."""
    record, metadata = read_safetensors(path)
    labels, eligible = record["label"], record["eligible"].bool()
    gradient = loss_gradient(network, images, labels)
    truth = loss_gradient(network.double(), images.double(), labels)
    sure = truth.abs() > rounding_of(network, images, labels, truth).view(-1, 1, 1, 1)
    for place, epsilon in enumerate(json.loads(metadata["epsilons"])):
        success = record["success"][place].bool()
        ours, theirs = record["adversarial"][place], (images + epsilon * gradient.sign()).clamp(0, 1)
        if place == 0:
            moved = (images + epsilon).le(1) & (images - epsilon).ge(0) & sure
            moved &= success.view(-1, 1, 1, 1)
            wrong = ((ours - images).sign() != truth.sign()) & moved
            everywhere = (images + epsilon).le(1) & (images - epsilon).ge(0)
            everywhere &= success.view(-1, 1, 1, 1)
            unequal = [int(((signs != truth.sign()) & everywhere).sum())
                       for signs in ((ours - images).sign(), gradient.sign())]
            require(unequal[0] <= SHARE * int(everywhere.sum()),
                    f"signs that differ from float64's, of all {int(everywhere.sum())}: ours "
                    f"{unequal[0]}, PyTorch's float32 {unequal[1]}")
            require(moved.any() and not wrong.any(), f"signs of the gradient: {int(wrong.sum())} of "
                    f"{int(moved.sum())} above rounding differ "
                    f"({int(moved.sum()) / max(1, int(success.sum()) * images[0].numel()):.0%} of all)")
        left = int((answers(network, theirs) == labels)[eligible].sum())
        seen = int((answers(network, ours) != labels)[success].sum())
        require(abs(left - int((eligible & ~success).sum())) <= 1 and seen == int(success.sum()),
                f"FGSM {255 * epsilon:g}/255: left right {left} by PyTorch's, "
                f"{int((eligible & ~success).sum())} by ours; PyTorch confirms {seen} of "
                f"{int(success.sum())} of our successes")


if options.write:
    write(options.write)
    sys.exit()
torch.set_num_threads(options.threads)
artifacts = options.artifacts
prediction = json.loads((artifacts / "prediction/imagenet/network.json").read_text())
images = read_safetensors(artifacts / prediction["sample"])[0]["images"]
network = network_of(prediction["architecture"])
print(f"{prediction['architecture']}, {len(images)} images, torch {torch.__version__}")
with torch.no_grad():
    logits = torch.cat([network(image[None]) for image in images])
    truth = torch.cat([network.double()(image[None].double()) for image in images])
    network.float()
ours = read_safetensors(artifacts / "prediction/imagenet/network.safetensors")[0]["logits"]
compare_logits(ours, logits, truth)
compare_predictions(logits, prediction["images"])
compare_fgsm(network, images, artifacts / "attack/imagenet/fgsm.safetensors")
sys.exit(1 if faults else 0)
