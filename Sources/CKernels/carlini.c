/* The unbounded variable: see ck_carlini.h for the expressions. */
#include "ck_carlini.h"

#include "ck_elementary.h"
#include "elementary.h"

#pragma STDC FP_CONTRACT OFF

/* The same operations in wider registers, where the machine has them: none is fused or reordered. */
#if defined(__x86_64__) && defined(__linux__)
#define CK_WIDE __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#else
#define CK_WIDE
#endif

static inline double pixel(double w) {
    const double held = w < -44.0 ? -44.0 : w > 44.0 ? 44.0 : w;
    return 1.0 / (1.0 + ck_exp_wide(-2.0 * held));
}

void ck_to_unbounded(float *w, const float *x, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const double t = 0.999999 * (2.0 * (double)x[i] - 1.0);
        w[i] = 0.5f * ck_logf((float)((1.0 + t) / (1.0 - t)));
    }
}

CK_WIDE void ck_to_pixels(float *restrict y, const float *restrict w, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] = (float)pixel(w[i]);
}

CK_WIDE void ck_unbounded_step(float *restrict w, float *restrict mean, float *restrict square,
                               float *restrict y, const float *restrict dy, size_t count,
                               ck_adam_step step) {
    for (size_t i = 0; i < count; i++) {
        const double here = y[i];
        const double slope = (double)dy[i] * (2.0 * here * (1.0 - here));
        const double m = 0.9 * (double)mean[i] + 0.1 * slope;
        const double v = 0.999 * (double)square[i] + 0.001 * slope * slope;
        const double size = __builtin_sqrt(v * step.second) + 1e-8;
        const double moved = (double)w[i] - step.rate * (m * step.first) / size;
        mean[i] = (float)m;
        square[i] = (float)v;
        w[i] = (float)moved;
        y[i] = (float)pixel((double)w[i]);
    }
}
