/* Steps and projections in the L2 ball around an image, row by row. Double inside: differences of
 * floats and their squares are exact there. One loop for every instruction set: a row takes a
 * thousandth of the time of the pass through the network that goes with it. */
#pragma once
#include <stddef.h>

/* The square root of the sum of x[i]², sixteen lanes: lane l adds items l, l + 16, ... in order;
 * then folds of 8, 4, 2, 1. */
double ck_norm_l2(const float *x, size_t count);

/* moved[i] = (float)(y[i] + scale * g[i]), the product and the sum rounded to double. moved may be
 * y. */
void ck_step_l2(float *moved, const float *y, const float *g, size_t count, double scale);

/* y = clamp(x + s * (proposed - x), 0, 1) with s = min(1, epsilon / |proposed - x|), the norm in
 * lanes as above. Where rounding has left y outside the ball by a last bit, s shrinks by 2^-20
 * until it is inside. A proposal within the ball is only clamped. y must not be proposed. */
void ck_project_l2(float *y, const float *proposed, const float *x, size_t count, double epsilon);
