/* The tables of ck_layers.h; each is defined where its CPU exists. */
#pragma once
#include "layer_expressions.h"

extern const ck_layers ck_layers_reference, ck_layers_any, ck_layers_avx2, ck_layers_avx512;
