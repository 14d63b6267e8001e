/* The specification of depthwise convolutions and of pooling, in scalar loops. */
#include "expressions.h"
#include "reference_layers.h"
#include "softfma.h"

void ck_depthwise_reference(float *y, const float *x, const float *w, const float *bias,
                            const ck_depthwise *s, float lower, float upper, size_t first_row,
                            size_t rows) {
    for (ptrdiff_t row = (ptrdiff_t)first_row; row < (ptrdiff_t)(first_row + rows); row++) {
        const ptrdiff_t n = row / s->out_height, r = row % s->out_height;
        for (ptrdiff_t c = 0; c < s->out_width; c++)
            for (ptrdiff_t i = 0; i < s->channels; i++) {
                float acc = bias[i];
                for (size_t t = 0; t < s->count; t++) {
                    const ptrdiff_t py = r * s->step_y + s->taps[t].y;
                    const ptrdiff_t px = c * s->step_x + s->taps[t].x;
                    const bool inside = py >= 0 && py < s->height && px >= 0 && px < s->width;
                    const float pixel =
                        inside ? x[((n * s->height + py) * s->width + px) * s->channels + i] : 0.0f;
                    acc = ck_soft_fmaf(pixel, w[s->weights[t] * (size_t)s->channels + (size_t)i],
                                       acc);
                }
                y[n * s->image_stride + r * s->row_stride + c * s->pixel_stride + i] =
                    ck_clamp(acc, lower, upper);
            }
    }
}

/* x[n, y, x, i] of a window's tap, or NULL where it lies outside the image. */
static const float *pixel_of(const float *x, const ck_windows *s, ptrdiff_t n, ptrdiff_t oy,
                             ptrdiff_t ox, ptrdiff_t kh, ptrdiff_t kw) {
    const ptrdiff_t py = oy * s->stride_y + kh - s->pad_top;
    const ptrdiff_t px = ox * s->stride_x + kw - s->pad_left;
    if (py < 0 || py >= s->height || px < 0 || px >= s->width) return NULL;
    return x + ((n * s->height + py) * s->width + px) * s->channels;
}

void ck_depthwise_weights_reference(float *dw, const float *x, const float *dy,
                                    const ck_windows *s, size_t images, size_t channels) {
    for (ptrdiff_t kh = 0; kh < s->kernel_height; kh++)
        for (ptrdiff_t kw = 0; kw < s->kernel_width; kw++)
            for (size_t i = 0; i < channels; i++) {
                float acc = 0.0f;
                const float *dy_w = dy;
                for (ptrdiff_t n = 0; n < (ptrdiff_t)images; n++)
                    for (ptrdiff_t oy = 0; oy < s->out_height; oy++)
                        for (ptrdiff_t ox = 0; ox < s->out_width; ox++, dy_w += s->channels) {
                            const float *pixel = pixel_of(x, s, n, oy, ox, kh, kw);
                            acc = ck_soft_fmaf(pixel != NULL ? pixel[i] : 0.0f, dy_w[i], acc);
                        }
                dw[(kh * s->kernel_width + kw) * s->channels + (ptrdiff_t)i] = acc;
            }
}

void ck_max_pool_reference(float *y, const float *x, const ck_windows *s, size_t first_row,
                           size_t rows) {
    for (ptrdiff_t row = (ptrdiff_t)first_row; row < (ptrdiff_t)(first_row + rows); row++)
        for (ptrdiff_t ox = 0; ox < s->out_width; ox++)
            for (ptrdiff_t i = 0; i < s->channels; i++) {
                float most = -__builtin_inff();
                for (ptrdiff_t kh = 0; kh < s->kernel_height; kh++)
                    for (ptrdiff_t kw = 0; kw < s->kernel_width; kw++) {
                        const float *pixel =
                            pixel_of(x, s, row / s->out_height, row % s->out_height, ox, kh, kw);
                        if (pixel != NULL) most = ck_larger(most, pixel[i]);
                    }
                y[(row * s->out_width + ox) * s->channels + i] = most;
            }
}

