/* AVX-512 (x86-64): eight doubles a register. */
#include "rows.h"

#if defined(__x86_64__)
#define CK_ROWS_TARGET "avx512f,avx512vl,avx512dq,avx512bw,avx2"
#pragma clang attribute push(__attribute__((target(CK_ROWS_TARGET))), apply_to = function)

#define CK_ROWS_SET avx512
#include "rows.inc"

#pragma clang attribute pop
#endif
