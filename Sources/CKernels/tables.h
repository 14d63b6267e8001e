/* The tables of the instruction sets; each is defined where its CPU exists. */
#pragma once
#include "ckernels.h"

extern const ck_kernels ck_kernels_portable, ck_kernels_avx2,
    ck_kernels_avx512, ck_kernels_neon;
double ck_peak_portable(size_t rounds, float *sink);
double ck_peak_avx2(size_t rounds, float *sink);
double ck_peak_avx512(size_t rounds, float *sink);
double ck_peak_neon(size_t rounds, float *sink);
