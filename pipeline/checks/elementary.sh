#!/bin/bash
# Compares exp and log with wider arithmetic for all 2^32 inputs, and the software fma with the
# CPU's, then checks that the constants in the C file are the derived ones. Takes some minutes on
# two cores; needs gcc (for libquadmath), and Python with mpmath for the last step.
#
# Both functions being correctly rounded, the digests that it prints over all outputs can only be
# bfce31e136a7d48f for exp and e2c492aaaa9201c3 for log.
#
#     pipeline/checks/elementary.sh            everything
#     pipeline/checks/elementary.sh fma 50     one part (exp, log, fma, constants), its arguments
set -euo pipefail
cd "$(dirname "$0")/../.."

build=${TMPDIR:-/tmp}/mirage-elementary.$$
mkdir -p "$build"
trap 'rm -rf "$build"' EXIT
gcc -O2 -ffp-contract=off -fno-math-errno -fopenmp -Wall -Wextra -Wno-unknown-pragmas \
    -ISources/CKernels/include pipeline/checks/elementary_all.c Sources/CKernels/elementary.c \
    -lquadmath -lm -o "$build/elementary_all"

constants() {
    if python3 -c 'import mpmath' 2>/dev/null; then
        python3 pipeline/checks/derive_elementary.py --check > /dev/null
        echo "constants: as derived"
    else
        echo "constants: not checked, Python has no mpmath here (pip install mpmath)"
    fi
}

if [ $# -eq 0 ]; then
    status=0
    for part in exp log fma; do "$build/elementary_all" $part || status=1; done
    constants
    exit $status
elif [ "$1" = constants ]; then
    constants
else
    "$build/elementary_all" "$@"
fi
