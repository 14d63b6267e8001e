/* Doubles as bits, and the rounding that makes a later rounding to float exact. */
#pragma once

#include <float.h>
#include <stdint.h>
#include <string.h>

_Static_assert(FLT_EVAL_METHOD == 0, "float and double must not be computed in wider registers");

static inline double ck_double_of_bits(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint64_t ck_bits_of_double(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* For s the double nearest to an exact sum s + t: the sum rounded to odd, that is s if t = 0,
 * else whichever of the two doubles around the sum has 1 for its last bit. It has at least two
 * bits more than any float, and is never the middle between two floats unless the sum is, so
 * converting it to float rounds as if from the sum itself. An infinite or NaN s stays as it is,
 * since t is then a NaN. */
static inline double ck_round_to_odd(double s, double t) {
    const uint64_t bits = ck_bits_of_double(s);
    const uint64_t inexact = (t < 0.0) | (t > 0.0);
    const uint64_t even = ~bits & 1;
    /* Away from zero if t has the sign of s, towards zero otherwise. */
    const uint64_t opposite = (bits ^ ck_bits_of_double(t)) >> 63;
    return ck_double_of_bits(bits + (inexact & even) * (1 - 2 * opposite));
}
