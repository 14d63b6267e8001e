#!/bin/bash
# Attacks a robust network that others have trained, and shows our figures beside the published ones:
# the small network of Wong, Rice and Kolter, "Fast is better than free" (2020), architecture wong-cnn,
# trained by its authors for L∞ 0.3. The authors' table says 98.50 % clean and, by AutoAttack, 82.93 %.
#
#     pipeline/checks/robust_mnist.sh fgsm.pth           all 10,000 test images (an hour on two cores)
#     pipeline/checks/robust_mnist.sh fgsm.pth 1000      a sample of 1,000 (the original leaves 81.3 %)
#
# The weights, fgsm.pth, are in the authors' repository locuslab/fast_adversarial, folder
# MNIST/models. Needs a release build (make build). Everything is kept in .build-bench/robust-mnist.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ $# -lt 1 ] || [ ! -f "$1" ]; then
    echo "usage: pipeline/checks/robust_mnist.sh FILE [COUNT]; there is no file “${1:-}”" >&2
    exit 64
fi
weights=$1
count=${2:-10000}
bin=${BIN:-.build/release}
if [ ! -x "$bin/stage-attack" ]; then
    echo "robust_mnist.sh: no $bin/stage-attack; type: make build" >&2
    exit 69
fi
folder=.build-bench/robust-mnist
store=$folder/store
mkdir -p "$folder"

# Each stage says what it did and its summary; a stage that has nothing to do says that.
stage() { # stage, file name of the config, config
    printf '%s\n' "$3" > "$folder/$2.json"
    "$bin/stage-$1" --config "$folder/$2.json" --experiment robust-mnist --out "$store"
}
stage fetch fetch-mnist '{"dataset": "mnist"}'
python3 - "$weights" > "$folder/fetch.json" <<'END'
import json, sys
print(json.dumps({"network": "wong-cnn", "weights": sys.argv[1], "dataset": "mnist"}))
END
stage fetch fetch-wong "$(cat "$folder/fetch.json")"
stage sample "sample-$count" "{\"dataset\": \"mnist\", \"count\": $count, \"seed\": 1}"
stage attack attack-autoattack "{\"attack\": \"autoattack\", \"model\": \"wong\",
    \"sample\": \"$count\", \"norm\": \"linf\", \"epsilons\": [0.3], \"goal\": \"untargeted\"}"
