#!/bin/bash
# Compares the sigmoid and tanh at every float with those at the float before: neither may fall.
# Takes about a minute on one core.
#
#     pipeline/checks/monotone.sh          exit 0: they never fall
#
# CLANG names another clang.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=$(mktemp -d "${TMPDIR:-/tmp}/mirage-monotone.XXXXXX")
trap 'rm -rf "$build"' EXIT
"${CLANG:-clang}" -std=c17 -O3 -ffp-contract=off -fno-math-errno -Wall -Wextra \
    -ISources/CKernels -ISources/CKernels/include pipeline/checks/monotone_all.c \
    -o "$build/monotone"
"$build/monotone"
