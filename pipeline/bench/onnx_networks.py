"""Networks from ONNX files, forward and pixel gradient: ours beside PyTorch and (forward) onnxruntime.

    swift build -c release --product bench
    "$(pipeline/bench/venv.sh)" pipeline/bench/onnx_networks.py [file or folder …] [--batches 1 8]

EfficientNet-Lite1 and -Lite2 with their published weights are exported here; files and folders of
further networks (Conv, Gemm, Relu, Add, Flatten, such as the ResNets of VNN-COMP 2021) are built of
PyTorch's own operations. PyTorch runs in evaluation mode without parameter gradients, as it comes and,
for the EfficientNets, with normalisations folded, in either memory format; the fastest counts. All
three sides are timed in turn, two threads each, and must agree first. Prints a line a measure, and
(--markdown) a row of the table in README.md; says what the machine did beside it."""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional

from networks import efficientnet_lite, fold_batch_norms
from peer import ROOT, write_safetensors

FORMATS = {"": torch.contiguous_format, " channels_last": torch.channels_last}


class Graph(nn.Module):
    """An ONNX graph of plain operators, by PyTorch's functions."""

    def __init__(self, model):
        super().__init__()
        self.nodes = model.graph.node
        self.weights = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy())
                        for t in model.graph.initializer}
        inputs = [v.name for v in model.graph.input if v.name not in self.weights]
        self.input, self.output = inputs[0], model.graph.output[0].name

    def forward(self, x):
        values = dict(self.weights)
        values[self.input] = x
        for node in self.nodes:
            read = [values[name] for name in node.input if name]
            set_ = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            if node.op_type == "Conv":
                top, left, bottom, right = set_.get("pads", [0, 0, 0, 0])
                x, padding = read[0], (top, left)
                if (top, left) != (bottom, right):
                    x, padding = functional.pad(x, (left, right, top, bottom)), 0
                y = functional.conv2d(x, *read[1:], stride=set_.get("strides", [1, 1]),
                                      padding=padding, groups=set_.get("group", 1))
            elif node.op_type == "Gemm":
                weight = read[1] if set_.get("transB") else read[1].T
                y = functional.linear(read[0], weight, *read[2:])
            elif node.op_type == "Relu":
                y = functional.relu(read[0])
            elif node.op_type == "Add":
                y = read[0] + read[1]
            elif node.op_type == "Flatten":
                y = read[0].flatten(set_.get("axis", 1))
            else:
                sys.exit(f"onnx_networks.py: no {node.op_type} here")
            values[node.output[0]] = y
        return values[self.output]


def exported(network, images, path):
    """Writes a network as an ONNX file with an open batch."""
    torch.onnx.export(network, images[:1], path, dynamo=False, opset_version=17,
                      input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "N"}})


def best(work, runs):
    """The seconds of the fastest of several runs, after one to warm up."""
    work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds), statistics.median(seconds)


