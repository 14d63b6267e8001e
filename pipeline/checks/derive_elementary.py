#!/usr/bin/env python3
"""Derives the constants of Sources/CKernels/elementary.h, digit for digit.

    derive_elementary.py            prints the table as it stands in the C file
    derive_elementary.py --check    exits 1 unless the C file holds exactly this table
    derive_elementary.py --answers  prints the lists of Tests/Tensors/ElementaryAnswers.swift

Needs mpmath (pip install mpmath). Every function is approximated by the polynomial that
interpolates it in the Chebyshev points of its interval (within a small factor of the minimax
polynomial, and free of iteration), its coefficients rounded to double. The error that is left,
rounding of the coefficients included, is measured on a grid and printed to standard error.
"""
import pathlib
import struct
import sys

import mpmath
from mpmath import mp, mpf

mp.prec = 240
HEADER = pathlib.Path(__file__).resolve().parents[2] / "Sources/CKernels/elementary.h"


def to_double(x):
    """The double nearest to x (mpf), ties to even. mpmath's float() rounds correctly."""
    return float(x)


def hexadecimal(d):
    """C's hexadecimal literal without trailing zeros: 0x1.8p+0."""
    mantissa, exponent = d.hex().split("p")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}p{exponent}"


def interpolate(f, low, high, terms):
    """Coefficients, lowest first, of the degree terms-1 interpolant in the Chebyshev points."""
    middle, half = (low + high) / 2, (high - low) / 2
    points = [middle + half * mpmath.cos(mp.pi * (2 * k + 1) / (2 * terms)) for k in range(terms)]
    matrix = mpmath.matrix(terms, terms)
    values = mpmath.matrix(terms, 1)
    for row, point in enumerate(points):
        values[row] = f(point)
        for column in range(terms):
            matrix[row, column] = point**column
    return list(mpmath.lu_solve(matrix, values))


def fit(f, low, high, terms):
    """The interpolant's coefficients, lowest first, each rounded to double."""
    return [to_double(c) for c in interpolate(f, low, high, terms)]


def largest(error, low, high, samples=4001):
    return max(abs(error(low + (high - low) * k / (samples - 1))) for k in range(samples))


def series(terms, ratio):
    """sum of ratio(k)·x^k for x near 0, where the closed form cancels."""
    return lambda x: mpmath.fsum(ratio(k) * x**k for k in range(terms))


# exp: e^r = 1 + r + r²·q(r), |r| ≤ ln2/2 (a little more: n is rounded from a rounded product).
EXP_TERMS = 11
EXP_REACH = mpf("0.34660")
exp_q = series(40, lambda k: 1 / mpmath.factorial(k + 2))
# log: log(1+f) = 2s + s·z·p(z), s = f/(2+f), z = s², 1+f in [√½, √2].
LOG_TERMS = 8
LOG_REACH = ((mpmath.sqrt(2) - 1) / (mpmath.sqrt(2) + 1)) ** 2 * mpf("1.0001")
log_p = series(60, lambda k: mpf(2) / (2 * k + 3))


def split_ln2(bits):
    """ln 2 as high + low: `bits` leading bits, so that n·high is exact, and the rest as double."""
    shift = mpf(2) ** bits
    high = mpmath.floor(mpmath.ln(2) * shift) / shift
    return to_double(high), to_double(mpmath.ln(2) - high)


def table():
    q = fit(exp_q, -EXP_REACH, EXP_REACH, EXP_TERMS)
    p = fit(log_p, mpf(2) ** -60, LOG_REACH, LOG_TERMS)
    high, low = split_ln2(40)
    lines = [
        f"#define CK_LOG2_E {hexadecimal(to_double(1 / mpmath.ln(2)))}",
        f"#define CK_LN2_HIGH {hexadecimal(high)}",
        f"#define CK_LN2_LOW {hexadecimal(low)}",
    ]
    lines += [f"#define CK_EXP_{k} {hexadecimal(c)}" for k, c in enumerate(q)]
    lines += [f"#define CK_LOG_{k} {hexadecimal(c)}" for k, c in enumerate(p)]

    def polynomial(coefficients, x):
        return mpmath.fsum(mpf(c) * x**k for k, c in enumerate(coefficients))

    def exp_error(r):
        return (1 + r + r * r * polynomial(q, r)) / mpmath.exp(r) - 1

    def log_error(z):  # relative to log(1+f), which is about 2s
        return z * (polynomial(p, z) - log_p(z)) / (2 + z * log_p(z))

    errors = (
        largest(exp_error, -EXP_REACH, EXP_REACH),
        largest(log_error, mpf(2) ** -60, LOG_REACH),
    )
    return lines, errors


