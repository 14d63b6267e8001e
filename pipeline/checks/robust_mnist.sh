#!/bin/bash
# Attacks a robust network that others have trained and compares with the figures that they published:
# the small network of Wong, Rice and Kolter, "Fast is better than free" (2020), by AutoAttack at L∞ 0.3
# on all 10,000 test images: 98.50 % right before, 82.93 % after.
#
#     pipeline/checks/robust_mnist.sh fgsm.pth      exit 0: as many right before, at most 0.3 points more after
#
# fgsm.pth: see pipeline/wong/experiment.json. Takes 19 minutes on two cores, the first time.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ $# -ne 1 ] || [ ! -f "$1" ]; then
    echo "usage: pipeline/checks/robust_mnist.sh FILE (there is no file “${1:-}”)" >&2
    exit 64
fi
make wong SET="fetch-wong.weights=$1"
python3 - <<'END'
import json, pathlib, sys
record = json.loads(pathlib.Path("artifacts/records/wong/attack-autoattack.json").read_text())
summary = record["summary"]
right = 100 * summary["eligible"] / summary["samples"]
left = 100 * summary["rows"][0]["robust_accuracy"]
print(f"right before: {right:.2f} % (published 98.50); under AutoAttack: {left:.2f} % (published 82.93)")
sys.exit(not (abs(right - 98.50) < 0.005 and left <= 83.23))
END
