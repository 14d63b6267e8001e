"""Logits of ONNX files, ours beside onnxruntime's, in one run.

    python3 -m venv .build-bench/onnx && .build-bench/onnx/bin/pip install numpy onnx==1.23.2 onnxruntime==1.30.0
    swift build --product bench
    .build-bench/onnx/bin/python pipeline/checks/onnx.py [--bench .build/debug/bench] [file or folder …]

Files named, folders searched for *.onnx, and the backend tests in the wheel `onnx` (--wheel
pytorch-converted pytorch-operator light; --wheel alone: none of them).

Both sides round, in another order, so neither is the measure of the other. onnx's own reference
evaluates the same graph in float64; that is the truth. Ours is equal if its distance from that (root
mean square over all logits) is at most FACTOR (3) times that of onnxruntime's floats, or FLOOR, one
rounding of the largest logit. Farther, but within what its sums cost is a result of its own, "long
sums": we add all K terms of a product one after the other, so that K roundings enter where onnxruntime
adds partial sums of a few hundred terms. K roundings of sums that grow from 0 come to u·√(K / 6) of
the result, u = 2^-24; over all products of the graph, u·√(ΣK / 6) of a logit (root mean square).

Our pixel gradient, in a random direction, is compared with central differences of the same float64
graph. A last Softmax (or Sigmoid of one number) is cut from the graph, as our import does; one logit
z is compared as (0, z). Of several inputs the first is the image; the others are held at the numbers
of the test's own data set.

Prints a line a file: equal (with both distances, relative to the largest logit), long sums, refused
(by name, exit 65 of `bench`), or WRONG. Exits 1 when any is wrong or ends in another way."""

import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

sys.path = sys.path[1:]  # this folder, in which `onnx` is this file

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
import onnx.version_converter
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

FACTOR, FLOOR, GRADIENT = 3.0, 2.0**-24, 1e-3
FLOATS = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16}
ROOT = pathlib.Path(__file__).resolve().parents[2]


def write_safetensors(path, tensors):
    """Writes float32 arrays by name."""
    header, offset = {}, 0
    for name, array in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(array.shape),
                        "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header).encode()
    data = b"".join(np.ascontiguousarray(a, dtype="<f4").tobytes() for a in tensors.values())
    pathlib.Path(path).write_bytes(len(text).to_bytes(8, "little") + text + data)


def read_safetensors(path):
    """Float32 arrays by name, and the metadata."""
    data = pathlib.Path(path).read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    metadata = header.pop("__metadata__", {})
    return {name: np.frombuffer(data[start + e["data_offsets"][0]: start + e["data_offsets"][1]],
                                dtype="<f4").reshape(e["shape"])
            for name, e in header.items()}, metadata


def real_inputs(graph):
    """The inputs that are no weights."""
    weights = {tensor.name for tensor in graph.initializer}
    return [value for value in graph.input if value.name not in weights]


def shape_of(value, size):
    """The axes of an input; open sizes are `size` (rows, columns), an open batch is 2."""
    axes = [d.dim_value for d in value.type.tensor_type.shape.dim]
    return [a if a > 0 else 2 if i == 0 else size[i == len(axes) - 1] for i, a in enumerate(axes)]


def roles(graph):
    """For every name the operators that read it and as which input, through changes of its shape."""
    readers = collections.defaultdict(list)
    for node in reversed(graph.node):
        for place, name in enumerate(node.input):
            through = node.op_type in ("Unsqueeze", "Reshape", "Identity") and place == 0
            readers[name] += readers[node.output[0]] if through else [(node, place)]
    return readers


def fan_in(node, shape):
    """How many terms a product with a weight of this shape adds."""
    attributes = {a.name: a.i for a in node.attribute}
    is_left = node.op_type == "MatMul" or node.op_type == "Gemm" and not attributes.get("transB")
    return int(np.prod(shape[:1] if is_left else shape[1:]))