def single(bits):
    return struct.unpack("<f", struct.pack("<I", bits))[0]


def round_to_float(x):
    """The bits of the float nearest to x (mpf > 0 or < 0), ties to even, denormals included."""
    if x == 0:
        return 0
    sign = 0x8000_0000 if x < 0 else 0
    x = abs(x)
    _, exponent = mpmath.frexp(x)  # x = fraction·2^exponent, fraction in [½, 1)
    unit = mpf(2) ** max(exponent - 24, -149)
    scaled = x / unit
    whole = int(mpmath.floor(scaled))
    rest = scaled - whole
    if rest > mpf("0.5") or (rest == mpf("0.5") and whole & 1):
        whole += 1
    value = whole * unit
    if value >= mpf(2) ** 128:
        return sign | 0x7F80_0000
    return sign | struct.unpack("<I", struct.pack("<f", float(value)))[0]


def bits_of(value):
    return struct.unpack("<I", struct.pack("<f", value))[0]


EXP_ARGUMENTS = [
    1.0, -1.0, 0.5, -0.5, 2.0, 10.0, -10.0, 0.1, -0.1, 0.6931472, -0.6931472, 0.34657359, 0.3465736,
    1e-3, -1e-3, 1e-7, -1e-7, 5.9604645e-08, -2.9802322e-08, 1e-30, 20.5, -20.5, 50.0, -50.0, 88.0,
    88.72283, 88.72284, -87.33654, -87.33655, -90.0, -100.0, -103.0, -103.27893,
    -103.972, -103.97208, 3.1415927, 42.0, -42.0, 7.7777777, -0.0078125,
]
LOG_ARGUMENTS = [
    2.0, 0.5, 10.0, 0.1, 2.7182817, 2.7182820, 0.99999994, 1.0000001, 0.999, 1.001, 1.4142135,
    1.4142137, 0.70710677, 0.70710683, 3.0, 100.0, 1e-3, 1e-10, 1e10, 1e30, 1e-30, 3.4028235e38,
    1.1754944e-38, 1.1754942e-38, 1e-40, 1e-45, 7.0, 0.75, 1.5, 12345.678, 0.33333334, 6.02e23,
]


def spread_digest(function):
    """FNV-1a over the answers to every 65,537th bit pattern, as the Swift test computes it."""
    state = 0xCBF2_9CE4_8422_2325
    with mpmath.workprec(120):
        for bits in range(0, 2**32 - 65_537, 65_537):
            for byte in answer(function, bits).to_bytes(4, "little"):
                state = (state ^ byte) * 0x100_0000_01B3 % 2**64
    return state


def answer(function, bits):
    """The bits of exp or log of the float with these bits, special values included."""
    x = single(bits)
    if x != x or (function is mpmath.log and x < 0):
        return 0x7FC0_0000
    if function is mpmath.log and x == 0:
        return 0xFF80_0000
    if function is mpmath.exp and abs(x) > 200:
        return 0x7F80_0000 if x > 0 else 0
    return bits if x == float("inf") else round_to_float(function(mpf(x)))


def answers():
    for name, function, arguments in (
        ("exp", mpmath.exp, EXP_ARGUMENTS),
        ("log", mpmath.log, LOG_ARGUMENTS),
    ):
        print(f"    static let {name}: [(input: UInt32, output: UInt32)] = [")
        row = []
        for argument in arguments:
            bits = bits_of(argument)
            row.append(f"(0x{bits:08x}, 0x{answer(function, bits):08x})")
        for start in range(0, len(row), 3):
            print("        " + ", ".join(row[start : start + 3]) + ",")
        print("    ]")
        print(f"    static let {name}Digest: UInt64 = 0x{spread_digest(function):016x}")


def main(arguments):
    if arguments == ["--answers"]:
        answers()
        return 0
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 64
    lines, errors = table()
    print("\n".join(lines))
    for name, error in zip(("exp", "log"), errors):
        exponent = float(mpmath.log(error, 2))
        print(f"{name}: relative error of the polynomial 2^{exponent:.1f}", file=sys.stderr)
    if not arguments:
        return 0
    found = [" ".join(line.split()) for line in HEADER.read_text().splitlines()]
    missing = [line for line in lines if line not in found]
    for line in missing:
        print(f"{HEADER.name} lacks: {line}", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
