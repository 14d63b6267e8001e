/* The tables of the kernels over one row; each is defined where its CPU exists. */
#pragma once
#include "expressions.h"

extern const ck_rows ck_rows_reference, ck_rows_any, ck_rows_avx2, ck_rows_avx512;
