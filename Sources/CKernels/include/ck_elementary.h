/* Correctly rounded exp and log, and a fused multiply-add for CPUs without one.
 *
 * Each answer is the float nearest to the exact mathematical value (ties to even), for every one of
 * the 2^32 inputs, so it does not depend on machine, compiler or library, and any other language
 * can check it. pipeline/checks/elementary.sh compares all inputs with wider arithmetic. */
#pragma once

/* e^x.
 *   x = ±0        exactly 1
 *   x ≥ 88.722839…  +inf (also x = +inf);  overflow is not an error here
 *   x ≤ -103.972…   +0   (also x = -inf);  between that and -87.33… the result is denormal
 *   x = NaN       the quiet NaN 0x7fc00000, whatever the payload */
float ck_expf(float x);

/* The natural logarithm of x.
 *   x = 1         exactly +0
 *   x = ±0        -inf
 *   x = +inf      +inf
 *   x < 0, -inf   the quiet NaN 0x7fc00000
 *   x = NaN       the quiet NaN 0x7fc00000, whatever the payload
 *   denormal x    as any other positive number */
float ck_logf(float x);

/* a·b + c rounded once, with + × and bit operations alone: the same bits as the instruction of a
 * CPU that has one, for all inputs (any NaN counts as equal to any other). */
float ck_soft_fma(float a, float b, float c);
