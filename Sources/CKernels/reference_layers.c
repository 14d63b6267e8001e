/* The specification of activations, normalisation and training, in scalar loops. */
#include "reference_layers.h"
#include "expressions.h"
#include "softfma.h"

void ck_relu6_reference(float *y, const float *x, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] = 0.0f > x[i] ? 0.0f : x[i] > 6.0f ? 6.0f : x[i];
}

void ck_relu6_backward_reference(float *dx, const float *dy, const float *y, size_t count) {
    for (size_t i = 0; i < count; i++) dx[i] = 0.0f < y[i] && y[i] < 6.0f ? dy[i] : 0.0f;
}

void ck_sigmoid_reference(float *y, const float *x, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] = ck_sigmoid(x[i]);
}

void ck_sigmoid_backward_reference(float *dx, const float *dy, const float *y, size_t count) {
    for (size_t i = 0; i < count; i++) dx[i] = ck_sigmoid_backward(dy[i], y[i]);
}

void ck_add_reference(float *y, const float *a, const float *b, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] = a[i] + b[i];
}

void ck_dropout_reference(float *y, const float *x, size_t first, size_t count,
                          const ck_mask *mask, float scale) {
    for (size_t i = 0; i < count; i++) {
        const size_t e = first + i;
        uint32_t block[4] = {(uint32_t)(e / 4), mask->counter[0], mask->counter[1],
                             mask->counter[2]};
        ck_philox(block, mask->key);
        y[i] = ck_drop(x[i], block[e % 4], mask->threshold, scale);
    }
}

void ck_sgd_step_reference(float *w, float *v, const float *gradient, size_t count, float rate,
                           float momentum, float decay, bool nesterov) {
    for (size_t i = 0; i < count; i++)
        ck_sgd(w + i, v + i, gradient[i], rate, momentum, decay, nesterov);
}

void ck_adam_step_reference(float *w, float *m, float *v, const float *gradient, size_t count,
                            const ck_adam *constants) {
    for (size_t i = 0; i < count; i++) ck_adam_one(w + i, m + i, v + i, gradient[i], constants);
}

void ck_scale_channels_reference(float *y, const float *x, const float *scale, const float *shift,
                                 size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            const float x_ij = x[i * columns + j];
            y[i * columns + j] =
                shift == NULL ? x_ij * scale[j] : ck_soft_fmaf(x_ij, scale[j], shift[j]);
        }
}

void ck_normalise_reference(float *y, const float *x, const float *mean, const float *scale,
                            const float *shift, size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            y[i * columns + j] = ck_soft_fmaf(x[i * columns + j] - mean[j], scale[j], shift[j]);
}

void ck_normalise_gradient_reference(float *dx, const float *dy, const float *x, const float *mean,
                                     const float *slope, const float *scale, const float *shift,
                                     size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            const size_t e = i * columns + j;
            const float direct = ck_soft_fmaf(dy[e], scale[j], shift[j]);
            dx[e] = ck_soft_fmaf(x[e] - mean[j], slope[j], direct);
        }
}

void ck_channel_sums_reference(double *sums, const float *x, size_t rows, size_t columns) {
    for (size_t j = 0; j < columns; j++) {
        sums[j] = 0.0;
        for (size_t i = 0; i < rows; i++) sums[j] += (double)x[i * columns + j];
    }
}

void ck_channel_squares_reference(double *sums, const float *x, const double *mean, size_t rows,
                                  size_t columns) {
    for (size_t j = 0; j < columns; j++) {
        sums[j] = 0.0;
        for (size_t i = 0; i < rows; i++) {
            const double d = (double)x[i * columns + j] - mean[j];
            sums[j] += d * d;
        }
    }
}

void ck_channel_products_reference(double *sums, const float *dy, const float *x,
                                   const float *mean, size_t rows, size_t columns) {
    for (size_t j = 0; j < columns; j++) {
        sums[j] = 0.0;
        for (size_t i = 0; i < rows; i++)
            sums[j] += (double)dy[i * columns + j] * ((double)x[i * columns + j] - (double)mean[j]);
    }
}
