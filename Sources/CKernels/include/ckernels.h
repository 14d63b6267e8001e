/* Exact float kernels: every output number has one written expression, whatever the instruction set.
 *
 * Rules, for every function here:
 *   - arrays are row-major and must not overlap unless a comment says so;
 *   - no allocation, no I/O, no state, no libm;
 *   - the expression in the comment is the specification: all tables give the same bits.
 *
 * Shape legend: m rows, n columns, k the summed axis; B batch, C classes, D pixels of an image.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ck_ball.h"
#include "ck_bounds.h"
#include "ck_carlini.h"
#include "ck_elementary.h"
#include "ck_halfspace.h"
#include "ck_intervals.h"
#include "ck_rows.h"

/* How far a plane product may reach beyond its last pixel. */
enum { CK_PLANE_SLACK = 128 };

/* How method 1 regularises its noise r of D pixels. */
enum { CK_REGULARISE_NONE = 0, CK_REGULARISE_L1 = 1, CK_REGULARISE_L2 = 2 };

/* Distances between an image and its adversarial version; double inside, see ck_distances. */
typedef struct ck_distances {
    double l0, l1, l2, linf; /* changed pixels, sum of |d|, square root of the sum of d², max |d| */
    double sum, min, max;    /* of the signed difference */
} ck_distances;

/* Steps of the summed axis that a block holds: a packed panel of it stays in the nearest cache. */
enum { CK_DEPTH = 256 };

/* The windows of a convolution as the rows of a matrix that is never stored.
 *
 * Row m is window (n, r, c) = (m / (out_height * out_width), m / out_width % out_height,
 * m % out_width). Along k come the runs in order; run t of that window begins at pixel
 * (r * step_y + taps[t].y, c * step_x + taps[t].x) of image n and holds run_pixels pixels side by
 * side, of each the run_channels channels from first_channel on (all channels where run_pixels > 1).
 * A pixel outside the image counts as zeros. A stored matrix [m, k] is the windows of one pixel of
 * an image of one line of m pixels with k channels. */
typedef struct ck_tap { ptrdiff_t y, x; } ck_tap;
typedef struct ck_patches {
    const float *images; /* [N, height, width, channels] */
    ptrdiff_t height, width, channels;
    ptrdiff_t out_height, out_width; /* windows of an image */
    ptrdiff_t step_y, step_x;
    const ck_tap *taps;
    size_t runs;
    ptrdiff_t run_pixels, run_channels, first_channel;
} ck_patches;

/* Windows of kernel_height x kernel_width pixels over images [N, height, width, channels]: window
 * (oy, ox) of an image begins at pixel (oy * stride_y - pad_top, ox * stride_x - pad_left). */
typedef struct ck_windows {
    ptrdiff_t height, width, channels;
    ptrdiff_t out_height, out_width; /* windows of an image */
    ptrdiff_t kernel_height, kernel_width, stride_y, stride_x, pad_top, pad_left;
} ck_windows;

/* A convolution without a sum over channels: output (n, r, c) reads, for every tap t in order, pixel
 * (r * step_y + taps[t].y, c * step_x + taps[t].x) of image n of x [N, height, width, channels] and
 * row weights[t] of w [.., channels]; it stands at y + n * image_stride + r * row_stride +
 * c * pixel_stride. A gradient at the input is one such convolution for each place within a
 * stride. */
typedef struct ck_depthwise {
    ptrdiff_t height, width, channels;
    ptrdiff_t out_height, out_width; /* outputs of an image */
    ptrdiff_t step_y, step_x;
    const ck_tap *taps;
    const size_t *weights;
    size_t count; /* of taps */
    ptrdiff_t image_stride, row_stride, pixel_stride;
} ck_depthwise;

