/* AVX2 (x86-64): four doubles a register. */
#include "rows.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

#define CK_ROWS_SET avx2
#include "rows.inc"

#pragma clang attribute pop
#endif
