#pragma once
#include <math.h>
static inline float ck_soft_fmaf(float a, float b, float c) { return fmaf(a,b,c); }
