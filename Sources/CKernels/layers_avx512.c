/* AVX-512 (x86-64): sixteen floats a register. */
#include "layers.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw"))), apply_to = function)

#define CK_LAYERS_SET avx512
#include "layers.inc"

#pragma clang attribute pop
#endif
