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
