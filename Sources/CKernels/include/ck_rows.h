/* Kernels over one row that come in several widths of registers: the functions of ck_halfspace.h
 * and ck_carlini.h take the widest that the CPU has; here each can be had by itself. All give the
 * bits of the specification, reference_rows.c. */
#pragma once
#include "ck_carlini.h"
#include "ck_halfspace.h"

/* One instruction set's version of each; see the headers above for what they do. */
typedef struct ck_rows {
    double (*dot)(const float *w, const float *x, size_t count);
    void (*to_hyperplane)(float *d, const float *t, const float *w, size_t count, double gap,
                          int norm, const float *lower, const float *upper);
    void (*to_pixels)(float *y, const float *w, size_t count);
    void (*unbounded_step)(float *w, float *mean, float *square, float *y, const float *dy,
                           size_t count, ck_adam_step step);
} ck_rows;
