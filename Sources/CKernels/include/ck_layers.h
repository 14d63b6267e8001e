/* Kernels of layers beyond those of the built-in networks: activations, operators on two branches,
 * slopes a channel, softmax of rows, pooling over windows with gaps or with a divisor of their own,
 * numbers brought to other places.
 *
 * Every number has one expression, in layer_expressions.h or below, of + - x / √ and comparisons alone:
 * nothing is fused, and no sum has lanes. The reference table is the specification, in scalar loops. */
#pragma once
#include "ckernels.h"

/* y = f(x; a, b), element by element. y may be x. */
typedef void (*ck_map)(float *y, const float *x, size_t count, float a, float b);
/* y = f(u, v; a, b), element by element. y may be u or v. */
typedef void (*ck_map_two)(float *y, const float *u, const float *v, size_t count, float a,
                           float b);
/* y = f(u, v, w), element by element. y may be u. */
typedef void (*ck_map_three)(float *y, const float *u, const float *v, const float *w, size_t count);

/* Local response normalisation: of channel c over the channels c - before ... c + after that there are,
 * with base = offset + scale * (sum of their squares), in double. */
typedef struct ck_response {
    ptrdiff_t before, after;
    double offset, scale, power;
} ck_response;

/* Windows of a pooling layer. Tap (kh, kw) of window (oy, ox) is the pixel
 * (oy * stride_y + kh * dilation_y - pad_top, ox * stride_x + kw * dilation_x - pad_left). */
typedef struct ck_pool {
    ptrdiff_t height, width, channels, out_height, out_width, kernel_height, kernel_width;
    ptrdiff_t stride_y, stride_x, dilation_y, dilation_x, pad_top, pad_left, pad_bottom, pad_right;
    /* What a mean is divided by: the window's taps within image and padding, or within the image. */
    bool counts_padding;
} ck_pool;

