/* The scalar expressions of the kernels in ck_layers.h: what one output number is. */
#pragma once
#include "ck_layers.h"
#include "expressions.h"

#pragma STDC FP_CONTRACT OFF

static inline float ck_leaky(float x, float slope) { return x > 0.0f ? x : slope * x; }

static inline float ck_leaky_gradient(float dy, float v, float slope) {
    return v > 0.0f ? dy : slope * dy;
}

static inline float ck_clip_gradient(float dy, float y, float lower, float upper) {
    return ((lower < y) & (y < upper)) ? dy : 0.0f;
}

/* tanh x in double, rounded to float once, from a value within a relative 2^-48: nearly always the
 * nearest float. Where |x| < 2^-5 the odd series to x^9 (what follows is below 2^-56); elsewhere
 * (1 - e) / (1 + e) with e = exp(-2|x|), and the sign of x. ±0 stays, a NaN gives the quiet NaN. */
static inline float ck_tanh(float x) {
    const double wide = x, size = wide < 0.0 ? -wide : wide, square = wide * wide;
    const double series =
        1.0 + square * (-1.0 / 3.0 +
                        square * (2.0 / 15.0 +
                                  square * (-17.0 / 315.0 + square * (62.0 / 2835.0))));
    const double e = ck_exp_double(size > 52.0 ? -104.0 : -2.0 * size);
    const double quotient = (1.0 - e) / (1.0 + e);
    const double large = wide < 0.0 ? -quotient : quotient;
    const float y = (float)(size < 0x1p-5 ? wide * series : large);
    return x == x ? y : __builtin_nanf("");
}

/* (1 - y) is exact where y is near 1, so nothing cancels. */
static inline float ck_tanh_gradient(float dy, float y) {
    return dy * ((1.0f - y) * (1.0f + y));
}

static inline float ck_hard_sigmoid(float x, float slope, float offset) {
    return ck_clamp(slope * x + offset, 0.0f, 1.0f);
}

static inline float ck_hard_sigmoid_gradient(float dy, float y, float slope) {
    return ((0.0f < y) & (y < 1.0f)) ? dy * slope : 0.0f;
}

static inline float ck_hard_swish(float x, float slope, float offset) {
    return x * ck_hard_sigmoid(x, slope, offset);
}

static inline float ck_hard_swish_gradient(float dy, float x, float slope, float offset) {
    const float h = ck_hard_sigmoid(x, slope, offset);
    return dy * (h + (((0.0f < h) & (h < 1.0f)) ? x * slope : 0.0f));
}

/* The exponent of an ELU: below -104 nothing of e^x is left in a float. */
static inline double ck_elu_power(float x) {
    return ck_exp_double(x > 0.0f ? 0.0 : x < -104.0f ? -104.0 : (double)x);
}

/* x for x > 0, else scale * (e^x - 1) in double, rounded to float once; where -2^-5 < x the
 * difference is the series x + x^2/2! + … + x^8/8! (what follows is below 2^-57 of it). */
static inline float ck_elu(float x, float scale) {
    const double wide = x;
    const double series =
        1.0 +
        wide * (1.0 / 2.0 +
                wide * (1.0 / 6.0 +
                        wide * (1.0 / 24.0 +
                                wide * (1.0 / 120.0 +
                                        wide * (1.0 / 720.0 +
                                                wide * (1.0 / 5040.0 + wide * (1.0 / 40320.0)))))));
    const double less = x > -0x1p-5f ? wide * series : ck_elu_power(x) - 1.0;
    const float y = (float)((double)scale * less);
    return x > 0.0f ? x : x == x ? y : __builtin_nanf("");
}

static inline float ck_elu_gradient(float dy, float x, float scale) {
    return x > 0.0f ? dy : (float)((double)dy * ((double)scale * ck_elu_power(x)));
}

static inline float ck_absolute(float x) { return __builtin_fabsf(x); }

static inline float ck_absolute_gradient(float dy, float x) {
    return x > 0.0f ? dy : x < 0.0f ? -dy : 0.0f;
}

