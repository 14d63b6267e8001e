/* Which kernels over one row this CPU can run, and the best for callers without a choice. */
#include "rows.h"

const ck_rows *ck_rows_table(ck_set set) {
    /* A set that a CPU has is one of its kernels' table. */
    if (ck_table(set) == NULL) return NULL;
    switch (set) {
    case CK_REFERENCE:
        return &ck_rows_reference;
#if defined(__x86_64__)
    case CK_AVX2:
        return &ck_rows_avx2;
    case CK_AVX512:
        return &ck_rows_avx512;
#endif
    default:
        return &ck_rows_any;
    }
}

static const ck_rows *best(void) {
#if defined(__x86_64__)
    if (ck_table(CK_AVX512) != NULL) return &ck_rows_avx512;
    if (ck_table(CK_AVX2) != NULL) return &ck_rows_avx2;
#endif
    return &ck_rows_any;
}

double ck_dot(const float *w, const float *x, size_t count) { return best()->dot(w, x, count); }

void ck_to_hyperplane(float *d, const float *t, const float *w, size_t count, double gap, int norm,
                      const float *lower, const float *upper) {
    best()->to_hyperplane(d, t, w, count, gap, norm, lower, upper);
}

void ck_to_pixels(float *y, const float *w, size_t count) { best()->to_pixels(y, w, count); }

void ck_unbounded_step(float *w, float *mean, float *square, float *y, const float *dy,
                       size_t count, ck_adam_step step) {
    best()->unbounded_step(w, mean, square, y, dy, count, step);
}
