/* What the reference and the tuned kernels of ck_bounds.h share: places, and the least power of two. */
#pragma once
#include "ckernels.h"

/* Half the spacing of floats at the smallest numbers is 2^-150; 2^-24 times this is 2^-149. */
#define CK_LEAST_POWER 0x1p-125f

/* How many values of one group a window reads. */
static inline size_t ck_window_depth(const ck_convolution *shape) {
    return (size_t)(shape->kernel_height * shape->kernel_width * shape->channels / shape->groups);
}

/* The values of a window in the order (kh, kw, channel), zeros outside the image. */
static inline void ck_gather_window(float *to, const float *x, const ck_convolution *shape,
                                    ptrdiff_t oy, ptrdiff_t ox, ptrdiff_t group) {
    const ptrdiff_t inputs = shape->channels / shape->groups;
    for (ptrdiff_t kh = 0; kh < shape->kernel_height; kh++)
        for (ptrdiff_t kw = 0; kw < shape->kernel_width; kw++) {
            const ptrdiff_t y = oy * shape->stride_y + kh * shape->dilation_y - shape->pad_top;
            const ptrdiff_t p = ox * shape->stride_x + kw * shape->dilation_x - shape->pad_left;
            const bool isInside = y >= 0 && y < shape->height && p >= 0 && p < shape->width;
            const float *from =
                isInside ? x + (y * shape->width + p) * shape->channels + group * inputs : NULL;
            for (ptrdiff_t c = 0; c < inputs; c++) *to++ = from ? from[c] : 0.0f;
        }
}

/* The window that begins at `start` of those in [first, end), or -1. */
static inline ptrdiff_t ck_window_of(ptrdiff_t start, ptrdiff_t stride, ptrdiff_t first,
                                     ptrdiff_t end) {
    if (start < 0 || (stride > 1 && start % stride != 0)) return -1;
    const ptrdiff_t window = stride > 1 ? start / stride : start;
    return window < first || window >= end ? -1 : window;
}
