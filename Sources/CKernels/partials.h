/* Sums of many terms in sixteen partial sums: partial i adds the terms i, i + 16, ... in order, from
 * +0; then ck_reduce. Vectors of two, four and eight doubles give the same bits. */
#pragma once
#include <stddef.h>

enum { CK_PARTIALS = 16 };

/* The sum of the partial sums, which it overwrites: i and i + 8, then i and i + 4, 2, 1. */
static inline double ck_reduce(double *partials) {
    for (size_t half = CK_PARTIALS / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; i++) partials[i] += partials[i + half];
    return partials[0];
}