/* The sizes of a convolution of images [N, height, width, channels]. */
typedef struct ck_convolution {
    ptrdiff_t images, height, width, channels, out_height, out_width, out_channels;
    ptrdiff_t kernel_height, kernel_width, stride_y, stride_x, pad_top, pad_left, groups;
    ptrdiff_t dilation_y, dilation_x; /* kh and kw are multiplied by these */
} ck_convolution;

/* Adam's constants as floats: step = rate / (1 - beta1^t), root = sqrt(1 - beta2^t),
 * rest1 = 1 - beta1, rest2 = 1 - beta2, each computed in double and rounded once. */
typedef struct ck_adam { float step, root, beta1, rest1, beta2, rest2, epsilon, decay; } ck_adam;

/* Where a dropout's numbers come from: element e uses word e % 4 of the Philox4x32-10 block of
 * counter (e / 4 mod 2^32, counter[0], counter[1], counter[2]), and is kept if the upper 24 bits of that
 * word are at least `threshold`. */
typedef struct ck_mask { uint32_t key[2], counter[3], threshold; } ck_mask;

enum { CK_SKINNY_ROWS = 4 };

/* One entry of an indirection buffer: a stretch of the summed axis and, for each row of a
 * micro-kernel, where its elements lie (M. Dukhan, "The Indirect Convolution Algorithm", 2019). */
enum { CK_MOST_ROWS = 16 };
typedef struct ck_segment {
    size_t length;
    const float *rows[CK_MOST_ROWS];
} ck_segment;

