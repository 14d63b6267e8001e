/* fmaf without the instruction: a·b + c rounded to float once, on any CPU.
 *
 * Calling libm's fmaf instead would be slow, and some libraries' software versions are wrong by a
 * unit in the last place. The steps, none of which can lose a bit:
 *   1. the product of two floats has at most 48 bits and is exact in double;
 *   2. TwoSum gives the double sum s and exactly what its rounding left out, t;
 *   3. s is rounded to odd;
 *   4. one conversion to float, which also makes denormals, infinities and signed zeros.
 * Branch-free, so that loops over it can become vector code. A NaN's payload is unspecified. */
#pragma once

#include "doubles.h"

/* a·b + c with one rounding, to nearest, ties to even. */
static inline float ck_soft_fmaf(float a, float b, float c) {
#pragma STDC FP_CONTRACT OFF
    const double product = (double)a * (double)b, addend = c;
    const double s = product + addend;
    const double part = s - product;
    const double t = (product - (s - part)) + (addend - part);
    return (float)ck_round_to_odd(s, t);
}