/* The tap of window (n, oy, ox) that gave its maximum in channel i. */
static const float *first_to_attain(const float *x, float y, const ck_windows *s, ptrdiff_t n,
                                    ptrdiff_t oy, ptrdiff_t ox, ptrdiff_t i) {
    for (ptrdiff_t kh = 0; kh < s->kernel_height; kh++)
        for (ptrdiff_t kw = 0; kw < s->kernel_width; kw++) {
            const float *pixel = pixel_of(x, s, n, oy, ox, kh, kw);
            if (pixel != NULL && ck_attains(pixel[i], y)) return pixel;
        }
    return NULL;
}

/* Whether window (oy, ox) holds pixel (iy, ix). */
static bool holds(const ck_windows *s, ptrdiff_t oy, ptrdiff_t ox, ptrdiff_t iy, ptrdiff_t ix) {
    const ptrdiff_t kh = iy + s->pad_top - oy * s->stride_y;
    const ptrdiff_t kw = ix + s->pad_left - ox * s->stride_x;
    return kh >= 0 && kh < s->kernel_height && kw >= 0 && kw < s->kernel_width;
}

void ck_max_pool_gradient_reference(float *dx, const float *dy, const float *x, const float *y,
                                    const ck_windows *s, size_t first_row, size_t rows) {
    for (ptrdiff_t row = (ptrdiff_t)first_row; row < (ptrdiff_t)(first_row + rows); row++)
        for (ptrdiff_t ix = 0; ix < s->width; ix++)
            for (ptrdiff_t i = 0; i < s->channels; i++) {
                const ptrdiff_t n = row / s->height, iy = row % s->height;
                const float *here = x + (row * s->width + ix) * s->channels;
                float total = 0.0f;
                for (ptrdiff_t oy = 0; oy < s->out_height; oy++)
                    for (ptrdiff_t ox = 0; ox < s->out_width; ox++) {
                        if (!holds(s, oy, ox, iy, ix)) continue;
                        const ptrdiff_t w = ((n * s->out_height + oy) * s->out_width + ox) * s->channels + i;
                        const float *best = first_to_attain(x, y[w], s, n, oy, ox, i);
                        total += best == here ? dy[w] : 0.0f;
                    }
                dx[(row * s->width + ix) * s->channels + i] = total;
            }
}

void ck_average_pool_reference(float *y, const float *x, const ck_windows *s, size_t first_row,
                               size_t rows) {
    for (ptrdiff_t row = (ptrdiff_t)first_row; row < (ptrdiff_t)(first_row + rows); row++)
        for (ptrdiff_t ox = 0; ox < s->out_width; ox++)
            for (ptrdiff_t i = 0; i < s->channels; i++) {
                float total = 0.0f;
                for (ptrdiff_t kh = 0; kh < s->kernel_height; kh++)
                    for (ptrdiff_t kw = 0; kw < s->kernel_width; kw++) {
                        const float *pixel =
                            pixel_of(x, s, row / s->out_height, row % s->out_height, ox, kh, kw);
                        if (pixel != NULL) total += pixel[i];
                    }
                y[(row * s->out_width + ox) * s->channels + i] =
                    total / (float)(s->kernel_height * s->kernel_width);
            }
}

void ck_average_pool_gradient_reference(float *dx, const float *dy, const ck_windows *s,
                                        size_t first_row, size_t rows) {
    for (ptrdiff_t row = (ptrdiff_t)first_row; row < (ptrdiff_t)(first_row + rows); row++)
        for (ptrdiff_t ix = 0; ix < s->width; ix++)
            for (ptrdiff_t i = 0; i < s->channels; i++) {
                const ptrdiff_t n = row / s->height, iy = row % s->height;
                float total = 0.0f;
                for (ptrdiff_t oy = 0; oy < s->out_height; oy++)
                    for (ptrdiff_t ox = 0; ox < s->out_width; ox++)
                        if (holds(s, oy, ox, iy, ix))
                            total += dy[((n * s->out_height + oy) * s->out_width + ox) * s->channels + i];
                dx[(row * s->width + ix) * s->channels + i] =
                    total / (float)(s->kernel_height * s->kernel_width);
            }
}
