/* The reference table's entries for convolutions; see ckernels.h for what each one is. */
#pragma once
#include "ckernels.h"

void ck_pack_im2col_reference(float *to, const ck_patches *patches, size_t first_row, size_t rows,
                               size_t first_k, size_t k);
size_t ck_fill_indirection_reference(ck_segment *segments, const ck_patches *patches,
                                     size_t first_row, size_t rows, size_t first_k, size_t k);
void ck_pack_im2col_transposed_reference(float *to, const ck_patches *patches, size_t first_row,
                                      size_t windows, size_t first_k, size_t elements,
                                          size_t width);
void ck_transpose_reference(float *to, size_t to_stride, const float *from, size_t from_stride,
                            size_t rows, size_t columns);
void ck_plane_product_reference(float *y, size_t y_stride, const float *planes,
                                size_t plane_stride, const size_t *offsets, size_t taps, size_t k,
                                const float *w, size_t channels, size_t count);
