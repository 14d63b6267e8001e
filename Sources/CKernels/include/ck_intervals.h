/* Intervals as centre c and radius r >= 0, or as lower and upper end, element by element: for training
 * networks by their bounds. Every operation is rounded as it is written, so these are not the bounds of a
 * certificate. One loop for every instruction set: memory is the limit, not arithmetic. */
#pragma once
#include <stddef.h>

/* With l = max(x - epsilon, 0) and u = min(x + epsilon, 1): c = 0.5 * (l + u), r = 0.5 * (u - l). */
void ck_interval_box(float *c, float *r, const float *x, size_t count, float epsilon);

/* (a, b) becomes (scale * (a - b), scale * (a + b)): with scale 1 the ends of a centre and a radius, with
 * scale 0.5 the gradient at the ends from that at centre and radius. */
void ck_interval_ends(float *a, float *b, size_t count, float scale);

/* (a, b) becomes (scale * (a + b), scale * (b - a)): with scale 0.5 centre and radius of two ends, with
 * scale 1 the gradient at centre and radius from that at the ends. */
void ck_interval_centres(float *a, float *b, size_t count, float scale);

/* Centre and radius of the ReLU, 0 > v ? 0 : v, of both ends. */
void ck_interval_relu(float *to_c, float *to_r, const float *c, const float *r, size_t count);

/* Its gradient, in place: dl = c - r > 0 ? 0.5 * (dc - dr) : 0, du = c + r > 0 ? 0.5 * (dc + dr) : 0;
 * then dc = dl + du, dr = du - dl. */
void ck_interval_relu_gradient(float *dc, float *dr, const float *c, const float *r, size_t count);

/* y = |x|. */
void ck_magnitudes(float *y, const float *x, size_t count);

/* y += sign(x) * g, where sign(0) = 0: the gradient at x of what reads |x|. */
void ck_add_signed(float *y, const float *g, const float *x, size_t count);
