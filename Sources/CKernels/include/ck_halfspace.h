/* The way from a point of a box to a hyperplane, within the box. */
#pragma once
#include <stddef.h>

/* d: the least change, in the given norm (0: largest change, 1: root of the sum of squares, 2: sum), with
 * sum w[i] * (t[i] + d[i]) = sum w[i] * t[i] + gap and t + d in the box. Where the box does not reach the
 * hyperplane, d goes as far as it can. The box is lower[i] ... upper[i], which hold t[i]; [0, 1] where both are
 * null. Sums in sixteen partial sums as in ck_ball.h.
 *
 * In the first two norms d[i] = +-min(lambda * k[i], room[i]), k = 1 or |w[i]|, and lambda is the root of a
 * concave, piecewise linear, rising function: Newton's steps from 0 come to it from below, past at least
 * one corner each. In the third the values with the largest |w| move, each to its bound, until the
 * gap is closed; of equal ones the first. */
void ck_to_hyperplane(float *d, const float *t, const float *w, size_t count, double gap, int norm,
                      const float *lower, const float *upper);

/* The sum of w[i] * x[i], in the same partial sums. */
double ck_dot(const float *w, const float *x, size_t count);
