#pragma once
/* Provisional: double precision from libm, one rounding. */
#include <math.h>
static inline float ck_expf(float x) { return (float)exp((double)x); }
static inline float ck_logf(float x) { return (float)log((double)x); }