def with_weights(model):
    """The model with random numbers for weights that a ConstantOfShape fills with one number, as the
    `light` models have them: with those no exchange of channels would show, and all terms of a sum
    have one sign. As a network's: weights uniform with mean 0 and variance 2 / fan-in (He et al.
    2015), biases and means within ±0.1, scales and variances from 0.5 to 1.5. Whether there were any."""
    random = np.random.default_rng(11)
    shapes = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    fills = [n for n in model.graph.node
             if n.op_type == "ConstantOfShape" and n.input[0] in shapes]
    readers = roles(model.graph)
    for node in fills:
        shape = tuple(int(size) for size in shapes[node.input[0]])
        reader, place = (readers[node.output[0]] or [(node, 0)])[0]
        if len(shape) > 1:
            bound = (6 / fan_in(reader, shape)) ** 0.5
        else:
            bound = 0.1
        is_scale = reader.op_type in ("Mul", "Div") or (
            reader.op_type == "BatchNormalization" and place in (1, 4))
        values = (random.uniform(0.5, 1.5, shape) if is_scale
                  else random.uniform(-bound, bound, shape))
        model.graph.initializer.append(
            numpy_helper.from_array(values.astype(np.float32), node.output[0]))
        model.graph.node.remove(node)
    return bool(fills)


def cost_of_sums(graph):
    """√(ΣK / 6) over the products of a graph, K the terms of one."""
    shapes = {t.name: list(t.dims) for t in graph.initializer}
    terms = sum(fan_in(node, shapes[node.input[1]]) for node in graph.node
                if node.op_type in ("Conv", "Gemm", "MatMul") and node.input[1] in shapes)
    return (terms / 6) ** 0.5


def held_inputs(path, graph, ends):
    """The numbers of all inputs but the first, from the data set beside the file; None where there is
    none."""
    held = {}
    for index, value in enumerate(ends[1:], 1):
        tensor = pathlib.Path(path).parent / f"test_data_set_0/input_{index}.pb"
        if not tensor.exists():
            return None
        held[value.name] = numpy_helper.to_array(onnx.load_tensor(str(tensor)))
    return held


def is_whole(model, end):
    """Whether a softmax is over all numbers of an image, as far as shapes are known."""
    if end.op_type == "Identity":
        return True
    graph = onnx.shape_inference.infer_shapes(model).graph
    for value in [*graph.value_info, *graph.input]:
        if value.name == end.input[0] and value.type.tensor_type.HasField("shape"):
            sizes = [d.dim_value for d in value.type.tensor_type.shape.dim]
            old = max(o.version for o in model.opset_import if o.domain in ("", "ai.onnx")) < 13
            axis = {a.name: a.i for a in end.attribute}.get("axis", 1 if old else -1) % len(sizes)
            after = [] if old else sizes[axis + 1:]
            return all(size == 1 for size in sizes[1:axis] + after)
    return True


def without_end(model):
    """The model up to its logits: without a last Softmax or LogSoftmax of all of them, and Identities
    there."""
    while model.graph.node:
        makers = {name: node for node in model.graph.node for name in node.output}
        end = makers.get(model.graph.output[0].name)
        if end is None or end.op_type not in ("Softmax", "LogSoftmax", "Identity"):
            return model
        if not is_whole(model, end):
            return model
        name = end.input[0]
        model.graph.node.remove(end)
        del model.graph.output[:]
        model.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    return model


class LRN(OpRun):
    """Local response normalisation as ONNX states it: the evaluator's own goes over as many channels as
    there are images."""

    def _run(self, x, alpha=None, beta=None, bias=None, size=None):
        before, after = (size - 1) // 2, size // 2
        squares = [np.sum(x[:, max(0, c - before): c + after + 1] ** 2, axis=1)
                   for c in range(x.shape[1])]
        return (x / (bias + alpha / size * np.stack(squares, axis=1)) ** beta,)


