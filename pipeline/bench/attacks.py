"""Strength and speed of our attacks beside foolbox, torchattacks, ART and adv-lib: the same weights, the
same images, equal settings, the same machine, one run.

    python=$(pipeline/bench/venv.sh) && "$python" pipeline/bench/attacks.py      (after a release build)
    attacks.py deepfool cw-l2           only these
    attacks.py --json                   a JSON line a row
    attacks.py --experiment confident fgsm bim pgd apgd-ce       on the over-confident network

Ours is `stage-attack` on the model and samples of pipeline/attacks (or another experiment), in a store of its own below
.build-bench/; its time is what it prints for attacking and judging. A peer's time is that of its call on
the images that the network gets right, in one batch, parameter gradients off where the library allows;
fast ones are called three times and the best counts. Peers are judged again by PyTorch: inside [0, 1] and the
ball (to 1e-5), and the answer wrong (or the target's); a library's failure that is no image of its own
(foolbox's black images) simply does not count. Ours is judged by its own record. PyTorch's answer to our images
is shown too: images of least distance lie so near the boundary that other roundings put some of them on
the other side, theirs by ours just as ours by theirs.

A row passes if we fool at least as many images less one (of up to 1,000), if the median distance (failures
count as infinite) is at most 1 % above the best peer's, and if we are 2 times (decision attacks,
DeepFool, Carlini-Wagner, JSMA: 5 times) as fast as the fastest peer."""

import argparse
import importlib
import json
import pathlib
import re
import subprocess
import sys
import time
import warnings
from unittest.mock import MagicMock

import numpy
import torch

from networks import Perceptron
from peer import ROOT, read_safetensors

