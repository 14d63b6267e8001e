/* The way into the unbounded variable: see ck_carlini.h, and rows.inc for the rest. */
#include "ck_carlini.h"

#include "ck_elementary.h"

#pragma STDC FP_CONTRACT OFF

void ck_to_unbounded(float *w, const float *x, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const double t = 0.999999 * (2.0 * (double)x[i] - 1.0);
        w[i] = 0.5f * ck_logf((float)((1.0 + t) / (1.0 - t)));
    }
}
