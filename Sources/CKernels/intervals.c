/* Intervals, element by element: see ck_intervals.h for the expressions. */
#include "ck_intervals.h"

#pragma STDC FP_CONTRACT OFF

void ck_interval_box(float *restrict c, float *restrict r, const float *restrict x, size_t count,
                     float epsilon) {
    for (size_t i = 0; i < count; i++) {
        const float low = x[i] - epsilon, high = x[i] + epsilon;
        const float l = low > 0.0f ? low : 0.0f, u = high < 1.0f ? high : 1.0f;
        c[i] = 0.5f * (l + u);
        r[i] = 0.5f * (u - l);
    }
}

void ck_interval_ends(float *restrict a, float *restrict b, size_t count, float scale) {
    for (size_t i = 0; i < count; i++) {
        const float low = scale * (a[i] - b[i]), high = scale * (a[i] + b[i]);
        a[i] = low;
        b[i] = high;
    }
}

void ck_interval_centres(float *restrict a, float *restrict b, size_t count, float scale) {
    for (size_t i = 0; i < count; i++) {
        const float centre = scale * (a[i] + b[i]), radius = scale * (b[i] - a[i]);
        a[i] = centre;
        b[i] = radius;
    }
}

void ck_interval_relu(float *restrict to_c, float *restrict to_r, const float *restrict c,
                      const float *restrict r, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const float low = c[i] - r[i], high = c[i] + r[i];
        const float l = 0.0f > low ? 0.0f : low, u = 0.0f > high ? 0.0f : high;
        to_c[i] = 0.5f * (l + u);
        to_r[i] = 0.5f * (u - l);
    }
}

void ck_interval_relu_gradient(float *restrict dc, float *restrict dr, const float *restrict c,
                               const float *restrict r, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const float dl = c[i] - r[i] > 0.0f ? 0.5f * (dc[i] - dr[i]) : 0.0f;
        const float du = c[i] + r[i] > 0.0f ? 0.5f * (dc[i] + dr[i]) : 0.0f;
        dc[i] = dl + du;
        dr[i] = du - dl;
    }
}

void ck_magnitudes(float *restrict y, const float *restrict x, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] = __builtin_fabsf(x[i]);
}

void ck_add_signed(float *restrict y, const float *restrict g, const float *restrict x,
                   size_t count) {
    for (size_t i = 0; i < count; i++) {
        const float signed_g = x[i] > 0.0f ? g[i] : x[i] < 0.0f ? -g[i] : 0.0f;
        y[i] += signed_g;
    }
}
