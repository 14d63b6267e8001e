/* Hyperplanes and the box: see ck_halfspace.h. */
#include "ck_halfspace.h"

#pragma STDC FP_CONTRACT OFF

#if defined(__x86_64__) && defined(__linux__)
#define CK_WIDE __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#else
#define CK_WIDE
#endif

enum { LANES = 16 };

static inline double fold(double *lanes) {
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++) lanes[l] += lanes[l + half];
    return lanes[0];
}

CK_WIDE double ck_dot(const float *restrict w, const float *restrict x, size_t count) {
    double lanes[LANES] = {0.0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (size_t l = 0; l < LANES; l++) lanes[l] += (double)w[i + l] * (double)x[i + l];
    for (size_t l = 0; i + l < count; l++) lanes[l] += (double)w[i + l] * (double)x[i + l];
    return fold(lanes);
}

/* How far a value may move towards the hyperplane on the side of `up`. */
static inline double room(double t, double w, int up) {
    const int rises = up ? w > 0.0 : w < 0.0;
    return rises ? 1.0 - t : t;
}

/* What the changes for lambda bring, and how much more one unit of lambda would. */
CK_WIDE static void reach(const float *restrict t, const float *restrict w, size_t count, int up,
                          int norm, double lambda, double *gain, double *slope) {
    double gains[LANES] = {0.0}, slopes[LANES] = {0.0};
    for (size_t i = 0; i < count; i += LANES) {
        const size_t end = count - i < LANES ? count - i : LANES;
        for (size_t l = 0; l < end; l++) {
            const double weight = w[i + l], size = __builtin_fabs(weight);
            const double most = room(t[i + l], weight, up);
            const double speed = norm == 0 ? 1.0 : size;
            const double wanted = lambda * speed;
            gains[l] += size * (wanted < most ? wanted : most);
            slopes[l] += wanted < most ? size * speed : 0.0;
        }
    }
    *gain = fold(gains);
    *slope = fold(slopes);
}

static void greedy(float *restrict d, const float *restrict t, const float *restrict w,
                   size_t count, int up, double left) {
    for (size_t i = 0; i < count; i++) d[i] = 0.0f;
    float last = __builtin_inff();
    size_t before = 0;
    while (left > 0.0) {
        size_t steepest = count;
        float size = 0.0f;
        for (size_t i = 0; i < count; i++) {
            const float own = __builtin_fabsf(w[i]);
            const int isLeft = own < last || (own == last && i >= before);
            if (isLeft && own > size) {
                steepest = i;
                size = own;
            }
        }
        if (steepest == count) return;
        last = size;
        before = steepest + 1;
        const double most = room(t[steepest], w[steepest], up);
        const double wanted = left / (double)size;
        const double step = wanted < most ? wanted : most;
        const int rises = up ? w[steepest] > 0.0f : w[steepest] < 0.0f;
        d[steepest] = (float)(rises ? step : -step);
        left -= step * (double)size;
    }
}

void ck_to_hyperplane(float *restrict d, const float *restrict t, const float *restrict w,
                      size_t count, double gap, int norm) {
    const int up = gap > 0.0;
    const double wanted = __builtin_fabs(gap);
    if (norm == 2) {
        greedy(d, t, w, count, up, wanted);
        return;
    }
    double lambda = 0.0;
    for (int round = 0; round < 64; round++) {
        double gain, slope;
        reach(t, w, count, up, norm, lambda, &gain, &slope);
        if (!(slope > 0.0) || wanted - gain <= wanted * 0x1p-40) break;
        lambda += (wanted - gain) / slope;
    }
    for (size_t i = 0; i < count; i++) {
        const double weight = w[i], size = __builtin_fabs(weight);
        const double most = room(t[i], weight, up);
        double step = lambda * (norm == 0 ? 1.0 : size);
        step = step < most ? step : most;
        const int rises = up ? weight > 0.0 : weight < 0.0;
        d[i] = weight == 0.0 ? 0.0f : (float)(rises ? step : -step);
    }
}