def in_double(model):
    """The same graph in float64."""
    double = onnx.ModelProto()
    double.CopyFrom(model)
    for index, tensor in enumerate(double.graph.initializer):
        if tensor.data_type in FLOATS:
            values = numpy_helper.to_array(tensor).astype(np.float64)
            double.graph.initializer[index].CopyFrom(numpy_helper.from_array(values, tensor.name))
    for value in [*double.graph.input, *double.graph.output]:
        if value.type.tensor_type.elem_type in FLOATS:
            value.type.tensor_type.elem_type = TensorProto.DOUBLE
    del double.graph.value_info[:]
    for node in double.graph.node:
        if node.op_type == "BatchNormalization":
            # Before version 14 the evaluator takes every node for one in training; with a momentum of
            # 1 the batch's own statistics have no part in it.
            for attribute in [a for a in node.attribute if a.name == "momentum"]:
                node.attribute.remove(attribute)
            node.attribute.append(helper.make_attribute("momentum", 1.0))
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR and attribute.t.data_type in FLOATS:
                values = numpy_helper.to_array(attribute.t).astype(np.float64)
                attribute.t.CopyFrom(numpy_helper.from_array(values))
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i in FLOATS:
                attribute.i = TensorProto.DOUBLE
        if node.op_type == "ConstantOfShape" and not node.attribute:
            node.attribute.append(helper.make_attribute(
                "value", numpy_helper.from_array(np.zeros(1, np.float64))))
    return ReferenceEvaluator(double, new_ops=[LRN])


def rows(output, count):
    """Rows of logits; one logit z as (0, z)."""
    flat = np.asarray(output).reshape(count, -1).astype(np.float64)
    return np.concatenate([np.zeros_like(flat), flat], axis=1) if flat.shape[1] == 1 else flat


def modern(model):
    """The same graph in a version that onnxruntime knows: 13 for 6, whose slopes of PRelu belong to
    the channels."""
    if max(o.version for o in model.opset_import if o.domain in ("", "ai.onnx")) >= 7:
        return model
    shapes = {v.name: len(v.type.tensor_type.shape.dim) for v in model.graph.input}
    for node in model.graph.node:
        for tensor in model.graph.initializer:
            if node.op_type == "PRelu" and tensor.name == node.input[1] and len(tensor.dims) == 1:
                ones = shapes.get(node.input[0], 2) - 2
                tensor.dims.extend([1] * ones)
                for value in model.graph.input:
                    if value.name == tensor.name:
                        for _ in range(ones):
                            value.type.tensor_type.shape.dim.add().dim_value = 1
    return onnx.version_converter.convert_version(model, 13)


