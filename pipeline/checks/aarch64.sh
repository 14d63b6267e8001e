#!/bin/bash
# Compiles the C kernels for this machine and for aarch64, runs both (the second under qemu) over
# the same inputs, and compares the digest of every kernel on every instruction set.
#
#     pipeline/checks/aarch64.sh           exit 0: all equal; 1: some differ, or are not checked
#                                          (they are listed)
#     pipeline/checks/aarch64.sh --probe   exit 0 if the tools are here; else 69 and what is missing
#
# Needs clang (any; the one of the Swift toolchain does), and of Debian gcc-aarch64-linux-gnu (for
# headers and linker) and qemu-user. CLANG names another clang.
set -euo pipefail
cd "$(dirname "$0")/../.."

clang=${CLANG:-}
if [ -z "$clang" ]; then
    toolchain=$(dirname "$(readlink -f "$(command -v swift || echo /nowhere/swift)")")
    for candidate in "$toolchain/clang" "$(command -v clang || true)"; do
        if [ -x "$candidate" ]; then clang=$candidate && break; fi
    done
fi
missing=()
[ -n "$clang" ] || missing+=(clang)
command -v aarch64-linux-gnu-gcc > /dev/null || missing+=(gcc-aarch64-linux-gnu)
command -v qemu-aarch64 > /dev/null || missing+=(qemu-user)
if [ ${#missing[@]} -gt 0 ]; then
    echo "aarch64 check: not possible here, missing ${missing[*]}" >&2
    exit 69
fi
[ "${1:-}" != --probe ] || exit 0

build=$(mktemp -d "${TMPDIR:-/tmp}/mirage-aarch64.XXXXXX")
trap 'rm -rf "$build"' EXIT
# As in Package.swift.
flags=(-std=c17 -O3 -ffp-contract=off -fno-math-errno -Wall -Wextra -ISources/CKernels/include)
compile() { # directory, further flags
    mkdir "$build/$1"
    for source in Sources/CKernels/*.c pipeline/checks/kernels_main.c; do
        "$clang" "${flags[@]}" "${@:2}" -c "$source" -o "$build/$1/$(basename "$source" .c).o"
    done
}
compile native
"$clang" "$build"/native/*.o -o "$build/native/kernels"
compile aarch64 --target=aarch64-linux-gnu -isystem /usr/aarch64-linux-gnu/include
aarch64-linux-gnu-gcc -static "$build"/aarch64/*.o -o "$build/aarch64/kernels"

# Every function that the headers declare must be called, and every kernel of the tables too.
headers=(Sources/CKernels/include/*.h)
calls=$(sed -e 's://.*::' -e 's:/\*.*\*/::' pipeline/checks/kernels_main.c pipeline/checks/*.h)
unchecked=()
while read -r name; do
    grep -qw "$name" "${headers[@]}" || continue
    nm -u "$build/native/kernels_main.o" | grep -qw "$name" || unchecked+=("$name")
done < <(nm -g --defined-only "$build"/native/*.o | awk '$2 == "T" { print $3 }' | sort -u)
members=$(sed -n 's/^ *[a-z_]* \**(\*\([a-z0-9_]*\))(.*/\1/p' "${headers[@]}" | sort -u)
members+=" $(sed -n 's/^ *ck_map[a-z_]* \([a-z0-9_]*\);.*/\1/p' "${headers[@]}" | sort -u)"
[ "$(wc -w <<< "$members")" -ge 45 ] || { echo "too few members: $members"; exit 1; }
for name in $members; do
    grep -Eq "(set|rows|layers)->$name\b" <<< "$calls" || unchecked+=("$name")
done
if [ ${#unchecked[@]} -gt 0 ]; then
    echo "no check in pipeline/checks calls ${unchecked[*]}"
    exit 1
fi

"$build/native/kernels" | sed "s/^/$(uname -m) /" > "$build/digests"
qemu-aarch64 "$build/aarch64/kernels" | sed 's/^/aarch64 (qemu) /' >> "$build/digests"

# Every kernel must have one digest, whichever machine and instruction set made it.
awk '
    { kernel = $(NF - 1); value = $NF; where = $0; sub(" " kernel " " value "$", "", where)
      runs++; sets[where] = 1
      if (!(kernel in first)) { first[kernel] = value; origin[kernel] = where; kernels++ }
      else if (first[kernel] != value) {
          printf "%s: %s on %s, %s on %s\n", kernel, first[kernel], origin[kernel], value, where
          wrong++ } }
    END {
      for (name in sets) places++
      if (runs == 0 || places < 6) { print "too few digests: " runs + 0; exit 1 }
      printf "aarch64 check: %d kernels, %d digests from %d places, %d different\n",
          kernels, runs, places, wrong
      exit wrong > 0 }' "$build/digests"