def measure(name, path, ways, images, options):
    """Times the three sides in turn and prints what came out."""
    threads = onnxruntime.SessionOptions()
    threads.intra_op_num_threads = options.threads
    session = onnxruntime.InferenceSession(path, threads, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0].name
    with torch.no_grad():
        expected = ways[""](images)
    answer = session.run(None, {entry: images.numpy()})[0]
    assert numpy.allclose(answer, expected, atol=1e-3), "onnxruntime and PyTorch do not agree"
    with tempfile.TemporaryDirectory() as folder:
        inputs = f"{folder}/inputs.safetensors"
        write_safetensors(inputs, {"images": images}, {})
        outputs = f"{folder}/outputs.safetensors"
        subprocess.run([options.bench, "--onnx", path, inputs, outputs], check=True)
        found = numpy.frombuffer(pathlib.Path(outputs).read_bytes()[-4 * expected.numel():], "<f4")
        assert numpy.allclose(found, expected.flatten(), atol=1e-3), "ours does not agree"
        ours, theirs, runtime = {}, {}, []
        for _ in range(options.rounds):
            done = subprocess.run([options.bench, "--onnx-times", path, inputs, str(options.runs)],
                                  check=True, capture_output=True, text=True)
            for line in done.stdout.splitlines():
                fact = json.loads(line)
                ours.setdefault(fact["name"], []).append(fact["seconds"])
            for way, network in ways.items():
                for form, memory in FORMATS.items():
                    placed = network.to(memory_format=memory)
                    x = images.contiguous(memory_format=memory)

                    def forward():
                        with torch.no_grad():
                            placed(x)

                    def gradient():
                        pixels = x.detach().clone().requires_grad_()
                        torch.autograd.grad(placed(pixels).sum(), pixels)

                    for kind, work in (("forward", forward), ("gradient", gradient)):
                        theirs.setdefault(kind, {}).setdefault(way + form, []).append(
                            best(work, options.runs)[0])
            feed = {entry: images.numpy()}
            runtime.append(best(lambda: session.run(None, feed), options.runs)[0])
    for kind in ("forward", "gradient"):
        way, seconds = min(((w, min(s)) for w, s in theirs[kind].items()), key=lambda p: p[1])
        plain = min(min(s) for w, s in theirs[kind].items() if not w.startswith("folded"))
        mine = min(ours[kind])
        line = {"name": f"{name}-{kind}", "seconds": mine, "torch": plain, "torch_fastest": seconds,
                "way": way.strip() or "default", "threads": options.threads,
                "load": os.getloadavg()[0]}
        if kind == "forward":
            line["onnxruntime"] = min(runtime)
        if options.markdown:
            third = f"{1e3 * min(runtime):.1f} ms" if kind == "forward" else ""
            print(f"| {name}, {kind} | {1e3 * mine:.1f} ms | {1e3 * plain:.1f} ms; "
                  f"{1e3 * seconds:.1f} ms ({line['way']}) | {third} | {plain / mine:.2f}×; "
                  f"{seconds / mine:.2f}× |", flush=True)
        else:
            print(json.dumps(line), flush=True)


parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("files", nargs="*", type=pathlib.Path)
parser.add_argument("--bench", default=str(ROOT / ".build/release/bench"))
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--runs", type=int, default=5)
parser.add_argument("--rounds", type=int, default=2, help="how often the sides take turns")
parser.add_argument("--batches", type=int, nargs="+", default=[1, 8])
parser.add_argument("--lite", type=int, nargs="*", default=[1, 2], help="which EfficientNets")
parser.add_argument("--markdown", action="store_true")
options = parser.parse_args()
torch.set_num_threads(options.threads)
onnxruntime.set_default_logger_severity(3)
torch.manual_seed(1)

with tempfile.TemporaryDirectory() as here:
    for size in options.lite:
        network, side = efficientnet_lite(size)
        network.requires_grad_(False)
        path = f"{here}/lite{size}.onnx"
        exported(network, torch.rand(1, 3, side, side), path)
        folded, _ = efficientnet_lite(size)
        with torch.no_grad():
            fold_batch_norms(folded)
        ways = {"": network, "folded": folded.requires_grad_(False).eval()}
        for batch in options.batches:
            images = torch.rand(batch, 3, side, side)
            measure(f"efficientnet-lite{size}-{batch}", path, ways, images, options)
for place in options.files:
    for path in sorted(place.rglob("*.onnx")) if place.is_dir() else [place]:
        model = onnx.load(path)
        network = Graph(model)
        sizes = [d.dim_value for v in model.graph.input if v.name == network.input
                 for d in v.type.tensor_type.shape.dim]
        with tempfile.TemporaryDirectory() as here:
            # One image a file: opened, so that all sides may take several.
            for value in [*model.graph.input, *model.graph.output]:
                if value.name in (network.input, network.output):
                    value.type.tensor_type.shape.dim[0].dim_param = "N"
            onnx.save(model, f"{here}/open.onnx")
            for batch in options.batches:
                images = torch.rand(batch, *sizes[1:])
                measure(f"{path.stem}-{batch}", f"{here}/open.onnx", {"": network}, images, options)
