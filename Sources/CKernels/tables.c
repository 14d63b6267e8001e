/* Which kernels this CPU can run. The choice is made at run time, so one binary runs anywhere. */
#include "tables.h"

const ck_kernels *ck_table(ck_set set) {
    switch (set) {
    case CK_REFERENCE:
        return &ck_kernels_reference;
    case CK_PORTABLE:
        return &ck_kernels_portable;
#if defined(__x86_64__)
    case CK_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &ck_kernels_avx2
                                                                               : NULL;
    case CK_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")
                   ? &ck_kernels_avx512
                   : NULL;
#elif defined(__aarch64__)
    case CK_NEON: /* every aarch64 has it */
        return &ck_kernels_neon;
#endif
    default:
        return NULL;
    }
}

double ck_peak(ck_set set, size_t rounds, float *sink) {
    if (ck_table(set) == NULL) return 0.0;
    switch (set) {
#if defined(__x86_64__)
    case CK_AVX2:
        return ck_peak_avx2(rounds, sink);
    case CK_AVX512:
        return ck_peak_avx512(rounds, sink);
#elif defined(__aarch64__)
    case CK_NEON:
        return ck_peak_neon(rounds, sink);
#endif
    default:
        return ck_peak_portable(rounds, sink);
    }
}

bool ck_keeps_subnormals(void) {
    volatile float tiny = 0x1p-140f;
    volatile float half = tiny * 0.5f;
    return half == 0x1p-141f;
}

void ck_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}