typedef struct ck_layers {
    /* x > 0 ? x : a * x */
    ck_map leaky;
    /* a > x ? a : (x > b ? b : x); a NaN stays */
    ck_map clip;
    /* tanh x: see ck_tanh */
    ck_map hyperbolic_tangent;
    /* clip(a * x + b, 0, 1), every operation rounded */
    ck_map hard_sigmoid;
    /* x * clip(a * x + b, 0, 1), every operation rounded */
    ck_map hard_swish;
    /* x > 0 ? x : a * (e^x - 1), see ck_elu */
    ck_map elu;
    /* e^x, correctly rounded */
    ck_map exponential;
    /* log x, correctly rounded */
    ck_map logarithm;
    /* |x| */
    ck_map absolute;
    /* log(1 + e^x), see ck_softplus */
    ck_map softplus;
    /* x / (1 + |x|), every operation rounded */
    ck_map softsign;
    /* x^a, see ck_power */
    ck_map power;

    /* v > 0 ? u : a * u, where v is what went in (or came out, for a >= 0) */
    ck_map_two leaky_gradient;
    /* a < v < b ? u : 0, where v came out */
    ck_map_two clip_gradient;
    /* u * ((1 - v) * (1 + v)), where v came out */
    ck_map_two hyperbolic_tangent_gradient;
    /* 0 < v < 1 ? u * a : 0, where v came out */
    ck_map_two hard_sigmoid_gradient;
    /* with h = clip(a * v + b, 0, 1): u * (h + (0 < h < 1 ? v * a : 0)), where v went in */
    ck_map_two hard_swish_gradient;
    /* v > 0 ? u : u * (a * e^v), the second in double and rounded once, where v went in */
    ck_map_two elu_gradient;
    /* u / v, where v went into the logarithm */
    ck_map_two divide;
    /* v > 0 ? u : v < 0 ? -u : 0, where v went in */
    ck_map_two absolute_gradient;
    /* u / (1 + e^-v) in double, rounded once, where v went in */
    ck_map_two softplus_gradient;
    /* u / ((1 + |v|) * (1 + |v|)), where v went in */
    ck_map_two softsign_gradient;
    /* u * a * v^(a - 1) in double, rounded once, where v went in */
    ck_map_two power_gradient;
    /* v <= u ? u : v; a NaN stays */
    ck_map_two larger;
    /* v >= u ? u : v; a NaN stays */
    ck_map_two smaller;
    /* -(u * v) / w: at the divisor w, where v is the quotient */
    ck_map_three divisor_gradient;
    /* v >= w ? u : 0 */
    ck_map_three where_not_less;
    /* v < w ? u : 0 */
    ck_map_three where_less;
    /* u - v */
    ck_map_two subtract;
    /* u * v */
    ck_map_two multiply;

    /* Rows of channels; per channel j of `columns`: */
    /* y = x > 0 ? x : slopes[j] * x. y may be x. */
    void (*prelu)(float *y, const float *x, const float *slopes, size_t rows, size_t columns);
    /* dx = x > 0 ? dy : slopes[j] * dy. dx may be dy. */
    void (*prelu_gradient)(float *dx, const float *dy, const float *x, const float *slopes,
                           size_t rows, size_t columns);
    /* y = x > 0 ? 0 : dy * x: what each element adds to the gradient of its slope. */
    ck_map_two slope_terms;
    /* sums[j] = sum of u * v, each product rounded, in row order, from +0. */
    void (*factor_sums)(float *sums, const float *u, const float *v, size_t rows,
                             size_t columns);
    /* e_j = exp(x_j - max), y_j = e_j / (sum of e, in order, from +0) */
    void (*softmax)(float *y, const float *x, size_t rows, size_t columns);
    /* dx_j = y_j * (dy_j - (sum of dy * y, each product rounded, in order, from +0)) */
    void (*softmax_gradient)(float *dx, const float *dy, const float *y, size_t rows,
                             size_t columns);
    /* y_j = (x_j - max) - log(sum of exp(x - max), in order, from +0) */
    void (*log_softmax)(float *y, const float *x, size_t rows, size_t columns);
    /* dx_j = dy_j - exp(y_j) * (sum of dy, in order, from +0) */
    void (*log_softmax_gradient)(float *dx, const float *dy, const float *y, size_t rows,
                                 size_t columns);
    /* y_c = x_c * base_c^-power, in double, rounded once */
    void (*respond)(float *y, const float *x, const ck_response *response, size_t rows,
                    size_t columns);
    /* q_c = dy_c * base_c^-power and t_c = dy_c * x_c * base_c^-power / base_c, in double, rounded once */
    void (*respond_terms)(float *q, float *t, const float *dy, const float *x,
                          const ck_response *response, size_t rows, size_t columns);
    /* dx_c = q_c - (slope * x_c) * (sum of t over the channels whose window holds c, in order, from +0),
     * slope = 2 * scale * power as a float. dx may be q. */
    void (*respond_gradient)(float *dx, const float *q, const float *t, const float *x,
                             const ck_response *response, size_t rows, size_t columns);

    /* Numbers of a sample at other places: y[i] = x[places[i]]. */
    void (*gather)(float *y, const float *x, const uint32_t *places, size_t count);
    /* dx[i] = sum of dy[readers[r]], starts[i] <= r < starts[i + 1], in order, from +0. */
    void (*gather_sums)(float *dx, const float *dy, const uint32_t *starts, const uint32_t *readers,
                        size_t count);

    /* Means and maxima over the windows of `pool`, rows of windows counted as n * out_height + oy;
     * gradients by rows of pixels, n * height + iy. Taps outside the image are left out. */
    /* y = (sum of the taps, from +0, (kh, kw) ascending) / divisor of the window */
    void (*average)(float *y, const float *x, const ck_pool *pool, size_t first_row, size_t rows);
    /* dx = sum, from +0, over the windows (oy, ox) ascending that hold the pixel, of
     * dy / divisor of the window */
    void (*average_gradient)(float *dx, const float *dy, const ck_pool *pool, size_t first_row,
                             size_t rows);
    /* y = the largest tap, as ck_kernels.max_pool takes it */
    void (*maximum)(float *y, const float *x, const ck_pool *pool, size_t first_row, size_t rows);
    /* dx as ck_kernels.max_pool_gradient */
    void (*maximum_gradient)(float *dx, const float *dy, const float *x, const float *y,
                             const ck_pool *pool, size_t first_row, size_t rows);
} ck_layers;

/* The kernels of a set; NULL where ck_table is. */
const ck_layers *ck_layers_table(ck_set set);
