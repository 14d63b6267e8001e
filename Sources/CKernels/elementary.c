/* The callable forms of the inline functions in elementary.h and softfma.h. */
#include "ck_elementary.h"
#include "elementary.h"
#include "softfma.h"

float ck_expf(float x) { return ck_expf_inline(x); }

float ck_logf(float x) { return ck_logf_inline(x); }

float ck_soft_fma(float a, float b, float c) { return ck_soft_fmaf(a, b, c); }
