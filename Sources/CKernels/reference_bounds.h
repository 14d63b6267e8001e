/* The scalar kernels of ck_bounds.h, for the table of the reference. */
#pragma once
#include "ckernels.h"

void ck_interval_product_reference(const ck_interval_results *to, const float *l, const float *u,
                                   const float *w, const float *bias, const ck_convolution *shape,
                                   float *patch);
void ck_relax_rows_reference(double *rows, size_t count, const ck_lines *lines, double *constant,
                             double *total);
void ck_pull_rows_reference(double *to, const double *from, const double *w,
                            const ck_convolution *shape, const ck_region *source,
                            const ck_region *target);