/* One instruction set's version of every kernel. */
typedef struct ck_kernels {
    const char *name;
    size_t mr;        /* rows of a micro-kernel */
    size_t nr;        /* columns of a full panel of the right-hand matrix */
    size_t nr_narrow; /* columns of the last panel where that is enough */

    /* Packs `rows` <= mr rows of a: to[p * mr + i] = a[i * row_stride + p * column_stride],
     * p < k, and zeros for the missing rows. */
    void (*pack_rows)(float *to, const float *a, size_t row_stride, size_t column_stride,
                      size_t rows, size_t k);
    /* Packs `columns` <= width columns of b: to[p * width + j] = b[p * row_stride +
     * j * column_stride], p < k, and zeros for the missing columns. */
    void (*pack_columns)(float *to, const float *b, size_t row_stride, size_t column_stride,
                         size_t columns, size_t width, size_t k);
    /* c[i,j] = chain over p ascending of acc = fma(a[i,p], b[p,j], acc), from init[i,j]; stored as
     * ck_clamp(acc, lower, upper), see expressions.h: infinite bounds change nothing.
     * a and b are packed panels; init may be c. Only rows x columns elements are touched. */
    void (*micro_kernel)(size_t k, const float *a, const float *b, const float *init,
                      size_t init_stride, float *c, size_t c_stride, size_t rows, size_t columns,
                      float lower, float upper);
    void (*micro_kernel_narrow)(size_t k, const float *a, const float *b, const float *init,
                        size_t init_stride, float *c, size_t c_stride, size_t rows,
                        size_t columns, float lower, float upper);

    /* The same with the rows of a where they are, segment after segment: nothing is packed. */
    void (*indirect_micro_kernel)(const ck_segment *segments, size_t count, const float *b,
                            const float *init, size_t init_stride, float *c, size_t c_stride,
                            size_t rows, size_t columns, float lower, float upper);
    void (*indirect_micro_kernel_narrow)(const ck_segment *segments, size_t count, const float *b,
                              const float *init, size_t init_stride, float *c, size_t c_stride,
                              size_t rows, size_t columns, float lower, float upper);
    /* The segments of rows <= mr windows from element first_k on, k <= CK_DEPTH elements in all;
     * returns their number. Only where run_pixels is 1. Rows outside the image, and missing ones, are
     * zeros. */
    size_t (*fill_indirection)(ck_segment *segments, const ck_patches *patches, size_t first_row,
                         size_t rows, size_t first_k, size_t k);

    /* Products of rows <= CK_SKINNY_ROWS with a matrix that is not packed: c holds where the chains
     * start, and then their ends. b[p,j] is b[p * b_stride + j], or across b[j * b_stride + p]. */
    void (*skinny_gemm)(float *c, size_t c_stride, const float *a, size_t a_stride, size_t rows,
                     const float *b, size_t b_stride, size_t k, size_t columns);
    void (*skinny_gemm_transposed)(float *c, size_t c_stride, const float *a, size_t a_stride,
                            size_t rows, const float *b, size_t b_stride, size_t k,
                            size_t columns);

    /* Packs rows <= mr windows: to[p * mr + i] = element first_k + p of window first_row + i,
     * p < k <= CK_DEPTH, and zeros for the missing rows. May write mr floats past the end. */
    void (*pack_im2col)(float *to, const ck_patches *patches, size_t first_row, size_t rows,
                         size_t first_k, size_t k);
    /* The other way round: to[p * width + i] = element first_k + i of window first_row + p,
     * p < windows, i < elements <= width, and zeros for the missing elements. */
    void (*pack_im2col_transposed)(float *to, const ck_patches *patches, size_t first_row,
                                size_t windows, size_t first_k, size_t elements,
                                   size_t width);
    /* to[j * to_stride + i] = from[i * from_stride + j], i < rows, j < columns. */
    void (*transpose)(float *to, size_t to_stride, const float *from, size_t from_stride,
                      size_t rows, size_t columns);
    /* Products with few columns, lanes along the pixels of planes [k][...]: for c < channels <= 4
     * y[c * y_stride + x] = chain over taps t, then p < k, from +0, of
     * acc = fma(planes[p * plane_stride + offsets[t] + x], w[(t * k + p) * channels + c], acc).
     * x < count; reads and writes up to CK_PLANE_SLACK floats beyond. */
    void (*plane_product)(float *y, size_t y_stride, const float *planes, size_t plane_stride,
                          const size_t *offsets, size_t taps, size_t k, const float *w,
                          size_t channels, size_t count);

    /* y = 0 > x ? 0 : x. A NaN stays, as does -0. y may be x. */
    void (*relu)(float *y, const float *x, size_t count);
    /* dx = y > 0 ? dy : 0. dx may be dy. */
    void (*relu_backward)(float *dx, const float *dy, const float *y, size_t count);
    /* y = 0 > x ? 0 : (x > 6 ? 6 : x). A NaN stays, as does -0. y may be x. */
    void (*relu6)(float *y, const float *x, size_t count);
    /* dx = 0 < y and y < 6 ? dy : 0. dx may be dy. */
    void (*relu6_backward)(float *dx, const float *dy, const float *y, size_t count);
    /* With e = exp(-|x|) in double: y = 1 / (1 + e) where x >= 0, else e / (1 + e), rounded to
     * float once. +0 for x below -103.97; a NaN gives the quiet NaN. y may be x. */
    void (*sigmoid)(float *y, const float *x, size_t count);
    /* dx = dy * (y * (1 - y)), each operation rounded. dx may be dy. */
    void (*sigmoid_backward)(float *dx, const float *dy, const float *y, size_t count);
    /* y = a + b. y may be a or b. */
    void (*add)(float *y, const float *a, const float *b, size_t count);
    /* Elements first ... first + count - 1 of a dropout: y = kept ? x * scale : 0. first is a
     * multiple of four; x and y point at its element. y may be x. */
    void (*dropout)(float *y, const float *x, size_t first, size_t count, const ck_mask *mask,
                    float scale);

    /* y[n, r, c, i] = clamp(chain over taps in order, from bias[i], of fma(pixel, weight, acc),
     * lower, upper), where a pixel outside its image is +0 and enters the chain, and a NaN stays.
     * Output rows first_row ... first_row + rows - 1, counted as n * out_height + r. */
    void (*depthwise)(float *y, const float *x, const float *w, const float *bias,
                      const ck_depthwise *shape, float lower, float upper, size_t first_row,
                      size_t rows);
    /* dw[(kh, kw), i] = chain over windows (n, oy, ox) ascending, from +0, of fma(pixel, dy, acc),
     * for the first `channels` channels of `images` images; pixels outside are +0. All strides are
     * those of windows->channels channels. */
    void (*depthwise_weights)(float *dw, const float *x, const float *dy,
                              const ck_windows *windows, size_t images, size_t channels);
    /* y[n, oy, ox, i] = the largest pixel of the window that lies within the image (-inf if none
     * does): m = -inf; for taps (kh, kw) ascending m = x <= m or m is NaN ? m : x. So the first of
     * equals stays (-0 = +0), and the first NaN. Rows of windows, counted as n * out_height + oy. */
    void (*max_pool)(float *y, const float *x, const ck_windows *windows, size_t first_row,
                     size_t rows);
    /* dx[n, iy, ix, i] = sum, from +0, over the windows (oy, ox) ascending that hold the pixel, of
     * dy where this pixel is the first of its window that equals y (the first NaN where y is one),
     * else +0. Rows of pixels, counted as n * height + iy. */
    void (*max_pool_gradient)(float *dx, const float *dy, const float *x, const float *y,
                              const ck_windows *windows, size_t first_row, size_t rows);
    /* y[n, oy, ox, i] = (sum, from +0, of the window's pixels within the image, (kh, kw)
     * ascending) / (kernel_height * kernel_width), a true division. */
    void (*average_pool)(float *y, const float *x, const ck_windows *windows, size_t first_row,
                         size_t rows);
    /* dx[n, iy, ix, i] = (sum, from +0, of dy over the windows (oy, ox) ascending that hold the
     * pixel) / (kernel_height * kernel_width), a true division. */
    void (*average_pool_gradient)(float *dx, const float *dy, const ck_windows *windows,
                                  size_t first_row, size_t rows);

    /* Rows of channels; per channel j of `columns`: */
    /* y = fma(x, scale[j], shift[j]), or x * scale[j] where shift is NULL. y may be x. */
    void (*scale_channels)(float *y, const float *x, const float *scale, const float *shift,
                           size_t rows, size_t columns);
    /* y = fma(x - mean[j], scale[j], shift[j]). y may be x. */
    void (*normalise)(float *y, const float *x, const float *mean, const float *scale,
                      const float *shift, size_t rows, size_t columns);
    /* dx = fma(x - mean[j], slope[j], fma(dy, scale[j], shift[j])). dx may be dy. */
    void (*normalise_gradient)(float *dx, const float *dy, const float *x, const float *mean,
                               const float *slope, const float *scale, const float *shift,
                               size_t rows, size_t columns);
    /* sums[j] = sum of x in double, rows in order, from +0. */
    void (*channel_sums)(double *sums, const float *x, size_t rows, size_t columns);
    /* sums[j] = sum of (x - mean[j])^2 in double, every operation rounded, rows in order. */
    void (*channel_squares)(double *sums, const float *x, const double *mean, size_t rows,
                            size_t columns);
    /* sums[j] = sum of dy * (x - mean[j]) in double, every operation rounded, rows in order. */
    void (*channel_products)(double *sums, const float *dy, const float *x, const float *mean,
                             size_t rows, size_t columns);
    /* sums[j] = x[0,j] + x[1,j] + ... in row order, from +0. */
    void (*column_sums)(float *sums, const float *x, size_t rows, size_t columns);
    /* g += decay * w; v = momentum * v + g; w -= rate * v, or with nesterov
     * w -= rate * (g + momentum * v). Every operation is rounded. */
    void (*sgd_step)(float *w, float *v, const float *gradient, size_t count, float rate,
                     float momentum, float decay, bool nesterov);
    /* g += decay * w; m = beta1 * m + rest1 * g; v = beta2 * v + (rest2 * g) * g;
     * w -= (step * m) / (sqrt(v) / root + epsilon). Every operation is rounded. */
    void (*adam_step)(float *w, float *m, float *v, const float *gradient, size_t count,
                      const ck_adam *constants);
    /* y = clamp(x + step * sign(g), lower, upper); sign(0) = 0; a NaN gradient gives NaN. */
    void (*sign_step)(float *y, const float *x, const float *g, size_t count, float step,
                      float lower, float upper);
    /* One step of method 1 on the noise r of an image x, with g the loss gradient at
     * clamp(x + r): g counts where 0 <= x + r <= 1; slope times sign(r) (L1) or r (L2) is added;
     * r -= rate * that; then y = clamp(x + r, 0, 1). */
    void (*noise_step)(float *y, float *r, const float *x, const float *g, size_t count,
                       float rate, int regulariser, float slope);
    /* y = the float nearest to proposed within [x - epsilon, x + epsilon] (exactly: the bounds
     * are rounded inwards) and [0, 1]. y may be proposed. */
    void (*project_linf)(float *y, const float *proposed, const float *x, size_t count,
                         float epsilon);
    /* y = rint(clamp(x, 0, 1) * 255) / 255, ties to even: what an 8-bit picture keeps. */
    void (*round_to_bytes)(float *y, const float *x, size_t count);
    /* y = byte / 255. */
    void (*from_bytes)(float *y, const uint8_t *bytes, size_t count);
    /* Differences y - x are exact in double; their sums are partial sums as in ck_norm_l2. */
    void (*distances)(ck_distances *result, const float *x, const float *y, size_t count);

    /* What the outputs of a product can be while each input k of one image is a float of
     * [l[k], u[k]]: per output, for k in the order (kh, kw, channel), with w = w[k][output],
     *
     *     lower = fma(w, w < 0 ? u : l, lower)    upper = fma(w, w < 0 ? l : u, upper)
     *     error += w == 0 ? 0 : max(2^-125, 2^e), 2^e <= max(|lower|, |upper|) < 2^(e+1)
     *     size = fma(|w|, max(|l|, |u|), size)
     *
     * from bias, bias, 0 and |bias|, bias NULL for 0; outside the image l and u are 0. 2^-24 * error is
     * the sum of half the spacing of floats at every partial sum. w is [groups][kh, kw, channel of the
     * group][output of the group]; patch holds two floats for each k of a window. */
    void (*interval_product)(const ck_interval_results *to, const float *l, const float *u,
                             const float *w, const float *bias, const ck_convolution *shape,
                             float *patch);
    /* Goes from coefficients m of values to those of what the lines are drawn over, in place, for
     * each row r, k ascending: the lower line where m >= 0, the upper one otherwise,
     *
     *     constant[r] += m * offset[k];  total[r] += |m| * size[k];  m = m * slope[k]. */
    void (*relax_rows)(double *rows, size_t count, const ck_lines *lines, double *constant,
                       double *total);
    /* From coefficients of a product's outputs, of which those outside `source` are 0, to those of its
     * inputs in `target`: to[y, x, c] is a chain over (kh, kw, o) ascending of acc = acc + from * w,
     * product and sum each rounded, from what it is, over the windows that read the pixel. w is
     * [groups][kh, kw][output of the group][channel of the group]. */
    void (*pull_rows)(double *to, const double *from, const double *w,
                      const ck_convolution *shape, const ck_region *source,
                      const ck_region *target);
} ck_kernels;

