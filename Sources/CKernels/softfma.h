/* fmaf without the instruction: a·b + c rounded to float once, on any CPU.
 *
 * Calling libm's fmaf instead would be slow, and some libraries' software versions are wrong by a
 * unit in the last place. The steps, none of which can lose a bit:
 *   1. the product of two floats has at most 48 bits and is exact in double;
 *   2. TwoSum gives the double sum s and exactly what its rounding left out, t;
 *   3. s is rounded to odd: if t ≠ 0, the neighbour of the exact sum whose last bit is 1. With 53
 *      bits, at least two more than any float needs, the last step then rounds as if it saw all;
 *   4. one conversion to float, which also makes denormals, infinities and signed zeros.
 * Branch-free, so that loops over it can become vector code. A NaN's payload is unspecified. */
#pragma once

#include <float.h>
#include <stdint.h>
#include <string.h>

_Static_assert(FLT_EVAL_METHOD == 0, "float and double must not be computed in wider registers");

/* a·b + c with one rounding, to nearest, ties to even. */
static inline float ck_soft_fmaf(float a, float b, float c) {
#pragma STDC FP_CONTRACT OFF
    double product = (double)a * (double)b, addend = c;
    double s = product + addend;
    double part = s - product;
    double t = (product - (s - part)) + (addend - part);

    uint64_t bits, rest;
    memcpy(&bits, &s, sizeof bits);
    memcpy(&rest, &t, sizeof rest);
    /* t ≠ 0 and finite. (An infinite or NaN s makes t a NaN, and must stay as it is.) */
    uint64_t inexact = (t < 0.0) | (t > 0.0);
    uint64_t even = ~bits & 1;
    /* Away from zero if t has the sign of s, towards zero otherwise. */
    uint64_t opposite = (bits ^ rest) >> 63;
    bits += (inexact & even) * (1 - 2 * opposite);
    memcpy(&s, &bits, sizeof s);
    return (float)s;
}