warnings.filterwarnings("ignore")
# adv-lib imports these for plots and for attacks on pictures' quality, which nothing here asks for.
for absent in ("visdom", "torchvision", "torchvision.models", "torchvision.transforms"):
    try:
        importlib.import_module(absent)
    except Exception:  # not there, or made for another PyTorch
        for loaded in [name for name in sys.modules if name.startswith(absent)]:
            del sys.modules[loaded]
        sys.modules[absent] = MagicMock()

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("names", nargs="*")
parser.add_argument("--json", action="store_true")
parser.add_argument("--experiment", default="attacks")
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--bin", type=pathlib.Path, default=ROOT / ".build/release")
options = parser.parse_args()
torch.set_num_threads(options.threads)
STORE = ROOT / ".build-bench/store"
CONFIGS = ROOT / ".build-bench/attacks"
CONFIGS.mkdir(parents=True, exist_ok=True)
nodes = subprocess.run(
    [options.bin / "pipeline-tool", "config", "--experiment", options.experiment],
    cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
samples = [line.split()[0] for line in nodes.splitlines() if line.startswith("sample-")]
subprocess.run(
    ["make", "train-mlp", *samples, f"EXPERIMENT={options.experiment}", f"ARTIFACTS={STORE}",
     f"BIN={options.bin}", "SKIP_BUILD=1"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

model = Perceptron(784, 300, 100, 10).eval().requires_grad_(False)
model.load_state_dict(
    {k: torch.as_tensor(v) for k, v in
     read_safetensors(STORE / f"model/{options.experiment}/mlp.safetensors")[0].items()})


def images(sample):
    """The images of a sample that the network gets right, their labels, and which those are."""
    file = read_safetensors(STORE / f"sample/{options.experiment}/{sample}.safetensors")[0]
    x = torch.as_tensor(numpy.array(file["images"])).reshape(-1, 1, 28, 28).clone()
    y = torch.as_tensor(numpy.array(file["labels"])).long().clone()
    right = model(x).argmax(1) == y
    return x[right], y[right], right


def ours(name, config):
    """Our adversarial images (by epsilon), seconds and targets."""
    node = f"attack-bench-{name}"
    path = CONFIGS / f"{node}.json"
    path.write_text(json.dumps({"model": "mlp", "goal": "untargeted", "seed": 1, **config}))
    best = None
    for seed in (1, 2):  # another seed, since the same would not run again
        done = subprocess.run(
            [options.bin / "stage-attack", "--config", path, "--experiment", options.experiment,
             "--out", STORE, "--threads", str(options.threads), "--seed", str(seed)],
            cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{name}: {done.stderr}")
        found = re.search(r"judged in ([0-9.]+) s", done.stderr)
        if found:
            best = min(best or 1e9, float(found[1]))
        if best is not None and best > 20:
            break
    file = read_safetensors(STORE / f"attack/{options.experiment}/bench-{name}.safetensors")[0]
    right = torch.as_tensor(numpy.array(file["eligible"])) == 1
    adversarial = torch.as_tensor(numpy.array(file["adversarial"])).clone()
    success = torch.as_tensor(numpy.array(file["success"]))[0][right] == 1
    size = torch.as_tensor(numpy.array(file[config["norm"]]))[0][right]
    own = int(success.sum()), float(torch.where(success, size, torch.inf).median())
    return adversarial[:, right], best, torch.as_tensor(
        numpy.array(file["target"]))[right].long(), own


def judge(x, y, adversarial, norm, epsilon, target=None):
    """Successes, and the median distance with failures as infinite."""
    adversarial = torch.as_tensor(adversarial).reshape(x.shape).float()
    inside = ((adversarial >= -1e-6) & (adversarial <= 1 + 1e-6)).flatten(1).all(1)
    change = (adversarial - x).flatten(1)
    size = {"linf": change.abs().amax(1), "l2": change.norm(dim=1), "l1": change.abs().sum(1),
            "l0": (change.abs() > 0).sum(1).float()}[norm]
    answers = model(adversarial.clamp(0, 1)).argmax(1)
    fooled = (answers != y) if target is None else (answers == target)
    fooled &= inside
    if epsilon is not None:
        fooled &= size <= epsilon * (1 + 1e-5) + 1e-6
    distance = torch.where(fooled, size, torch.inf)
    return int(fooled.sum()), float(distance.median())


# How to call the peers. Each gives a function of images, labels, targets and an epsilon.

def foolbox(attack, targeted=False):
    import foolbox as fb
    known = fb.PyTorchModel(model, bounds=(0, 1), device="cpu")
    method = attack(fb)

    def run(x, y, target, epsilon):
        goal = fb.criteria.TargetedMisclassification(target) if targeted else y
        return method(known, x, goal, epsilons=epsilon)[1]
    return run


def torchattacks(attack, targeted=False):
    import torchattacks as ta

    def run(x, y, target, epsilon):
        method = attack(ta, epsilon)
        if targeted:
            method.set_mode_targeted_by_label(quiet=True)
            return method(x, target)
        return method(x, y)
    return run


def art(attack, targeted=False):
    from art.estimators.classification import PyTorchClassifier
    import art.attacks.evasion as evasion

    def run(x, y, target, epsilon):
        known = PyTorchClassifier(
            model=model, loss=torch.nn.CrossEntropyLoss(), input_shape=(1, 28, 28), nb_classes=10,
            clip_values=(0, 1), device_type="cpu")
        wanted = numpy.eye(10, dtype=numpy.float32)[(target if targeted else y).numpy()]
        return attack(evasion, known, epsilon, len(x)).generate(x.numpy(), y=wanted)
    return run


def advlib(attack, targeted=False):
    def run(x, y, target, epsilon):
        return attack(x, target if targeted else y, targeted)
    return run


importlib.import_module("adv_lib.attacks")  # which takes a while, outside of any clock


def adv(name):
    module, function = name.rsplit(".", 1)
    return getattr(importlib.import_module(f"adv_lib.attacks.{module}"), function)


class Case:
    def __init__(self, name, norm, config, peers, epsilon=None, sample="1k", factor=2, quick=False,
                 targeted=False, same=False):
        self.name, self.norm, self.epsilon, self.sample = name, norm, epsilon, sample
        self.config = {"norm": norm, "sample": sample, **config}
        if epsilon is not None:
            self.config["epsilons"] = [epsilon]
        if targeted:
            self.config["goal"] = "random-other"
        self.peers, self.factor, self.quick, self.targeted = peers, factor, quick, targeted
        self.same = same


E, E2, E1 = 0.1, 1.5, 10.0
FIXED = {"stop_early": False}
CW = {"searches": 5, "steps": 200, "step_size": 0.05, "initial_constant": 0.1}
CASES = [
    Case("fgsm", "linf", {"attack": "fgsm", "least_epsilon": False}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.LinfFastGradientAttack()),
        "torchattacks": lambda: torchattacks(lambda ta, e: ta.FGSM(model, eps=e)),
        "art": lambda: art(lambda a, m, e, n: a.FastGradientMethod(m, eps=e, batch_size=n)),
    }, E, quick=True, same=True),
    Case("fgm-l2", "l2", {"attack": "fgm"}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.L2FastGradientAttack()),
        "art": lambda: art(lambda a, m, e, n: a.FastGradientMethod(m, norm=2, eps=e, batch_size=n)),
    }, E2, quick=True),
    Case("fgm-l1", "l1", {"attack": "fgm"}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.L1FastGradientAttack()),
        "art": lambda: art(lambda a, m, e, n: a.FastGradientMethod(m, norm=1, eps=e, batch_size=n)),
    }, E1, quick=True),
    Case("r-fgsm", "linf", {"attack": "r-fgsm"}, {
        "torchattacks": lambda: torchattacks(lambda ta, e: ta.FFGSM(model, eps=e, alpha=1.25 * e)),
    }, E, quick=True),
    Case("bim", "linf", {"attack": "bim", **FIXED}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.LinfBasicIterativeAttack(
            steps=10, rel_stepsize=0.2)),
        "torchattacks": lambda: torchattacks(
            lambda ta, e: ta.PGD(model, eps=e, alpha=0.2 * e, steps=10, random_start=False)),
        "art": lambda: art(lambda a, m, e, n: a.BasicIterativeMethod(
            m, eps=e, eps_step=0.2 * e, max_iter=10, batch_size=n, verbose=False)),
    }, E, quick=True, same=True),
    Case("pgd", "linf", {"attack": "pgd", **FIXED}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.LinfPGD(steps=40, rel_stepsize=1 / 30)),
        "torchattacks": lambda: torchattacks(
            lambda ta, e: ta.PGD(model, eps=e, alpha=e / 30, steps=40)),
        "art": lambda: art(lambda a, m, e, n: a.ProjectedGradientDescentPyTorch(
            m, eps=e, eps_step=e / 30, max_iter=40, num_random_init=1, batch_size=n,
            verbose=False)),
    }, E, quick=True),
    Case("pgd-l2", "l2", {"attack": "pgd", **FIXED}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.L2PGD(steps=40, rel_stepsize=1 / 30)),
        "torchattacks": lambda: torchattacks(
            lambda ta, e: ta.PGDL2(model, eps=e, alpha=e / 30, steps=40)),
    }, E2, quick=True),
    Case("pgd-l1", "l1", {"attack": "pgd", **FIXED}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.L1PGD(steps=40, rel_stepsize=1 / 30)),
        "foolbox-slide": lambda: foolbox(lambda fb: fb.attacks.SparseL1DescentAttack(
            steps=40, rel_stepsize=1 / 30, random_start=True)),
    }, E1, quick=True),
    Case("mi-fgsm", "linf", {"attack": "mi-fgsm", **FIXED}, {
        "torchattacks": lambda: torchattacks(
            lambda ta, e: ta.MIFGSM(model, eps=e, alpha=0.2 * e, steps=10, decay=1.0)),
        "art": lambda: art(lambda a, m, e, n: a.MomentumIterativeMethod(
            m, eps=e, eps_step=0.2 * e, max_iter=10, decay=1.0, batch_size=n, verbose=False)),
    }, E, quick=True),
    Case("ni-fgsm", "linf", {"attack": "ni-fgsm", **FIXED}, {
        "torchattacks": lambda: torchattacks(
            lambda ta, e: ta.NIFGSM(model, eps=e, alpha=0.2 * e, steps=10, decay=1.0)),
    }, E, quick=True),
    Case("di-fgsm", "linf", {"attack": "di-fgsm", **FIXED}, {
        "torchattacks": lambda: torchattacks(
            lambda ta, e: ta.DIFGSM(model, eps=e, alpha=0.2 * e, steps=10, decay=0.0)),
    }, E, quick=True),
    Case("ti-fgsm", "linf", {"attack": "ti-fgsm", **FIXED}, {
        "torchattacks": lambda: torchattacks(lambda ta, e: ta.TIFGSM(
            model, eps=e, alpha=0.2 * e, steps=10, decay=0.0, len_kernel=5, nsig=2,
            diversity_prob=0.0)),
    }, E, quick=True),
    Case("apgd-ce", "linf", {"attack": "apgd-ce"}, {
        "torchattacks": lambda: torchattacks(
            lambda ta, e: ta.APGD(model, eps=e, steps=100, loss="ce")),
        "advlib": lambda: advlib(lambda x, y, t: adv("auto_pgd.apgd")(
            model, x, y, eps=E, norm=float("inf"), n_iter=100)),
    }, E),
    Case("apgd-ce-l2", "l2", {"attack": "apgd-ce"}, {
        "torchattacks": lambda: torchattacks(
            lambda ta, e: ta.APGD(model, norm="L2", eps=e, steps=100, loss="ce")),
    }, E2),
    Case("apgd-dlr", "linf", {"attack": "apgd-dlr"}, {
        "torchattacks": lambda: torchattacks(
            lambda ta, e: ta.APGD(model, eps=e, steps=100, loss="dlr")),
    }, E),
    Case("apgd-targeted", "linf", {"attack": "apgd-targeted"}, {
        "torchattacks": lambda: torchattacks(
            lambda ta, e: ta.APGDT(model, eps=e, steps=100, n_classes=10)),
    }, E),
    Case("autoattack", "linf", {"attack": "autoattack"}, {
        "torchattacks": lambda: torchattacks(
            lambda ta, e: ta.AutoAttack(model, eps=e, n_classes=10)),
    }, E, sample="100"),
    Case("square", "linf", {"attack": "square", "queries": 1000}, {
        "torchattacks": lambda: torchattacks(
            lambda ta, e: ta.Square(model, eps=e, n_queries=1000, p_init=0.8)),
        "art": lambda: art(lambda a, m, e, n: a.SquareAttack(
            m, eps=e, max_iter=1000, batch_size=n, verbose=False)),
    }, E),
    Case("square-l2", "l2", {"attack": "square", "queries": 1000}, {
        "torchattacks": lambda: torchattacks(
            lambda ta, e: ta.Square(model, norm="L2", eps=e, n_queries=1000, p_init=0.8)),
    }, E2),
    Case("spsa", "linf", {"attack": "spsa", "steps": 20, "samples": 256}, {
        "torchattacks": lambda: torchattacks(lambda ta, e: ta.SPSA(
            model, eps=e, nb_iter=20, nb_sample=128, max_batch_size=128)),
    }, E, sample="100"),
    Case("one-pixel", "l0", {"attack": "one-pixel", "population": 10, "generations": 10}, {
        "torchattacks": lambda: torchattacks(lambda ta, e: ta.OnePixel(
            model, pixels=3, steps=10, popsize=10)),
    }, 3, sample="100"),
    Case("deepfool", "l2", {"attack": "deepfool"}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.L2DeepFoolAttack(steps=50, candidates=10)),
        "torchattacks": lambda: torchattacks(lambda ta, e: ta.DeepFool(model, steps=50)),
        "art": lambda: art(lambda a, m, e, n: a.DeepFool(
            m, max_iter=50, epsilon=0.02, nb_grads=10, batch_size=n, verbose=False)),
        "advlib": lambda: advlib(lambda x, y, t: adv("deepfool.df")(model, x, y, steps=50)),
    }, factor=5),
    Case("deepfool-linf", "linf", {"attack": "deepfool"}, {
        "foolbox": lambda: foolbox(
            lambda fb: fb.attacks.LinfDeepFoolAttack(steps=50, candidates=10)),
        "advlib": lambda: advlib(lambda x, y, t: adv("deepfool.df")(
            model, x, y, steps=50, norm=float("inf"))),
    }, factor=5),
    Case("cw-l2", "l2", {"attack": "cw-l2", **CW}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.L2CarliniWagnerAttack(
            binary_search_steps=5, steps=200, stepsize=0.05, initial_const=0.1)),
        "art": lambda: art(lambda a, m, e, n: a.CarliniL2Method(
            m, binary_search_steps=5, max_iter=200, learning_rate=0.05, initial_const=0.1,
            batch_size=n, verbose=False)),
        "advlib": lambda: advlib(lambda x, y, t: adv("carlini_wagner.carlini_wagner_l2")(
            model, x, y, binary_search_steps=5, max_iterations=200, learning_rate=0.05,
            initial_const=0.1)),
    }, sample="100", factor=5),
    Case("cw-l2-1000", "l2", {"attack": "cw-l2", **CW}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.L2CarliniWagnerAttack(
            binary_search_steps=5, steps=200, stepsize=0.05, initial_const=0.1)),
        "advlib": lambda: advlib(lambda x, y, t: adv("carlini_wagner.carlini_wagner_l2")(
            model, x, y, binary_search_steps=5, max_iterations=200, learning_rate=0.05,
            initial_const=0.1)),
    }, factor=5),
    Case("cw-linf", "linf", {"attack": "cw-linf"}, {
        "advlib": lambda: advlib(lambda x, y, t: adv("carlini_wagner.carlini_wagner_linf")(
            model, x, y)),
    }, sample="100", factor=5),
    Case("ead", "l1", {"attack": "ead", **CW, "beta": 0.01}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.EADAttack(
            binary_search_steps=5, steps=200, initial_stepsize=0.05, initial_const=0.1,
            regularization=0.01, decision_rule="L1")),
        "art": lambda: art(lambda a, m, e, n: a.ElasticNet(
            m, binary_search_steps=5, max_iter=200, learning_rate=0.05, initial_const=0.1,
            beta=0.01, decision_rule="L1", batch_size=n, verbose=False)),
    }, sample="100"),
    Case("jsma", "l0", {"attack": "jsma"}, {
        "art": lambda: art(lambda a, m, e, n: a.SaliencyMapMethod(
            m, theta=1.0, gamma=0.1, batch_size=n, verbose=False), targeted=True),
    }, sample="100", factor=5, targeted=True),
    Case("ddn", "l2", {"attack": "ddn"}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.DDNAttack(steps=100)),
        "advlib": lambda: advlib(lambda x, y, t: adv("decoupled_direction_norm.ddn")(
            model, x, y, steps=100)),
    }),
] + [
    Case(f"fmn-{norm}", norm, {"attack": "fmn"}, {
        "foolbox": lambda norm=norm: foolbox(lambda fb: getattr(
            fb.attacks, {"linf": "LInf", "l2": "L2", "l1": "L1", "l0": "L0"}[norm]
            + "FMNAttack")(steps=100)),
        "advlib": lambda order=order: advlib(lambda x, y, t: adv("fast_minimum_norm.fmn")(
            model, x, y, norm=order, steps=100)),
    }) for norm, order in (("l2", 2), ("linf", float("inf")), ("l1", 1), ("l0", 0))
] + [
    Case("fab", "linf", {"attack": "fab"}, {
        "torchattacks": lambda: torchattacks(lambda ta, e: ta.FAB(
            model, norm="Linf", eps=1.0, steps=100, n_restarts=1, n_classes=10, multi_targeted=False)),
    }),
    Case("fab-l2", "l2", {"attack": "fab"}, {
        "torchattacks": lambda: torchattacks(lambda ta, e: ta.FAB(
            model, norm="L2", eps=28.0, steps=100, n_restarts=1, n_classes=10, multi_targeted=False)),
    }),
    Case("fab-targeted", "linf", {"attack": "fab-targeted"}, {
        "torchattacks": lambda: torchattacks(lambda ta, e: ta.FAB(
            model, norm="Linf", eps=1.0, steps=100, n_restarts=1, n_classes=10, multi_targeted=True)),
    }, sample="100"),
    Case("hop-skip-jump", "l2", {"attack": "hop-skip-jump", "steps": 10}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.HopSkipJumpAttack(
            steps=10, initial_gradient_eval_steps=100, max_gradient_eval_steps=10000)),
        "art": lambda: art(lambda a, m, e, n: a.HopSkipJump(
            m, norm=2, max_iter=10, max_eval=10000, init_eval=100, batch_size=64, verbose=False)),
    }, sample="100", factor=5),
    Case("boundary", "l2", {"attack": "boundary", "steps": 2000}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.BoundaryAttack(
            init_attack=fb.attacks.LinearSearchBlendedUniformNoiseAttack(), steps=2000)),
    }, sample="100", factor=5),
    Case("uniform-noise", "linf", {"attack": "uniform-noise", "shape": "uniform"}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.LinfAdditiveUniformNoiseAttack()),
    }, E, quick=True),
    Case("gaussian-noise", "l2", {"attack": "gaussian-noise"}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.L2AdditiveGaussianNoiseAttack()),
    }, E2, quick=True),
    Case("salt-and-pepper", "l0", {"attack": "salt-and-pepper", "repeats": 10}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.SaltAndPepperNoiseAttack(steps=100)),
    }),
    Case("spatial", "linf", {"attack": "spatial", "rotations": 5, "translations": 5}, {
        "foolbox": lambda: foolbox(lambda fb: fb.attacks.SpatialAttack(
            max_translation=3, max_rotation=30, num_translations=5, num_rotations=5,
            grid_search=True)),
        "art": lambda: art(lambda a, m, e, n: a.SpatialTransformation(
            m, max_translation=11, num_translations=5, max_rotation=30, num_rotations=5,
            verbose=False)),
    }),
]


