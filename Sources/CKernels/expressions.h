/* The scalar expressions of the elementwise kernels: what one output number is.
 * Every instruction set compiles these same lines; lanes only decide how many at once. */
#pragma once
#include "ckernels.h"

#pragma STDC FP_CONTRACT OFF

static inline float ck_sign(float x) { return x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : x); }

static inline float ck_clamp(float x, float lower, float upper) {
    const float raised = x < lower ? lower : x;
    return raised > upper ? upper : raised;
}

/* What a product does before it stores: with lower 0 the rectifier. A NaN stays, as does -0. */
static inline float ck_bounded(float x, float lower, float upper) {
    const float raised = lower > x ? lower : x;
    return raised > upper ? upper : raised;
}

/* The noise update of method 1, see ck_kernels.noise_step. */
static inline float ck_noise(float r, float x, float g, float rate, float l1, float l2) {
    const float z = x + r;
    const float inside = z >= 0.0f && z <= 1.0f ? g : 0.0f;
    return r - rate * (inside + (l1 * ck_sign(r) + l2 * r));
}

/* The bound x + epsilon (or x - epsilon), rounded towards x where rounding had left the ball. */
static inline float ck_bound(float x, float epsilon) {
    const float bound = x + epsilon;
    const double excess = ((double)bound - (double)x) - (double)epsilon;
    const bool outside = epsilon > 0.0f ? excess > 0.0 : excess < 0.0;
    union { float value; int32_t bits; } step = {bound};
    /* One ulp towards x: away from zero or towards it, by the sign of bound and of epsilon. */
    const int32_t towards_zero = (epsilon > 0.0f) == (bound > 0.0f) ? -1 : 1;
    step.bits += towards_zero;
    return outside ? step.value : bound;
}

static inline float ck_project(float proposed, float x, float epsilon) {
    const float inside_ball =
        ck_clamp(proposed, ck_bound(x, -epsilon), ck_bound(x, epsilon));
    return ck_clamp(inside_ball, 0.0f, 1.0f);
}

static inline float ck_to_byte(float x) {
    /* Adding and taking away 2^23 rounds to an integer, ties to even: x * 255 is below it. */
    const float scaled = ck_clamp(x, 0.0f, 1.0f) * 255.0f;
    return ((scaled + 8388608.0f) - 8388608.0f) / 255.0f;
}

static inline void ck_distance_lane(float x, float y, double *l0, double *l1, double *squares,
                                    double *sum, double *min, double *max) {
    const double d = (double)y - (double)x;
    const double size = d < 0.0 ? -d : d;
    *l0 += d != 0.0 ? 1.0 : 0.0;
    *l1 += size;
    *squares += d * d;
    *sum += d;
    *min = d < *min ? d : *min;
    *max = d > *max ? d : *max;
}

static inline void ck_fold_distances(ck_distances *result, double *l0, double *l1,
                                     double *squares, double *sum, double *min, double *max,
                                     size_t count) {
    for (size_t half = 8; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++) {
            l0[l] += l0[l + half];
            l1[l] += l1[l + half];
            squares[l] += squares[l + half];
            sum[l] += sum[l + half];
            min[l] = min[l + half] < min[l] ? min[l + half] : min[l];
            max[l] = max[l + half] > max[l] ? max[l + half] : max[l];
        }
    const double low = count > 0 ? min[0] : 0.0, high = count > 0 ? max[0] : 0.0;
    *result = (ck_distances){
        .l0 = l0[0],
        .l1 = l1[0],
        .l2 = __builtin_sqrt(squares[0]),
        .linf = -low > high ? -low : high,
        .sum = sum[0],
        .min = low,
        .max = high,
    };
}
