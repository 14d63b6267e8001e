/* The scalar expressions of the elementwise kernels: what one output number is.
 * Every instruction set compiles these same lines; its vectors only decide how many at once. */
#pragma once
#include "ckernels.h"
#include "elementary.h"
#include "partials.h"

#pragma STDC FP_CONTRACT OFF

static inline float ck_sign(float x) { return x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : x); }

/* With lower 0 and upper infinity ReLU. A NaN stays, as does -0. */
static inline float ck_clamp(float x, float lower, float upper) {
    const float raised = x < lower ? lower : x;
    return raised > upper ? upper : raised;
}

static inline float ck_relu6_backward(float dy, float y) {
    return ((0.0f < y) & (y < 6.0f)) ? dy : 0.0f;
}

/* Within 2^-52 of the exact value before the one rounding, so nearly always the nearest float. */
static inline float ck_sigmoid(float x) {
    const float size = x < 0.0f ? -x : x;
    const double e = ck_exp_double(size > 104.0f ? -104.0 : -(double)size);
    const float y = (float)((x < 0.0f ? e : 1.0) / (1.0 + e));
    return x == x ? y : __builtin_nanf("");
}

static inline float ck_sigmoid_backward(float dy, float y) { return dy * (y * (1.0f - y)); }

static inline void ck_sgd(float *w, float *v, float gradient, float rate, float momentum,
                          float decay, bool nesterov) {
    const float g = gradient + decay * *w;
    const float velocity = momentum * *v + g;
    *v = velocity;
    *w = *w - rate * (nesterov ? g + momentum * velocity : velocity);
}

static inline void ck_adam_one(float *w, float *m, float *v, float gradient, const ck_adam *c) {
    const float g = gradient + c->decay * *w;
    const float first = c->beta1 * *m + c->rest1 * g;
    const float second = c->beta2 * *v + (c->rest2 * g) * g;
    *m = first;
    *v = second;
    *w = *w - (c->step * first) / (__builtin_sqrtf(second) / c->root + c->epsilon);
}

/* The larger of m, found so far, and x: the first of equals and the first NaN stay. */
static inline float ck_larger(float m, float x) { return ((x <= m) | (m != m)) ? m : x; }

/* Whether x is the value that a maximum has. */
static inline bool ck_attains(float x, float y) { return (x == y) | ((x != x) & (y != y)); }

/* Philox4x32-10 (Salmon, Moraes, Dror, Shaw 2011), see Randomness. */
enum { CK_PHILOX_ROUNDS = 10 };

static inline void ck_philox_round(uint32_t c[4], uint32_t k0, uint32_t k1) {
    const uint64_t p0 = UINT64_C(0xD2511F53) * c[0], p1 = UINT64_C(0xCD9E8D57) * c[2];
    c[0] = (uint32_t)(p1 >> 32) ^ c[1] ^ k0;
    c[1] = (uint32_t)p1;
    c[2] = (uint32_t)(p0 >> 32) ^ c[3] ^ k1;
    c[3] = (uint32_t)p0;
}

static inline void ck_philox(uint32_t c[4], const uint32_t key[2]) {
    for (uint32_t r = 0; r < CK_PHILOX_ROUNDS; r++)
        ck_philox_round(c, key[0] + r * 0x9E3779B9u, key[1] + r * 0xBB67AE85u);
}

static inline float ck_drop(float x, uint32_t word, uint32_t threshold, float scale) {
    return word >> 8 >= threshold ? x * scale : 0.0f;
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

static inline void ck_distance_term(float x, float y, double *l0, double *l1, double *squares,
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

static inline void ck_reduce_distances(ck_distances *result, double *l0, double *l1,
                                       double *squares, double *sum, double *min, double *max,
                                       size_t count) {
    for (size_t half = CK_PARTIALS / 2; half > 0; half /= 2)
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

/* How far a value t in [lower, upper] may move so that w * t rises (up) or falls. */
static inline double ck_room(double t, double w, int up, double lower, double upper) {
    const int rises = up ? w > 0.0 : w < 0.0;
    return rises ? upper - t : t - lower;
}

/* The bounds of one value of a row; without any those of the box. */
static inline double ck_lower(const float *lower, size_t i) { return lower ? lower[i] : 0.0f; }
static inline double ck_upper(const float *upper, size_t i) { return upper ? upper[i] : 1.0f; }

/* (tanh(w) + 1) / 2, see ck_carlini.h. */
static inline double ck_pixel(double w) {
    const double held = w < -44.0 ? -44.0 : w > 44.0 ? 44.0 : w;
    return 1.0 / (1.0 + ck_exp_double(-2.0 * held));
}

/* See ck_unbounded_step. */
static inline void ck_unbounded_one(float *w, float *mean, float *square, float *y, float dy,
                                    ck_adam_step step) {
    const double here = *y;
    const double slope = (double)dy * (2.0 * here * (1.0 - here));
    const double m = 0.9 * (double)*mean + 0.1 * slope;
    const double v = 0.999 * (double)*square + 0.001 * slope * slope;
    const double size = __builtin_sqrt(v * step.second) + 1e-8;
    const double moved = (double)*w - step.rate * (m * step.first) / size;
    *mean = (float)m;
    *square = (float)v;
    *w = (float)moved;
    *y = (float)ck_pixel((double)*w);
}
