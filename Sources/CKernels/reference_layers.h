/* The reference table's entries for the parameter-free and depthwise layers, normalisation and
 * training; see ckernels.h for what each one is. */
#pragma once
#include "ckernels.h"

void ck_relu6_reference(float *y, const float *x, size_t count);
void ck_relu6_backward_reference(float *dx, const float *dy, const float *y, size_t count);
void ck_sigmoid_reference(float *y, const float *x, size_t count);
void ck_sigmoid_backward_reference(float *dx, const float *dy, const float *y, size_t count);
void ck_add_reference(float *y, const float *a, const float *b, size_t count);
void ck_dropout_reference(float *y, const float *x, size_t first, size_t count,
                          const ck_mask *mask, float scale);
void ck_sgd_step_reference(float *w, float *v, const float *gradient, size_t count, float rate,
                           float momentum, float decay, bool nesterov);
void ck_adam_step_reference(float *w, float *m, float *v, const float *gradient, size_t count,
                            const ck_adam *constants);
void ck_scale_channels_reference(float *y, const float *x, const float *scale, const float *shift,
                                 size_t rows, size_t columns);
void ck_normalise_reference(float *y, const float *x, const float *mean, const float *scale,
                            const float *shift, size_t rows, size_t columns);
void ck_normalise_gradient_reference(float *dx, const float *dy, const float *x, const float *mean,
                                     const float *slope, const float *scale, const float *shift,
                                     size_t rows, size_t columns);
void ck_channel_sums_reference(double *sums, const float *x, size_t rows, size_t columns);
void ck_channel_squares_reference(double *sums, const float *x, const double *mean, size_t rows,
                                  size_t columns);
void ck_channel_products_reference(double *sums, const float *dy, const float *x,
                                   const float *mean, size_t rows, size_t columns);

void ck_depthwise_reference(float *y, const float *x, const float *w, const float *bias,
                            const ck_depthwise *shape, float lower, float upper, size_t first_row,
                            size_t rows);
void ck_depthwise_weights_reference(float *dw, const float *x, const float *dy,
                                    const ck_windows *windows, size_t images, size_t channels);
void ck_max_pool_reference(float *y, const float *x, const ck_windows *windows, size_t first_row,
                           size_t rows);
void ck_max_pool_gradient_reference(float *dx, const float *dy, const float *x, const float *y,
                                    const ck_windows *windows, size_t first_row, size_t rows);
void ck_average_pool_reference(float *y, const float *x, const ck_windows *windows,
                               size_t first_row, size_t rows);
void ck_average_pool_gradient_reference(float *dx, const float *dy, const ck_windows *windows,
                                        size_t first_row, size_t rows);
