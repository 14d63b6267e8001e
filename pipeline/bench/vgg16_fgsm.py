"""Peer: the fast gradient sign attack on VGG16 at 224×224: forward, input gradient, forward.

Seeded weights (He), pixels in [0, 1], normalisation inside the network. Cases, each a process of
its own for its peak memory:
    off-<batch>-<format>   parameters take no gradients
    torchattacks-<batch>-<format>   torchattacks.FGSM on the network as it comes"""

import torch
from torch.nn import functional

from networks import vgg16
from peer import arguments, each_alone, measure

EPSILON = 0.02
FORMATS = {"default": torch.contiguous_format, "channels_last": torch.channels_last}
options = arguments(__doc__)
cases = [f"{way}-{batch}-{form}" for batch in (1, 8) for way in ("off", "torchattacks")
         for form in FORMATS]
case = each_alone(options, cases)
way, batch, form = case.split("-")

torch.manual_seed(1)
model = vgg16().to(memory_format=FORMATS[form]).eval()
images = torch.rand(int(batch), 3, 224, 224).contiguous(memory_format=FORMATS[form])
with torch.no_grad():
    labels = model(images).argmax(1)
if way == "off":
    model.requires_grad_(False)
else:
    import torchattacks
    attack = torchattacks.FGSM(model, eps=EPSILON)


def work():
    """How many images keep their class."""
    if way == "torchattacks":
        moved = attack(images, labels)
    else:
        x = images.detach().clone().requires_grad_()
        loss = functional.cross_entropy(model(x), labels, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, x)
        moved = torch.add(images, gradient.sign_(), alpha=EPSILON).clamp_(0, 1)
    with torch.no_grad():
        return int((model(moved).argmax(1) == labels).sum())


measure(f"vgg16-fgsm-{case}", work, options, batch=int(batch), kept=work())
