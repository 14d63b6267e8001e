/* Steps and projections in the L2, L1 and L0 balls around an image, row by row. Double inside:
 * differences of pixels and their squares are exact there, or nearly. One loop for every
 * instruction set: a row takes a thousandth of the time of the pass through the network that goes
 * with it. */
#pragma once
#include <stddef.h>

/* The square root of the sum of x[i]², in sixteen partial sums: partial i adds the terms i, i + 16,
 * ... in order; then i + 8 is added to i, and likewise 4, 2, 1. */
double ck_norm_l2(const float *x, size_t count);

/* The sum of |x[i]|, in the same partial sums. */
double ck_norm_l1(const float *x, size_t count);

/* moved[i] = (float)(y[i] + scale * g[i]), the product and the sum rounded to double. moved may be
 * y. */
void ck_step_l2(float *moved, const float *y, const float *g, size_t count, double scale);

/* How far each pixel may go: between min(x[i], low[i]) and max(x[i], high[i]), x the original. So an
 * original beyond its bounds is within them; one with low[i] > high[i] (infinity and -infinity) is held
 * at x[i]. Null stands for 0 and 1 everywhere: the same arithmetic with these. */
typedef struct {
    const float *low, *high;
} ck_limits;

/* y[i] = the nearest value within the limits around x[i]. */
void ck_clamp_to_limits(float *y, const float *x, size_t count, const ck_limits *limits);

/* The index of the first value that is not in [0, 1] (a NaN is not), or count. */
size_t ck_first_outside_box(const float *x, size_t count);

/* Projections. They are meant for x in [0, 1] and epsilon >= 0; then y is in [0, 1] and its distance
 * from x, as the kernel `distances` measures it, is at most epsilon, for any proposal without a NaN
 * (for L2 an infinite value counts as 2^128; for L1 one that is farther than 2^20 counts as that).
 * An infinite epsilon is no bound. They end for every input: an epsilon that is NaN or below 0
 * counts as 0, and where x is outside [0, 1] the box has the last word. y must not be proposed.
 *
 * With limits these take the place of [0, 1]: y is within them, and what was proposed for a pixel that is
 * held counts for nothing. */

/* y = clamp(x + s * (proposed - x), 0, 1) with s = min(1, epsilon / |proposed - x|), the norm in
 * partial sums as above. Where rounding has left y outside the ball by a last bit, s shrinks by 2^-20
 * until it is inside, at most 31 times; then, as the radius is near the spacing of floats, s is
 * 1 - 2^-20 of the first, and every value is rounded towards x. A proposal within the ball is only
 * clamped. */
void ck_project_l2(float *y, const float *proposed, const float *x, size_t count, double epsilon,
                   const ck_limits *limits);

/* A step of the length |scale| in the L1 norm: values move in the order of |g[i]|, the first of
 * equals first, in the direction of scale * g[i], each as far as box or limits around x allow but no farther than
 * |scale| / spread (with spread 0: than |scale|), until the length is used up. moved may not be y. */
void ck_step_l1(float *moved, const float *y, const float *g, size_t count, double scale,
                size_t spread, const float *x, const ck_limits *limits);

/* The point of {sum |y - x| <= epsilon} and [0, 1] nearest to proposed: every change d is brought
 * back by the same amount lambda, and cut at the box: y = x + sign(d) * min(max(|d| - lambda, 0),
 * room). lambda is the least one, to within 2^-30 of the largest change or of a pixel, for which the
 * sum of the rounded changes is within epsilon. */
void ck_project_l1(float *y, const float *proposed, const float *x, size_t count, double epsilon,
                   const ck_limits *limits);

/* y = clamp(proposed, 0, 1), where all but the floor(epsilon) largest changes are undone; of equal
 * changes the first ones are kept. */
void ck_project_l0(float *y, const float *proposed, const float *x, size_t count, double epsilon,
                   const ck_limits *limits);
