#!/bin/bash
# Networks of others on MNIST's test set, through the nodes of `make mine`: is each as often right as was published?
#
#     pipeline/checks/own_networks.sh FOLDER      exit 0: each of them is
#
# FOLDER has mnist-net_256x2.onnx, _256x4 and _256x6 (VNN-COMP 2021, mnistfc), fgsm.pth (Wong et al. 2020) and
# mnist_smallcnn_robust_trades.pth (Zhang et al. 2019, from a collection of robust networks), in it or below.
set -euo pipefail
folder=$(cd "${1:?usage: pipeline/checks/own_networks.sh FOLDER}" && pwd)
cd "$(dirname "$0")/../.."
store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT
make fetch-mnist ARTIFACTS="$store" >/dev/null
cp -L "$store/dataset/mnist-test.safetensors" "$store-digits.safetensors"
trap 'rm -rf "$store" "$store-digits.safetensors" "$store.json"' EXIT
cat >"$store.json" <<'END'
{ "image": [1, 28, 28],
  "layers": [
    {"conv": 32, "kernel": 3}, "relu", {"conv": 32, "kernel": 3}, "relu", {"max-pool": 2},
    {"conv": 64, "kernel": 3}, "relu", {"conv": 64, "kernel": 3}, "relu", {"max-pool": 2},
    {"dense": 200}, "relu", {"dense": 200}, "relu", {"dense": 10}
  ] }
END
status=0
check() { # FILE PUBLISHED VARIABLES…
    local file published=$2 found
    file=$(find "$folder" -name "$1" | head -1)
    [ -n "$file" ] || { echo "$1: not in $folder"; status=1; return; }
    found=$(make fit-mine EXPERIMENT=mine ARTIFACTS="$store" DATA="$store-digits.safetensors" "${@:3}" 2>&1 |
        sed -n 's/^ *accuracy on 10000 images: \([0-9.]*\).*/\1/p') || true
    echo "$1: $found % right (published $published)"
    [ "$found" = "$published" ] || status=1
}
for size in 2 4 6; do
    expected=(x x 98.08 x 97.64 x 96.89)
    check "mnist-net_256x$size.onnx" "${expected[size]}" SIZE=28 \
        MODEL="$(find "$folder" -name "mnist-net_256x$size.onnx" | head -1)"
done
# Right as often with pixels of -1..1, so that they must be said.
check fgsm.pth 98.50 PIXELS=0..1 MODEL=wong-cnn WEIGHTS="$(find "$folder" -name fgsm.pth | head -1)"
check mnist_smallcnn_robust_trades.pth 99.48 MODEL="$store.json" \
    WEIGHTS="$(find "$folder" -name mnist_smallcnn_robust_trades.pth | head -1)"
exit $status
