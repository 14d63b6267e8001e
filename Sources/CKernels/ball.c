/* The L2 ball: see ck_ball.h for the expressions. */
#include "ck_ball.h"

#pragma STDC FP_CONTRACT OFF

enum { LANES = 16 };

static double fold(double *lanes) {
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++) lanes[l] += lanes[l + half];
    return __builtin_sqrt(lanes[0]);
}

double ck_norm_l2(const float *x, size_t count) {
    double lanes[LANES] = {0.0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (size_t l = 0; l < LANES; l++) lanes[l] += (double)x[i + l] * (double)x[i + l];
    for (size_t l = 0; i + l < count; l++) lanes[l] += (double)x[i + l] * (double)x[i + l];
    return fold(lanes);
}

static double distance(const float *x, const float *y, size_t count) {
    double lanes[LANES] = {0.0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (size_t l = 0; l < LANES; l++) {
            const double d = (double)y[i + l] - (double)x[i + l];
            lanes[l] += d * d;
        }
    for (size_t l = 0; i + l < count; l++) {
        const double d = (double)y[i + l] - (double)x[i + l];
        lanes[l] += d * d;
    }
    return fold(lanes);
}

void ck_step_l2(float *moved, const float *y, const float *g, size_t count, double scale) {
    for (size_t i = 0; i < count; i++) moved[i] = (float)((double)y[i] + scale * (double)g[i]);
}

static float clamp(float x) {
    const float raised = x < 0.0f ? 0.0f : x;
    return raised > 1.0f ? 1.0f : raised;
}

void ck_project_l2(float *restrict y, const float *restrict proposed, const float *restrict x,
                   size_t count, double epsilon) {
    const double size = distance(x, proposed, count);
    if (!(size > epsilon)) {
        for (size_t i = 0; i < count; i++) y[i] = clamp(proposed[i]);
        return;
    }
    double scale = epsilon / size;
    do {
        for (size_t i = 0; i < count; i++) {
            const double step = scale * ((double)proposed[i] - (double)x[i]);
            y[i] = clamp((float)((double)x[i] + step));
        }
        scale *= 1.0 - 0x1p-20;
    } while (distance(x, y, count) > epsilon && scale > 0.0);
}