/* The instruction sets, best last. */
typedef enum ck_set { CK_REFERENCE, CK_PORTABLE, CK_NEON, CK_AVX2, CK_AVX512 } ck_set;

/* The specification itself. */
extern const ck_kernels ck_kernels_reference;

/* The table of a set; NULL where this CPU (or this build) does not have it. */
const ck_kernels *ck_table(ck_set set);

/* The kernels over one row of a set, those of CK_REFERENCE the specification; NULL where ck_table is. */
const ck_rows *ck_rows_table(ck_set set);

/* The specification of every matrix product: the scalar chain, on strided operands.
 * c[i,j] = chain over p ascending of acc = fma(a[i,p], b[p,j], acc), from bias[j] (or +0). */
void ck_product_reference(float *c, size_t c_stride, const float *a, size_t a_row,
                          size_t a_column, const float *b, size_t b_row, size_t b_column,
                          const float *bias, size_t m, size_t n, size_t k);

/* The specification of a convolution, for channels c of [c0, c0 + C) and o of [o0, o0 + O), where C
 * and O are those of one group: y[n, oy, ox, o] = chain over (kh, kw, c) ascending of
 * fma(x[n, oy * sy + kh - py, ox * sx + kw - px, c], w[o, c, kh, kw], acc) from bias[o] (or +0);
 * outside the image x is 0. The gradients as ckernels' callers document them, by the same loops. */
