/* AVX-512 (x86-64): a micro-kernel of 14 x 32 in twenty-eight accumulators. */
#include "expressions.h"
#include "tables.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,fma,avx2"))), apply_to = function)

#define CK_NAME avx512
#define CK_TITLE "avx512"
#define CK_LANES 16
#define CK_MR 14
#define CK_VECTORS 2
#define CK_PLANE_VECTORS 8
#define CK_FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#define CK_BROADCAST(x) ((x) - (CK_VEC){0})
#include "kernels.inc"

#pragma clang attribute pop
#endif