/* log(1 + f) for 0 <= f <= 1, within a relative 2^-50 or so; beyond √2 - 1 as ln 2 + log((1 + f) / 2). */
static inline double ck_log1p_double(double f) {
    const bool is_large = f > 0x1.a827999fcef32p-2;
    const double log = ck_log1p_small(is_large ? (f - 1.0) * 0.5 : f);
    return is_large ? 0x1.62e42fefa39efp-1 + log : log;
}

/* e^-|x|; below -104 nothing of it is left in a float. */
static inline double ck_decay(float x) {
    const float size = __builtin_fabsf(x);
    return ck_exp_double(size < 104.0f ? -(double)size : -104.0);
}

/* log(1 + e^x) = max(x, 0) + log(1 + e^-|x|) in double, rounded to float once: nearly always the
 * nearest float. A NaN gives the quiet NaN. */
static inline float ck_softplus(float x) {
    const float y = (float)((x > 0.0f ? (double)x : 0.0) + ck_log1p_double(ck_decay(x)));
    return x == x ? y : __builtin_nanf("");
}

static inline float ck_softplus_gradient(float dy, float x) {
    const double e = ck_decay(x);
    return x == x ? (float)((double)dy * ((x < 0.0f ? e : 1.0) / (1.0 + e))) : __builtin_nanf("");
}

static inline float ck_softsign(float x) { return x / (1.0f + __builtin_fabsf(x)); }

static inline float ck_softsign_gradient(float dy, float x) {
    const float d = 1.0f + __builtin_fabsf(x);
    return dy / (d * d);
}

/* log x of a positive double that is normal, within a relative 2^-51 or so (near 1 an absolute 2^-54):
 * as ck_logf_inline, without its last rounding. */
static inline double ck_log_double(double x) {
    const uint64_t root_half = 0x3fe6a09e667f3bcd;
    const uint64_t bits = ck_bits_of_double(x), above = bits - root_half;
    const double e = (double)(int32_t)((int64_t)above >> 52);
    const double f = ck_double_of_bits(bits - (above & 0xfff0000000000000)) - 1.0;
    return ck_log1p_small(f) + (e * CK_LN2_HIGH + e * CK_LN2_LOW);
}

/* |x|^a in double, for x that is not 0, within a relative 2^-44 or so; what is beyond the floats is far
 * enough beyond to round to infinity or 0. */
static inline double ck_power_double(float x, double a) {
    const float size = __builtin_fabsf(x);
    const double exponent = a * ck_log_double(size > FLT_MAX ? FLT_MAX : (double)size);
    return ck_exp_double(exponent > 89.0 ? 89.0 : exponent < -104.0 ? -104.0 : exponent);
}

/* Whether a float is a whole number, and whether that is odd; from 2^24 on all are even. */
static inline bool ck_is_whole(float a) {
    return !(__builtin_fabsf(a) < 0x1p23f) || (float)(int32_t)a == a;
}
static inline bool ck_is_odd(float a) {
    return __builtin_fabsf(a) < 0x1p24f && (float)(int32_t)a == a && ((int32_t)a & 1) != 0;
}

/* x^a as C's pow has it at 0, infinity and NaN: 1, 2, -1 and 1/2 by x, a product, a quotient and a root,
 * anything else in double by exp and log, rounded once. A negative x has only whole powers. */
static inline float ck_power(float x, float a) {
    if (a == 0.0f) return 1.0f;
    if (a == 1.0f) return x;
    if (a == 2.0f) return x * x;
    if (a == -1.0f) return 1.0f / x;
    if (a == 0.5f) return __builtin_sqrtf(x);
    const float size = __builtin_fabsf(x);
    const float plain = (float)ck_power_double(x, (double)a);
    float y = size > FLT_MAX ? (a > 0.0f ? __builtin_inff() : 0.0f) : plain;
    y = size == 0.0f ? (a > 0.0f ? 0.0f : __builtin_inff()) : y;
    y = __builtin_signbit(x) && ck_is_odd(a) ? -y : y;
    y = x < 0.0f && !ck_is_whole(a) ? __builtin_nanf("") : y;
    return x == x ? y : __builtin_nanf("");
}

