/* NEON (aarch64): a micro-kernel of 8 x 12 in twenty-four accumulators. */
#include "expressions.h"
#include "tables.h"

#if defined(__aarch64__)

#define CK_NAME neon
#define CK_TITLE "neon"
#define CK_LANES 4
#define CK_MR 8
#define CK_VECTORS 3
#define CK_PLANE_VECTORS 8
#define CK_FMA(a, b, c) __builtin_elementwise_fma(a, b, c)
#define CK_BROADCAST(x) ((x) - (CK_VEC){0})
#include "kernels.inc"

#endif
