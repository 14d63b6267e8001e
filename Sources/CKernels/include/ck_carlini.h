/* Rows of the attacks that work in an unbounded variable w with the pixel (tanh(w) + 1) / 2, which is
 * 1 / (1 + e^(-2w)). Double inside, each result rounded to float once; w is held within 44 so that the
 * exponential stays in range, where the pixel is 0 or 1 to 2^-126. */
#pragma once
#include <stddef.h>

/* w[i] = atanh(0.999999 * (2 * x[i] - 1)), by the logarithm: finite for 0 and 1 too. */
void ck_to_unbounded(float *w, const float *x, size_t count);

/* y[i] = (tanh(w[i]) + 1) / 2. */
void ck_to_pixels(float *y, const float *w, size_t count);

/* What a step of Adam does to one row. */
typedef struct {
    double rate;   /* the step size */
    double first;  /* 1 / (1 - 0.9^t) */
    double second; /* 1 / (1 - 0.999^t) */
} ck_adam_step;

/* One step of Adam on w down slope[i] = dy[i] * dy/dw, where dy is the gradient at the pixels y and
 * dy/dw = 2 * y * (1 - y); then y of the new w. */
void ck_unbounded_step(float *w, float *mean, float *square, float *y, const float *dy,
                       size_t count, ck_adam_step step);