def check(path, options):
    """Result and details of one file."""
    random = np.random.default_rng(7)
    model = onnx.load(path)
    ends = real_inputs(model.graph)
    held = held_inputs(path, model.graph, ends)
    with tempfile.TemporaryDirectory() as folder:
        if options.fill and with_weights(model):
            path = f"{folder}/filled.onnx"
            onnx.save(model, path)
        inputs, outputs = f"{folder}/inputs.safetensors", f"{folder}/outputs.safetensors"

        def ours(**tensors):
            constants = {f"constant:{name}": value.astype(np.float32)
                         for name, value in (held or {}).items()}
            write_safetensors(inputs, tensors | constants)
            return subprocess.run([options.bench, "--onnx", path, inputs, outputs],
                                  capture_output=True, text=True, timeout=600)

        shape = shape_of(ends[0], options.size) if ends else [1, 1]
        # Rows enough that an error is no luck, in whole batches of the file's size.
        batch = shape[0]
        count = batch * -(-options.rows // batch) if np.prod(shape[1:]) < 20_000 else batch
        images = random.random([count] + shape[1:], dtype=np.float32)
        if not ends or held is None or len(model.graph.output) != 1:
            return refusal(ours(images=images), path)
        name = ends[0].name

        def batches(run, x):
            return np.concatenate(
                [rows(run(x[i: i + batch]), batch) for i in range(0, count, batch)])

        try:
            model = without_end(model)
            model = modern(model)
            session = onnxruntime.InferenceSession(
                model.SerializeToString(), providers=["CPUExecutionProvider"])
            kind = np.float64 if "double" in session.get_inputs()[0].type else np.float32
            theirs = batches(
                lambda x: session.run(None, {name: x.astype(kind)} | held)[0], images)
        except Exception as fault:  # pylint: disable=broad-except
            done = ours(images=images)
            if done.returncode:
                return refusal(done, path)
            return "no peer", f"onnxruntime: {str(fault).splitlines()[0][:100]}"
        direction = random.standard_normal(theirs.shape).astype(np.float32)
        done = ours(images=images, direction=direction)
        if done.returncode:
            return refusal(done, path)
        found, metadata = read_safetensors(outputs)
        try:
            evaluator = in_double(model)
            exact = {name: value.astype(np.float64) for name, value in held.items()}
            run = lambda x: batches(lambda part: evaluator.run(None, {name: part} | exact)[0], x)
            truth = run(images.astype(np.float64))
        except Exception as fault:  # pylint: disable=broad-except
            return "no truth", f"{type(fault).__name__}: {str(fault).splitlines()[0][:100]}"
        if found["logits"].shape != truth.shape:
            return "WRONG", f"logits {found['logits'].shape}, expected {truth.shape}"
        distance = lambda x: np.sqrt(np.mean((x - truth) ** 2))
        mine, other, size = distance(found["logits"]), distance(theirs), np.abs(truth).max()
        details = f"{mine / size:.1e} {other / size:.1e}"
        isWell = mine <= max(FACTOR * other, FLOOR * size)
        isLong = not isWell and mine <= FLOOR * np.sqrt(np.mean(truth**2)) * cost_of_sums(model.graph)
        if options.gradients and images.size < options.gradients:
            step = 1e-6 * random.standard_normal(images.shape)
            x = images.astype(np.float64)
            change = ((run(x + step) - run(x - step)) / 2 * direction).sum()
            gradient = found["gradient"].astype(np.float64).reshape(images.shape)
            scale = np.linalg.norm(gradient) * np.linalg.norm(step)
            error = abs(change - (gradient * step).sum()) / max(abs(change), 1e-2 * scale, 1e-300)
            details += f", gradient {error:.0e}"
            isWell, isLong = isWell and error <= GRADIENT, isLong and error <= GRADIENT
        if metadata.get("notes") and options.notes:
            details += ", " + metadata["notes"].replace("\n", "; ")
        return "equal" if isWell else "long sums" if isLong else "WRONG", details


def refusal(done, path):
    """The result where `bench` gave no logits."""
    words = done.stderr.strip().replace(f"bench: {path}: ", "").split("; known:")[0]
    if done.returncode == 65 and words:
        return "refused", words[:options.width]
    if done.returncode == 0:
        return "WRONG", "accepted, though it has not one input and one output"
    return "WRONG", f"exit {done.returncode}: {words[:options.width]}"


def files(options):
    """All files to check, and what to call them."""
    for place in map(pathlib.Path, options.files):
        for path in sorted(place.rglob("*.onnx")) if place.is_dir() else [place]:
            yield place.name if place == path else place.name, path.name, str(path)
    tests = pathlib.Path(onnx.__file__).parent / "backend/test/data"
    for part in options.wheel:
        for path in sorted((tests / part).rglob("*.onnx")):
            yield part, path.parent.name if path.stem == "model" else path.stem, str(path)


parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("files", nargs="*")
parser.add_argument("--bench", default=str(ROOT / ".build/debug/bench"))
parser.add_argument("--wheel", nargs="*", default=["pytorch-converted", "pytorch-operator", "light"])
parser.add_argument("--size", type=int, nargs=2, default=[32, 32], help="rows, columns left open")
parser.add_argument("--gradients", type=int, default=20_000,
                    help="compare pixel gradients of files whose batch has fewer numbers than this")
parser.add_argument("--rows", type=int, default=16, help="how many small images at least")
parser.add_argument("--no-fill", dest="fill", action="store_false",
                    help="leave weights that are all the same as they are")
parser.add_argument("--notes", action="store_true", help="print what the import noted")
parser.add_argument("--width", type=int, default=150)
parser.add_argument("--only", default="", help="only files with this in their name")
options = parser.parse_args()
onnxruntime.set_default_logger_severity(4)

counts = collections.defaultdict(collections.Counter)
for part, name, path in files(options):
    if options.only not in f"{part}/{name}":
        continue
    graph = onnx.load(path, load_external_data=False).graph
    operators = collections.Counter(node.op_type for node in graph.node)
    kinds = " ".join(f"{kind}×{n}" if n > 1 else kind for kind, n in sorted(operators.items()))
    result, details = check(path, options)
    counts[part][result] += 1
    print(f"| {part}/{name} | {kinds} | {result} | {details} |", flush=True)
for part, results in counts.items():
    print(f"{part}: " + ", ".join(f"{n} {result}" for result, n in sorted(results.items())))
isWell = not any(results["WRONG"] for results in counts.values())
sys.exit(0 if isWell else 1)
