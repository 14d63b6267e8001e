"""What the peer benchmarks share: data, weights, timing and the line that each measure prints."""

import argparse
import gzip
import json
import math
import pathlib
import resource
import statistics
import struct
import subprocess
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

ROOT = pathlib.Path(__file__).resolve().parents[2]
DTYPES = {"F32": numpy.float32, "F64": numpy.float64, "I64": numpy.int64, "I32": numpy.int32,
          "U8": numpy.uint8, "BOOL": numpy.bool_}


def peak_memory():
    """The most memory that this process has held, in bytes: VmHWM, where there is one."""
    try:
        for line in pathlib.Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    except OSError:
        pass
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else 1024 * used


def forget_peak():
    """Starts VmHWM anew at what is held now, where the system can, so that it tells of the work and
    what stays in memory beside it, not of how the network was made."""
    try:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def each_alone(options, cases):
    """The case to measure in this process. With `--case` that is it; otherwise every case runs in a
    process of its own, so that each has its own peak memory, and there is none left to do here."""
    if options.case:
        if options.case not in cases:
            sys.exit(f"{sys.argv[0]}: no case {options.case}; there are {', '.join(cases)}")
        return options.case
    for case in cases:
        if any(case.startswith(wanted) for wanted in options.cases or [""]):
            done = subprocess.run([sys.executable, *sys.argv, "--case", case])
            if done.returncode:
                sys.exit(done.returncode)
    sys.exit(0)


def arguments(description, **extra):
    """The options that all peers take; `extra` adds others as name=keywords of add_argument."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="one JSON line a measure, nothing else")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5, help="timed runs, after one to warm up")
    parser.add_argument("--artifacts", type=pathlib.Path, default=ROOT / "artifacts")
    parser.add_argument("--cases", nargs="+", help="only cases that begin like one of these")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    for name, keywords in extra.items():
        parser.add_argument("--" + name.replace("_", "-"), **keywords)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    return options


def measure(name, work, options, repeats=1, flops=None, warm=False, **facts):
    """Times `work` (called `repeats` times a run) and prints the seconds of one call: the best run,
    the median and every run. Unless all is warm, a first run is not counted."""
    forget_peak()
    for _ in range(0 if warm else repeats):
        work()
    runs = []
    for _ in range(options.runs):
        start = time.perf_counter()
        for _ in range(repeats):
            work()
        runs.append((time.perf_counter() - start) / repeats)
    report(name, runs, options, flops=flops, **facts)


def report(name, runs, options, flops=None, **facts):
    """Prints one measure."""
    line = {"name": name, "seconds": min(runs), "median": statistics.median(runs), "runs": runs,
            "threads": options.threads, "peer": f"torch {torch.__version__}",
            "peak_memory": peak_memory(), **facts}
    if flops:
        line["gflops"] = flops / min(runs) / 1e9
    if options.json:
        print(json.dumps(line), flush=True)
    else:
        extra = ", ".join(f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}"
                          for key, value in line.items() if key in facts or key == "gflops")
        print(f"{name}: best {min(runs):.6f} s, median {line['median']:.6f} s, peak "
              f"{line['peak_memory'] / 1e6:.0f} MB" + (f" ({extra})" if extra else ""), flush=True)


def read_safetensors(path):
    """Tensors by name, and the metadata, of a safetensors file."""
    data = pathlib.Path(path).read_bytes()
    (size,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = numpy.frombuffer(data, DTYPES[entry["dtype"]], offset=8 + size + begin,
                                  count=math.prod(entry["shape"]))
        assert values.nbytes == end - begin, f"{path}: {name} has {end - begin} bytes"
        tensors[name] = torch.from_numpy(values.reshape(entry["shape"]).copy())
    return tensors, metadata


def write_safetensors(path, tensors, metadata):
    """Writes float32 tensors by name, in the order of their names."""
    header, offset = {"__metadata__": metadata}, 0
    for name in sorted(tensors):
        size = tensors[name].numel() * 4
        header[name] = {"dtype": "F32", "shape": list(tensors[name].shape),
                        "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % 64)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in sorted(tensors):
            file.write(tensors[name].detach().contiguous().numpy().astype("<f4").tobytes())


def mnist(split):
    """Images [N, 784] in [0, 1] and labels [N] of "train" or "t10k"."""
    folder = ROOT / "data/mnist"
    images = gzip.decompress((folder / f"{split}-images-idx3-ubyte.gz").read_bytes())
    labels = gzip.decompress((folder / f"{split}-labels-idx1-ubyte.gz").read_bytes())
    count = struct.unpack_from(">I", images, 4)[0]
    pixels = numpy.frombuffer(images, numpy.uint8, offset=16).reshape(count, 784)
    answers = numpy.frombuffer(labels, numpy.uint8, offset=8)
    return (torch.from_numpy(pixels.astype(numpy.float32)) / 255,
            torch.from_numpy(answers.astype(numpy.int64)))


class MLP(nn.Module):
    """784-300-100-10, ReLU, with the parameter names of our model artifacts."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 300)
        self.fc2 = nn.Linear(300, 100)
        self.fc3 = nn.Linear(100, 10)

    def forward(self, x):
        return self.fc3(functional.relu(self.fc2(functional.relu(self.fc1(x)))))


def run_epoch(model, optimizer, images, labels, batch=256):
    """One epoch over data in memory, shuffled by randperm and index_select."""
    order = torch.randperm(len(images))
    for places in order.split(batch):
        loss = functional.cross_entropy(model(images.index_select(0, places)),
                                        labels.index_select(0, places))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()


def optimizer_of(model, rate):
    """SGD as in our config; `fused` updates all parameters in one native loop."""
    return torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9, weight_decay=1e-4, fused=True)


def classes_of(model, images):
    """Predicted classes."""
    with torch.no_grad():
        return model(images).argmax(1)


def victim(options):
    """The network to attack, its sample of images and labels: from our artifacts if they are
    there. With --train (or without artifacts) a network trained here for ten epochs at learning
    rate 0.1, and 5,000 test images drawn here: fine for a trial, not the same work as ours."""
    model = MLP()
    weights = options.artifacts / "model/mlp.safetensors"
    sample = options.artifacts / "sample/5k.safetensors"
    if not options.train and weights.exists() and sample.exists():
        model.load_state_dict(read_safetensors(weights)[0])
        tensors, _ = read_safetensors(sample)
        images, labels = tensors["images"].reshape(-1, 784), tensors["labels"]
        origin = "artifacts"
    else:
        torch.manual_seed(1)
        model = MLP()
        train = mnist("train")
        optimizer = optimizer_of(model, 0.1)
        for _ in range(10):
            run_epoch(model, optimizer, *train)
        images, labels = mnist("t10k")
        places = torch.randperm(len(images))[:5000]
        images, labels = images[places], labels[places]
        origin = "trained here"
        print(f"{sys.argv[0]}: attacking a network trained here, not our artifacts",
              file=sys.stderr)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    return model, images, labels, origin
