/* Any CPU, with or without a fused multiply-add: the same chains, each step in software.
 * Slow but equal; it is what runs where nothing better is known. */
#include "expressions.h"
#include "softfma.h"
#include "tables.h"

#define CK_NAME portable
#define CK_TITLE "portable"
#define CK_LANES 4
#define CK_MR 4
#define CK_VECTORS 2
#define CK_PLANE_VECTORS 4
#define CK_FMA(a, b, c) ck_soft_fma_vector(a, b, c)
#define CK_BROADCAST(x) ((x) - (CK_VEC){0})

typedef float ck_soft_vector __attribute__((vector_size(16), aligned(4), may_alias));

static inline ck_soft_vector ck_soft_fma_vector(ck_soft_vector a, ck_soft_vector b,
                                                ck_soft_vector c) {
    for (size_t l = 0; l < CK_LANES; l++) c[l] = ck_soft_fmaf(a[l], b[l], c[l]);
    return c;
}

#include "kernels.inc"
