/* exp and log of a float: computed in double, rounded to float once.
 *
 * Only + - × ÷ on doubles, conversions and bit operations: no libm, no fma (so that CPUs with and
 * without one agree), no branch (so that a loop over these functions can become vector code). The
 * value before the last step is within a relative 2^-53 or so, so the float is the nearest one
 * unless the exact value lies that close to the middle between two floats. No input does:
 * pipeline/checks/elementary.sh visits all 2^32 to prove it. Any change of the expressions or
 * constants below needs that check again.
 *
 * The constants are printed by pipeline/checks/derive_elementary.py. */
#pragma once

#include "doubles.h"

/* n·CK_LN2_HIGH is exact: 40 bits, and n has 8. */
#define CK_LOG2_E 0x1.71547652b82fep+0
#define CK_LN2_HIGH 0x1.62e42fefa2p-1
#define CK_LN2_LOW 0x1.9ef35793c7673p-41
/* e^r = 1 + r + r²·q(r) for |r| ≤ 0.3466; coefficients of q, lowest first. */
#define CK_EXP_0 0x1p-1
#define CK_EXP_1 0x1.5555555555557p-3
#define CK_EXP_2 0x1.5555555555556p-5
#define CK_EXP_3 0x1.11111111100dcp-7
#define CK_EXP_4 0x1.6c16c16c162d5p-10
#define CK_EXP_5 0x1.a01a01abe78f9p-13
#define CK_EXP_6 0x1.a01a01a6d84aap-16
#define CK_EXP_7 0x1.71de0232f4775p-19
#define CK_EXP_8 0x1.27e4db653346ep-22
#define CK_EXP_9 0x1.af4de6a36d4fcp-26
#define CK_EXP_10 0x1.1f7301a8efa5cp-29
/* log(1+f) = 2s + s·z·p(z) for s = f/(2+f), z = s²; coefficients of p, lowest first. */
#define CK_LOG_0 0x1.5555555555555p-1
#define CK_LOG_1 0x1.9999999999a38p-2
#define CK_LOG_2 0x1.2492492476c87p-2
#define CK_LOG_3 0x1.c71c720160b47p-3
#define CK_LOG_4 0x1.745cf901605f7p-3
#define CK_LOG_5 0x1.3b1c360763b8ap-3
#define CK_LOG_6 0x1.0fbe83c2cbcf3p-3
#define CK_LOG_7 0x1.0c04595972ab8p-3

/* e^x for -104 <= x <= 89, within a relative 2^-53 or so. */
static inline double ck_exp_double(double wide) {
#pragma STDC FP_CONTRACT OFF
    /* n = round(x / ln 2): adding 1.5·2^52 leaves the integer in the low bits of the sum. */
    const double to_integer = 0x1.8p52;
    double shifted = wide * CK_LOG2_E + to_integer;
    double n = shifted - to_integer;
    double r = (wide - n * CK_LN2_HIGH) - n * CK_LN2_LOW; /* the first difference is exact */

    /* q(r), in pairs (Estrin's scheme), so that the chain is four steps long and not ten. */
    double r2 = r * r, r4 = r2 * r2;
    double q01 = CK_EXP_0 + r * CK_EXP_1, q23 = CK_EXP_2 + r * CK_EXP_3;
    double q45 = CK_EXP_4 + r * CK_EXP_5, q67 = CK_EXP_6 + r * CK_EXP_7;
    double q89 = CK_EXP_8 + r * CK_EXP_9;
    double q = (q01 + r2 * q23) + r4 * ((q45 + r2 * q67) + r4 * (q89 + r2 * CK_EXP_10));

    double power = ck_double_of_bits((ck_bits_of_double(shifted) + 1023) << 52); /* 2^n */
    return (1.0 + (r + r2 * q)) * power; /* the product is exact */
}

/* e^x, correctly rounded; special values as in ck_elementary.h. */
static inline float ck_expf_inline(float x) {
    /* Beyond these bounds the result is inf or 0 anyway; inside, 2^n is a normal double. */
    double wide = x < -104.0f ? -104.0 : x > 89.0f ? 89.0 : (double)x;
    float result = (float)ck_exp_double(wide); /* one rounding */
    return x == x ? result : __builtin_nanf("");
}

/* log x, correctly rounded; special values as in ck_elementary.h. */
static inline float ck_logf_inline(float x) {
#pragma STDC FP_CONTRACT OFF
    /* x = 2^e·(1+f) with 1+f in [√½, √2); a denormal float is a normal double, and f is exact. */
    const uint64_t root_half = 0x3fe6a09e667f3bcd; /* bits of √½ */
    uint64_t bits = ck_bits_of_double((double)x);
    uint64_t above = bits - root_half;
    double e = (double)(int32_t)((int64_t)above >> 52);
    double f = ck_double_of_bits(bits - (above & 0xfff0000000000000)) - 1.0;

    double s = f / (2.0 + f), z = s * s, z2 = z * z, z4 = z2 * z2;
    double p01 = CK_LOG_0 + z * CK_LOG_1, p23 = CK_LOG_2 + z * CK_LOG_3;
    double p45 = CK_LOG_4 + z * CK_LOG_5, p67 = CK_LOG_6 + z * CK_LOG_7;
    double p = z * ((p01 + z2 * p23) + z4 * (p45 + z2 * p67));

    /* 2s = f - s·f, and s·f = ½f² - ½s·f². So the large parts are e·ln2, f and ½f², which (f has
     * 24 bits) are exact, as is the sum of the first two; the rounded quotient s stands only
     * beside small factors. */
    double half_square = 0.5 * f * f;
    double large = e * CK_LN2_HIGH + f;
    double small = s * (half_square + p) + e * CK_LN2_LOW;

    /* large - ½f² + small with the rounding errors kept: a plain double is now and then within
     * half a unit of a float's middle, and goes the wrong way from there. */
    double sum = large - half_square;
    double rest = small + ((large - sum) - half_square);
    double total = sum + rest;
    float result = (float)ck_round_to_odd(total, (sum - total) + rest);

    result = x > FLT_MAX ? x : result; /* +inf */
    result = x == 0.0f ? -__builtin_inff() : result;
    return x >= 0.0f ? result : __builtin_nanf(""); /* negative or NaN */
}

/* log(1 + f) for 0 <= f <= 0.25, within a relative 2^-51 or so: what is left of a sum that would
 * round to 1. */
static inline double ck_log1p_small(double f) {
#pragma STDC FP_CONTRACT OFF
    double s = f / (2.0 + f), z = s * s, z2 = z * z, z4 = z2 * z2;
    double p01 = CK_LOG_0 + z * CK_LOG_1, p23 = CK_LOG_2 + z * CK_LOG_3;
    double p45 = CK_LOG_4 + z * CK_LOG_5, p67 = CK_LOG_6 + z * CK_LOG_7;
    return 2.0 * s + s * (z * ((p01 + z2 * p23) + z4 * (p45 + z2 * p67)));
}
