/* Exact float kernels: every output number has one written expression, whatever the lanes.
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

#include "ck_elementary.h"

/* How method 1 regularises its noise r of D pixels. */
enum { CK_REGULARISE_NONE = 0, CK_REGULARISE_L1 = 1, CK_REGULARISE_L2 = 2 };

/* Distances between an image and its adversarial version; double inside, see ck_distances. */
typedef struct ck_distances {
    double l0, l1, l2, linf; /* changed pixels, sum of |d|, square root of the sum of d², max |d| */
    double sum, min, max;    /* of the signed difference */
} ck_distances;

/* One instruction set's version of every kernel. */
typedef struct ck_kernels {
    const char *name;
    size_t mr;        /* rows of a tile */
    size_t wide;      /* columns of a full panel of the right-hand matrix */
    size_t narrow;    /* columns of the last panel where that is enough */

    /* Packs `rows` <= mr rows of a: to[p * mr + i] = a[i * row_stride + p * column_stride],
     * p < k, and zeros for the missing rows. */
    void (*pack_rows)(float *to, const float *a, size_t row_stride, size_t column_stride,
                      size_t rows, size_t k);
    /* Packs `columns` <= width columns of b: to[p * width + j] = b[p * row_stride +
     * j * column_stride], p < k, and zeros for the missing columns. */
    void (*pack_columns)(float *to, const float *b, size_t row_stride, size_t column_stride,
                         size_t columns, size_t width, size_t k);
    /* c[i,j] = chain over p ascending of acc = fma(a[i,p], b[p,j], acc), from init[i,j].
     * a and b are packed panels; init may be c. Only rows x columns elements are touched. */
    void (*tile_wide)(size_t k, const float *a, const float *b, const float *init,
                      size_t init_stride, float *c, size_t c_stride, size_t rows, size_t columns);
    void (*tile_narrow)(size_t k, const float *a, const float *b, const float *init,
                        size_t init_stride, float *c, size_t c_stride, size_t rows,
                        size_t columns);

    /* y = 0 > x ? 0 : x. A NaN stays, as does -0. y may be x. */
    void (*relu)(float *y, const float *x, size_t count);
    /* dx = y > 0 ? dy : 0. dx may be dy. */
    void (*relu_gradient)(float *dx, const float *dy, const float *y, size_t count);
    /* sums[j] = x[0,j] + x[1,j] + ... in row order, from +0. */
    void (*column_sums)(float *sums, const float *x, size_t rows, size_t columns);
    /* Sixteen lanes, lane l adds items l, l + 16, ... in order; then folds of 8, 4, 2, 1. */
    float (*sum)(const float *x, size_t count);
    /* g += decay * w; v = momentum * v + g; w -= rate * v. Every operation is rounded. */
    void (*sgd_step)(float *w, float *v, const float *gradient, size_t count, float rate,
                     float momentum, float decay);
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
    /* Differences y - x are exact in double; sums run in sixteen lanes as in `sum`. */
    void (*distances)(ck_distances *result, const float *x, const float *y, size_t count);
} ck_kernels;

/* The instruction sets, best last. */
typedef enum ck_set { CK_REFERENCE, CK_PORTABLE, CK_NEON, CK_AVX2, CK_AVX512 } ck_set;

/* The specification itself. */
extern const ck_kernels ck_kernels_reference;

/* The table of a set; NULL where this CPU (or this build) does not have it. */
const ck_kernels *ck_table(ck_set set);

/* The specification of every matrix product: the scalar chain, on strided operands.
 * c[i,j] = chain over p ascending of acc = fma(a[i,p], b[p,j], acc), from bias[j] (or +0). */
void ck_product_reference(float *c, size_t c_stride, const float *a, size_t a_row,
                          size_t a_column, const float *b, size_t b_row, size_t b_column,
                          const float *bias, size_t m, size_t n, size_t k);

/* Scalar kernels that are the same on every set: few numbers, one expression each. */

/* Per row: m = max; e = exp(x - m); p = e / (sum of e in index order). p may be x. */
void ck_softmax(float *p, const float *logits, size_t rows, size_t classes);
/* losses[b] = log(sum) - (x[target] - m); gradient = (p - [j = target]) * scale. Either of
 * losses and gradient may be NULL. gradient may be logits. */
void ck_cross_entropy(float *losses, float *gradient, const float *logits, const int64_t *targets,
                      size_t rows, size_t classes, float scale);
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
