/* AVX2 and FMA (x86-64): a micro-kernel of 6 x 16 in fifteen of sixteen registers. */
#include "expressions.h"
#include "tables.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define CK_NAME avx2
#define CK_TITLE "avx2"
#define CK_LANES 8
#define CK_MR 6
#define CK_VECTORS 2
#define CK_PLANE_VECTORS 8
#define CK_FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#define CK_BROADCAST(x) ((x) - (CK_VEC){0})
#include "kernels.inc"

#pragma clang attribute pop
#endif
