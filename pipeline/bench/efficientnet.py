"""Peer: EfficientNet-Lite0 at 224×224, forward and input gradient, evaluation mode, parameter
gradients off. Cases: plain or with batch normalisations folded into the convolutions, batch 1 or 8,
either memory format; the fastest for each batch counts."""

import torch
from torch.nn import functional

from networks import efficientnet_lite0, fold_batch_norms
from peer import arguments, each_alone, measure

FORMATS = {"default": torch.contiguous_format, "channels_last": torch.channels_last}
options = arguments(__doc__)
case = each_alone(options, [f"{way}-{batch}-{form}" for batch in (1, 8)
                            for way in ("plain", "folded") for form in FORMATS])
way, batch, form = case.split("-")

torch.manual_seed(1)
model = efficientnet_lite0().requires_grad_(False)
images = torch.rand(int(batch), 3, 224, 224)
with torch.no_grad():
    expected = model(images)
    if way == "folded":
        fold_batch_norms(model)
        assert torch.allclose(model(images), expected, atol=1e-3), "folding changed the answers"
model = model.requires_grad_(False).to(memory_format=FORMATS[form]).eval()
images = images.contiguous(memory_format=FORMATS[form])
labels = expected.argmax(1)


def work():
    x = images.detach().clone().requires_grad_()
    loss = functional.cross_entropy(model(x), labels, reduction="sum")
    return torch.autograd.grad(loss, x)[0]


measure(f"efficientnet-lite0-{case}", work, options, batch=int(batch))
