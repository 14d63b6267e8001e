/* Steps and projections in the L2, L1 and L0 balls around an image, row by row. Double inside: differences of
 * floats and their squares are exact there. One loop for every instruction set: a row takes a
 * thousandth of the time of the pass through the network that goes with it. */
#pragma once
#include <stddef.h>

/* The square root of the sum of x[i]², sixteen lanes: lane l adds items l, l + 16, ... in order;
 * then folds of 8, 4, 2, 1. */
double ck_norm_l2(const float *x, size_t count);

/* The sum of |x[i]|, in the same lanes. */
double ck_norm_l1(const float *x, size_t count);

/* moved[i] = (float)(y[i] + scale * g[i]), the product and the sum rounded to double. moved may be
 * y. */
void ck_step_l2(float *moved, const float *y, const float *g, size_t count, double scale);

/* y = clamp(x + s * (proposed - x), 0, 1) with s = min(1, epsilon / |proposed - x|), the norm in
 * lanes as above. Where rounding has left y outside the ball by a last bit, s shrinks by 2^-20
 * until it is inside. A proposal within the ball is only clamped. y must not be proposed. */
void ck_project_l2(float *y, const float *proposed, const float *x, size_t count, double epsilon);

/* A step of the length |scale| in the L1 norm: values move in the order of |g[i]|, the first of
 * equals first, in the direction of scale * g[i], each as far as the box allows but no farther than
 * |scale| / spread (with spread 0: than |scale|), until the length is used up. moved may not be y. */
void ck_step_l1(float *moved, const float *y, const float *g, size_t count, double scale,
                size_t spread);

/* The point of {sum |y - x| <= epsilon} and [0, 1] nearest to proposed: every change d is brought
 * back by the same amount lambda, and cut at the box: y = x + sign(d) * min(max(|d| - lambda, 0),
 * room). lambda is the least one, to within 2^-30 of the largest change, for which the sum of the
 * rounded changes is within epsilon. y must not be proposed. */
void ck_project_l1(float *y, const float *proposed, const float *x, size_t count, double epsilon);

/* y = clamp(proposed, 0, 1), where all but the floor(epsilon) largest changes are undone; of equal
 * changes the first ones are kept. y must not be proposed. */
void ck_project_l0(float *y, const float *proposed, const float *x, size_t count, double epsilon);
