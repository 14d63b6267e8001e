/* The specification of convolutions, in plain loops, and the reference table's versions of the
 * packing that the tuned product needs. */
#include "expressions.h"
#include "reference_convolution.h"
#include "softfma.h"

/* x[n, y, x, c], and 0 outside the image. */
static float pixel(const float *x, const ck_convolution *s, ptrdiff_t n, ptrdiff_t row,
                   ptrdiff_t column, ptrdiff_t c) {
    if (row < 0 || row >= s->height || column < 0 || column >= s->width) return 0.0f;
    return x[((n * s->height + row) * s->width + column) * s->channels + c];
}

/* w[o, c, kh, kw], c counted within its group. */
static float weight(const float *w, const ck_convolution *s, ptrdiff_t o, ptrdiff_t c,
                    ptrdiff_t kh, ptrdiff_t kw) {
    const ptrdiff_t channels = s->channels / s->groups;
    return w[((o * channels + c) * s->kernel_height + kh) * s->kernel_width + kw];
}

void ck_convolution_reference(float *y, const float *x, const float *w, const float *bias,
                              const ck_convolution *s) {
    const ptrdiff_t channels = s->channels / s->groups, outs = s->out_channels / s->groups;
    for (ptrdiff_t n = 0; n < s->images; n++)
        for (ptrdiff_t oy = 0; oy < s->out_height; oy++)
            for (ptrdiff_t ox = 0; ox < s->out_width; ox++)
                for (ptrdiff_t o = 0; o < s->out_channels; o++) {
                    float acc = bias != NULL ? bias[o] : 0.0f;
                    for (ptrdiff_t kh = 0; kh < s->kernel_height; kh++)
                        for (ptrdiff_t kw = 0; kw < s->kernel_width; kw++)
                            for (ptrdiff_t c = 0; c < channels; c++)
                                acc = ck_soft_fmaf(
                                    pixel(x, s, n, oy * s->stride_y + kh * s->dilation_y - s->pad_top,
                                          ox * s->stride_x + kw * s->dilation_x - s->pad_left,
                                          o / outs * channels + c),
                                    weight(w, s, o, c, kh, kw), acc);
                    *y++ = acc;
                }
}

void ck_convolution_input_reference(float *dx, const float *dy, const float *w,
                                    const ck_convolution *s) {
    const ptrdiff_t channels = s->channels / s->groups, outs = s->out_channels / s->groups;
    for (ptrdiff_t n = 0; n < s->images; n++)
        for (ptrdiff_t iy = 0; iy < s->height; iy++)
            for (ptrdiff_t ix = 0; ix < s->width; ix++)
                for (ptrdiff_t c = 0; c < s->channels; c++) {
                    float acc = 0.0f;
                    for (ptrdiff_t kh = 0; kh < s->kernel_height; kh++)
                        for (ptrdiff_t kw = 0; kw < s->kernel_width; kw++) {
                            const ptrdiff_t y = iy + s->pad_top - kh * s->dilation_y;
                            const ptrdiff_t x = ix + s->pad_left - kw * s->dilation_x;
                            if (y % s->stride_y != 0 || x % s->stride_x != 0) continue;
                            const ptrdiff_t oy = y / s->stride_y, ox = x / s->stride_x;
                            const bool inside = y >= 0 && oy < s->out_height && x >= 0 &&
                                                ox < s->out_width;
                            for (ptrdiff_t o = 0; o < outs; o++) {
                                const ptrdiff_t out = c / channels * outs + o;
                                const ptrdiff_t line = n * s->out_height + oy;
                                const float d =
                                    inside ? dy[(line * s->out_width + ox) * s->out_channels + out]
                                           : 0.0f;
                                acc = ck_soft_fmaf(d, weight(w, s, out, c % channels, kh, kw), acc);
                            }
                        }
                    *dx++ = acc;
                }
}