void ck_convolution_reference(float *y, const float *x, const float *w, const float *bias,
                              const ck_convolution *shape);
/* dx[n, iy, ix, c] = chain over (kh, kw, o) ascending, from +0, over the taps whose window
 * (iy + py - kh) / sy, (ix + px - kw) / sx is whole; dy outside its range is 0. */
void ck_convolution_input_reference(float *dx, const float *dy, const float *w,
                                    const ck_convolution *shape);
/* dw[o, c, kh, kw] = chain over (n, oy, ox) ascending, from +0, of fma(x, dy, acc), images n of
 * [first, last). */
void ck_convolution_weight_reference(float *dw, const float *dy, const float *x,
                                     const ck_convolution *shape, ptrdiff_t first, ptrdiff_t last);

/* Scalar kernels that are the same on every set: few numbers, one expression each. */

/* Per row: m = max; e = exp(x - m); p = e / (sum of e in index order). p may be x. */
void ck_softmax(float *p, const float *logits, size_t rows, size_t classes);
/* losses[b] = log(sum) - (x[target] - m), or log(1 + sum of the other e) where x[target] = m;
 * gradient = p * scale, at the target -(sum of the other p in index order) * scale: p - 1 would be 0
 * as soon as the target leads by 17. Either of losses and gradient may be NULL. gradient may be
 * logits. */