def clock(work, quick):
    best, result = None, None
    for _ in range(3 if quick else 1):
        start = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - start
        best = seconds if best is None else min(best, seconds)
    return result, best


def row_of(case):
    torch.manual_seed(1)
    numpy.random.seed(1)
    adversarial, seconds, target, (hits, median) = ours(case.name, case.config)
    x, y, _ = images(case.sample)
    wanted = target if case.targeted else None
    again, _ = judge(x, y, adversarial[0], case.norm, case.epsilon, wanted)
    row = {"attack": case.name, "norm": case.norm, "images": len(x),
           "ours": {"success": hits, "by_pytorch": again, "median": median, "seconds": seconds}, "peers": {}}
    for name, make in case.peers.items():
        try:
            run = make()
            result, took = clock(lambda: run(x.clone(), y, target, case.epsilon), case.quick)
            result = torch.as_tensor(result).detach().reshape(x.shape).float()
            found, middle = judge(x, y, result, case.norm, case.epsilon, wanted)
            row["peers"][name] = {"success": found, "median": middle, "seconds": took}
            if case.same:
                fooled = (model(adversarial[0]).argmax(1) != y)
                apart = ((adversarial[0] - result).abs() > 1e-6)[fooled].flatten(1).sum(1)
                row["peers"][name]["pixels_apart"] = int(apart.sum())
        except Exception as fault:  # a library that cannot do it is a finding, too
            row["peers"][name] = {"error": f"{type(fault).__name__}: {fault}"[:200]}
    good = [p for p in row["peers"].values() if "error" not in p]
    if good:
        most = max(p["success"] for p in good)
        least = min(p["median"] for p in good)
        fastest = min(p["seconds"] for p in good)
        row["strong"] = hits >= most - max(1, len(x) // 1000)
        # Within a budget the distance is no aim; an infinite one is not near.
        row["near"] = case.epsilon is not None or median <= 1.01 * least < float("inf")
        row["strong_by_pytorch"] = again >= most - max(1, len(x) // 1000)
        row["ratio"] = fastest / seconds
        row["fast"] = row["ratio"] >= case.factor
        row["goal"] = case.factor
    return row


rows = []
for case in CASES:
    if options.names and case.name not in options.names:
        continue
    row = row_of(case)
    rows.append(row)
    if options.json:
        print(json.dumps(row), flush=True)
        continue
    mine = row["ours"]
    print(f"{row['attack']:16} ours         {mine['success']:5} of {row['images']:4}  median "
          f"{mine['median']:8.4f}  {mine['seconds']:8.3f} s  ({mine['by_pytorch']} by PyTorch)", flush=True)
    for name, peer in row["peers"].items():
        if "error" in peer:
            print(f"{'':16} {name:12} {peer['error']}")
            continue
        extra = f"  {peer['pixels_apart']} pixels apart" if "pixels_apart" in peer else ""
        print(f"{'':16} {name:12} {peer['success']:5} of {row['images']:4}  median "
              f"{peer['median']:8.4f}  {peer['seconds']:8.3f} s{extra}")
    if "ratio" in row:
        print(f"{'':16} success {'ok' if row['strong'] else 'BELOW'}, distance "
              f"{'ok' if row['near'] else 'ABOVE'}, {row['ratio']:.1f}x "
              f"({'ok' if row['fast'] else 'missed'}, goal {row['goal']}x)", flush=True)
path = ROOT / ".build-bench/attacks/results.json"
path.write_text(json.dumps(rows, indent=1))