/* dy * a * x^(a - 1); at x = 0 the power is 1, 0 or infinity as a is 1, above or below. */
static inline float ck_power_gradient(float dy, float x, float a) {
    const double less = (double)a - 1.0;
    const float size = __builtin_fabsf(x);
    double power = ck_power_double(x, less);
    power = size > FLT_MAX ? (less > 0.0 ? __builtin_inf() : 0.0) : power;
    power = size == 0.0f ? (less > 0.0 ? 0.0 : __builtin_inf()) : power;
    power = less == 0.0 ? 1.0 : power;
    /* The power less one of a negative number: its sign is the other one. */
    power = x < 0.0f && !ck_is_odd(a) ? -power : power;
    const float y = a == 0.0f ? 0.0f : (float)((double)dy * ((double)a * power));
    return x == x && !(x < 0.0f && !ck_is_whole(a)) ? y : __builtin_nanf("");
}

static inline float ck_smaller(float u, float v) { return ((v >= u) | (u != u)) ? u : v; }

static inline float ck_divisor_gradient(float dy, float y, float divisor) {
    return -(dy * y) / divisor;
}

/* offset + scale * (sum of squares of the channels around c), in order. */
static inline double ck_response_base(const float *x, ptrdiff_t c, ptrdiff_t channels,
                                      const ck_response *r) {
    const ptrdiff_t first = c > r->before ? c - r->before : 0;
    const ptrdiff_t last = channels - 1 - c > r->after ? c + r->after : channels - 1;
    double total = 0.0;
    for (ptrdiff_t j = first; j <= last; j++) total += (double)x[j] * (double)x[j];
    return r->offset + r->scale * total;
}

/* base^-power; between e^-700 and e^700 the expression of ck_exp_double holds too. */
static inline double ck_response_factor(double base, double power) {
    const double exponent = -power * ck_log_double(base);
    const double factor =
        ck_exp_double(exponent > 700.0 ? 700.0 : exponent < -700.0 ? -700.0 : exponent);
    return base == base ? factor : base;
}

/* The sum of t over the channels whose window holds channel c. */
static inline float ck_response_sum(const float *t, ptrdiff_t c, ptrdiff_t channels,
                                    const ck_response *r) {
    const ptrdiff_t first = c > r->after ? c - r->after : 0;
    const ptrdiff_t last = channels - 1 - c > r->before ? c + r->before : channels - 1;
    float total = 0.0f;
    for (ptrdiff_t j = first; j <= last; j++) total += t[j];
    return total;
}

static inline float ck_slope_term(float dy, float x) { return x > 0.0f ? 0.0f : dy * x; }

/* How many of `taps` taps, `step` apart from `start` on, lie in from ... to - 1. */
static inline ptrdiff_t ck_taps_within(ptrdiff_t start, ptrdiff_t taps, ptrdiff_t step,
                                       ptrdiff_t from, ptrdiff_t to) {
    ptrdiff_t count = 0;
    for (ptrdiff_t k = 0; k < taps; k++) {
        const ptrdiff_t place = start + k * step;
        count += place >= from && place < to;
    }
    return count;
}

/* What the mean of window (oy, ox) is divided by. */
static inline float ck_divisor(const ck_pool *p, ptrdiff_t oy, ptrdiff_t ox) {
    const ptrdiff_t top = oy * p->stride_y - p->pad_top, left = ox * p->stride_x - p->pad_left;
    const bool all = p->counts_padding;
    const ptrdiff_t rows =
        ck_taps_within(top, p->kernel_height, p->dilation_y, all ? -p->pad_top : 0,
                       p->height + (all ? p->pad_bottom : 0));
    const ptrdiff_t columns =
        ck_taps_within(left, p->kernel_width, p->dilation_x, all ? -p->pad_left : 0,
                       p->width + (all ? p->pad_right : 0));
    return (float)(rows * columns);
}
