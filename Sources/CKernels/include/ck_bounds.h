/* What a network's outputs can be over a box of inputs: the pieces that certificates are made of. */
#pragma once
#include <stddef.h>

/* Rows of coefficients that go backward through a network side by side: value k of a row r lies at
 * [k * CK_BOUND_ROWS + r]. */
enum { CK_BOUND_ROWS = 8 };

/* Pixels of maps: rows [top, bottom) and columns [left, right). */
typedef struct ck_region { ptrdiff_t top, left, bottom, right; } ck_region;

/* Where an interval product puts its results, [out_height, out_width, out_channels] each; error and
 * size may both be NULL. */
typedef struct ck_interval_results { float *lower, *upper, *error, *size; } ck_interval_results;

/* Lines below and above each of a number of values: low_slope * z + low_offset <= value <=
 * high_slope * z + high_offset. The slopes may both be NULL, which stands for 1. size is a bound on the
 * sum of the magnitudes of all terms of either line. */
typedef struct ck_lines {
    const double *low_slope, *high_slope, *low_offset, *high_offset, *size;
} ck_lines;

/* The sigmoid 1 / (1 + e^-x) within a relative 2^-50 where |x| <= 104; beyond, that of 104 or -104. */
double ck_wide_sigmoid(double x);
