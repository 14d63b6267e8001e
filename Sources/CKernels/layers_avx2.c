/* AVX2 (x86-64): eight floats a register. */
#include "layers.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

#define CK_LAYERS_SET avx2
#include "layers.inc"

#pragma clang attribute pop
#endif
