/* The L2, L1 and L0 balls: see ck_ball.h for the expressions. */
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

double ck_norm_l1(const float *x, size_t count) {
    double lanes[LANES] = {0.0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (size_t l = 0; l < LANES; l++) lanes[l] += __builtin_fabs((double)x[i + l]);
    for (size_t l = 0; i + l < count; l++) lanes[l] += __builtin_fabs((double)x[i + l]);
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++) lanes[l] += lanes[l + half];
    return lanes[0];
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

void ck_step_l1(float *restrict moved, const float *restrict y, const float *restrict g,
                size_t count, double scale, size_t spread) {
    for (size_t i = 0; i < count; i++) moved[i] = y[i];
    double left = __builtin_fabs(scale);
    const double most = spread ? left / (double)spread : left;
    /* The value that moved last: those before it in the order are done. */
    float last = __builtin_inff();
    size_t before = 0;
    while (left > 0.0) {
        size_t steepest = count;
        float size = 0.0f;
        for (size_t i = 0; i < count; i++) {
            const float own = __builtin_fabsf(g[i]);
            const int isLeft = own < last || (own == last && i >= before);
            if (isLeft && own > size) {
                steepest = i;
                size = own;
            }
        }
        if (steepest == count) return;
        last = size;
        before = steepest + 1;
        const int isUp = (scale > 0.0) == (g[steepest] > 0.0f);
        const double from = y[steepest];
        const double room = isUp ? 1.0 - from : from;
        double step = most < left ? most : left;
        step = step < room ? step : room;
        moved[steepest] = (float)(isUp ? from + step : from - step);
        left -= step;
    }
}

/* The sum of the changes that are left for one lambda, before rounding. */
static double shrunk(const float *restrict proposed, const float *restrict x, size_t count,
                     double lambda) {
    double lanes[LANES] = {0.0};
    for (size_t i = 0; i < count; i += LANES) {
        const size_t end = count - i < LANES ? count - i : LANES;
        for (size_t l = 0; l < end; l++) {
            const double from = x[i + l], d = (double)proposed[i + l] - from;
            const double room = d < 0.0 ? from : 1.0 - from;
            double kept = __builtin_fabs(d) - lambda;
            kept = kept > 0.0 ? kept : 0.0;
            lanes[l] += kept < room ? kept : room;
        }
    }
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++) lanes[l] += lanes[l + half];
    return lanes[0];
}

/* Writes y for one lambda and returns the sum of its changes. */
static double shrink(float *restrict y, const float *restrict proposed, const float *restrict x,
                     size_t count, double lambda) {
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double d = (double)proposed[i] - (double)x[i];
        const double size = __builtin_fabs(d) - lambda;
        const double kept = size > 0.0 ? size : 0.0;
        y[i] = clamp((float)((double)x[i] + (d < 0.0 ? -kept : kept)));
        sum += __builtin_fabs((double)y[i] - (double)x[i]);
    }
    return sum;
}

void ck_project_l1(float *restrict y, const float *restrict proposed, const float *restrict x,
                   size_t count, double epsilon) {
    if (shrink(y, proposed, x, count, 0.0) <= epsilon) return;
    double low = 0.0, high = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double size = __builtin_fabs((double)proposed[i] - (double)x[i]);
        if (size > high) high = size;
    }
    const double grain = high * 0x1p-30;
    for (int round = 0; round < 32; round++) {
        const double middle = 0.5 * (low + high);
        if (shrunk(proposed, x, count, middle) <= epsilon)
            high = middle;
        else
            low = middle;
    }
    /* Rounding to float may have left the sum outside by a little. With lambda at the largest
     * change nothing is left, so this ends. */
    for (double extra = 0.0; shrink(y, proposed, x, count, high + extra) > epsilon;)
        extra = extra > 0.0 ? 2.0 * extra : grain;
}

void ck_project_l0(float *restrict y, const float *restrict proposed, const float *restrict x,
                   size_t count, double epsilon) {
    for (size_t i = 0; i < count; i++) y[i] = clamp(x[i]);
    /* One pass for each value that is kept: budgets are small numbers of pixels. */
    size_t changed = 0;
    for (size_t i = 0; i < count; i++) changed += clamp(proposed[i]) != x[i];
    if ((double)changed <= epsilon) {
        for (size_t i = 0; i < count; i++) y[i] = clamp(proposed[i]);
        return;
    }
    for (double kept = 1.0; kept <= epsilon; kept += 1.0) {
        size_t largest = count;
        float most = 0.0f;
        for (size_t i = 0; i < count; i++) {
            const float size = __builtin_fabsf(clamp(proposed[i]) - x[i]);
            if (y[i] == x[i] && size > most) {
                largest = i;
                most = size;
            }
        }
        if (largest == count) return;
        y[largest] = clamp(proposed[largest]);
    }
}