void ck_cross_entropy(float *losses, float *gradient, const float *logits, const int64_t *targets,
                      size_t rows, size_t classes, float scale);
/* With p = softmax(clean) and q = softmax(moved) of a row, in double, and d_j = log p_j - log q_j, which is
 * (clean_j - max) - (moved_j - max') - log(sum / sum'): losses[b] = sum of p_j * d_j in index order, the
 * Kullback-Leibler divergence of q from p; moved_gradient_j = (q_j - p_j) * scale and
 * clean_gradient_j = p_j * (d_j - loss) * scale, each rounded to float once. Any of the three may be
 * NULL; each gradient may be its own logits. An e^x below e^-104 counts as 0. */
void ck_divergence(float *losses, float *clean_gradient, float *moved_gradient, const float *clean,
                   const float *moved, size_t rows, size_t classes, float scale);
/* The index of the largest value of each row, the lowest of equals. */
void ck_argmax(int64_t *best, const float *x, size_t rows, size_t columns);
/* The index of the first value that is NaN or infinite, or count. */
size_t ck_first_not_finite(const float *x, size_t count);
/* Whether subnormal floats are kept, as the exact contract needs. */
bool ck_keeps_subnormals(void);
/* What one core can do: runs `rounds` of independent fused multiply-adds in registers; returns
 * how many floating-point operations that were. The sink keeps the loop alive. */
double ck_peak(ck_set set, size_t rounds, float *sink);
/* Tells the CPU that this thread is waiting in a loop. */
void ck_pause(void);
