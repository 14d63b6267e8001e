/* Steps and projections in the L2, L1 and L0 balls around an image, row by row. Double inside: differences of
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

/* moved = y, but for one value: the first of those with the largest |g[i]| that have room in the
 * direction of scale * g[i] moves by |scale|. */
void ck_step_l1(float *moved, const float *y, const float *g, size_t count, double scale);

/* The point of {sum |y - x| <= epsilon} and [0, 1] nearest to proposed: every change d is brought
 * back by the same amount lambda, and cut at the box: y = x + sign(d) * min(max(|d| - lambda, 0),
 * room), with the least lambda for which the sum of the rounded changes is within epsilon, to
 * 2^-60 of the largest change. y must not be proposed. */
void ck_project_l1(float *y, const float *proposed, const float *x, size_t count, double epsilon);

/* y = clamp(proposed, 0, 1), where all but the floor(epsilon) largest changes are undone; of equal
 * changes the first ones are kept. y must not be proposed. */
void ck_project_l0(float *y, const float *proposed, const float *x, size_t count, double epsilon);