void ck_convolution_weight_reference(float *dw, const float *dy, const float *x,
                                     const ck_convolution *s, ptrdiff_t first, ptrdiff_t last) {
    const ptrdiff_t channels = s->channels / s->groups, outs = s->out_channels / s->groups;
    for (ptrdiff_t o = 0; o < s->out_channels; o++)
        for (ptrdiff_t c = 0; c < channels; c++)
            for (ptrdiff_t kh = 0; kh < s->kernel_height; kh++)
                for (ptrdiff_t kw = 0; kw < s->kernel_width; kw++) {
                    float acc = 0.0f;
                    for (ptrdiff_t n = first; n < last; n++)
                        for (ptrdiff_t oy = 0; oy < s->out_height; oy++)
                            for (ptrdiff_t ox = 0; ox < s->out_width; ox++) {
                                const ptrdiff_t line = n * s->out_height + oy;
                                acc = ck_soft_fmaf(
                                    pixel(x, s, n, oy * s->stride_y + kh * s->dilation_y - s->pad_top,
                                          ox * s->stride_x + kw * s->dilation_x - s->pad_left,
                                          o / outs * channels + c),
                                    dy[(line * s->out_width + ox) * s->out_channels + o], acc);
                            }
                    *dw++ = acc;
                }
}

/* ---- the reference table's packing: panels of one line ---- */

/* Where element k of window m lies, or NULL outside the image. */
static const float *place(const ck_patches *p, size_t m, size_t k) {
    const ptrdiff_t length = p->run_pixels * p->run_channels, row = (ptrdiff_t)m;
    const ptrdiff_t run = (ptrdiff_t)k / length, within = (ptrdiff_t)k % length;
    const ptrdiff_t n = row / (p->out_height * p->out_width);
    const ptrdiff_t y = row / p->out_width % p->out_height * p->step_y + p->taps[run].y;
    const ptrdiff_t x = row % p->out_width * p->step_x + p->taps[run].x + within / p->run_channels;
    if (y < 0 || y >= p->height || x < 0 || x >= p->width) return NULL;
    return p->images + ((n * p->height + y) * p->width + x) * p->channels + p->first_channel +
           within % p->run_channels;
}

static float patch(const ck_patches *p, size_t m, size_t k) {
    const float *element = place(p, m, k);
    return element != NULL ? *element : 0.0f;
}

void ck_pack_im2col_reference(float *to, const ck_patches *patches, size_t first_row, size_t rows,
                               size_t first_k, size_t k) {
    for (size_t p = 0; rows == 1 && p < k; p++) to[p] = patch(patches, first_row, first_k + p);
}

size_t ck_fill_indirection_reference(ck_segment *segments, const ck_patches *patches,
                                     size_t first_row, size_t rows, size_t first_k, size_t k) {
    static const float zeros[CK_DEPTH] = {0};
    const size_t length = (size_t)patches->run_channels;
    size_t count = 0;
    for (size_t p = first_k; rows == 1 && p < first_k + k; count++) { /* up to the end of a run */
        const size_t left = first_k + k - p, to_end = length - p % length;
        const float *element = place(patches, first_row, p);
        segments[count].length = left < to_end ? left : to_end;
        segments[count].rows[0] = element != NULL ? element : zeros;
        p += segments[count].length;
    }
    return count;
}

void ck_pack_im2col_transposed_reference(float *to, const ck_patches *patches, size_t first_row,
                                      size_t windows, size_t first_k, size_t elements,
                                          size_t width) {
    for (size_t p = 0; elements == 1 && p < windows; p++)
        to[p] = patch(patches, first_row + p, first_k);
    (void)width;
}

void ck_transpose_reference(float *to, size_t to_stride, const float *from, size_t from_stride,
                            size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) to[j * to_stride + i] = from[i * from_stride + j];
}

void ck_plane_product_reference(float *y, size_t y_stride, const float *planes,
                                size_t plane_stride, const size_t *offsets, size_t taps, size_t k,
                                const float *w, size_t channels, size_t count) {
    for (size_t c = 0; c < channels; c++)
        for (size_t x = 0; x < count; x++) {
            float acc = 0.0f;
            for (size_t t = 0; t < taps; t++)
                for (size_t p = 0; p < k; p++)
                    acc = ck_soft_fmaf(planes[p * plane_stride + offsets[t] + x],
                                       w[(t * k + p) * channels + c], acc);
            y[c * y_stride + x] = acc;
        }
}
