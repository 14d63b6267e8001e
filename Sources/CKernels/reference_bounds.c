/* The scalar loops of the kernels of ck_bounds.h: see ckernels.h for the expressions. */
#include "bounds.h"
#include "expressions.h"
#include "reference_bounds.h"
#include "softfma.h"

#pragma STDC FP_CONTRACT OFF

static float magnitude(float x) { return __builtin_fabsf(x); }

void ck_interval_product_reference(const ck_interval_results *to, const float *l, const float *u,
                                   const float *w, const float *bias, const ck_convolution *shape,
                                   float *patch) {
    const size_t outputs = (size_t)(shape->out_channels / shape->groups);
    const size_t depth = ck_window_depth(shape);
    float *low = patch, *high = patch + depth;
    const size_t count = (size_t)(shape->out_height * shape->out_width * shape->out_channels);
    for (size_t place = 0; place < count; place++) {
        const size_t channel = place % (size_t)shape->out_channels;
        const size_t pixel = place / (size_t)shape->out_channels;
        const size_t group = channel / outputs, o = channel % outputs;
        const ptrdiff_t oy = (ptrdiff_t)(pixel / (size_t)shape->out_width);
        const ptrdiff_t ox = (ptrdiff_t)(pixel % (size_t)shape->out_width);
        ck_gather_window(low, l, shape, oy, ox, (ptrdiff_t)group);
        ck_gather_window(high, u, shape, oy, ox, (ptrdiff_t)group);
        const float first = bias ? bias[channel] : 0.0f;
        float lower = first, upper = first, error = 0.0f, size = magnitude(first);
        for (size_t k = 0; k < depth; k++) {
            const float weight = w[(group * depth + k) * outputs + o];
            lower = ck_soft_fmaf(weight, weight < 0.0f ? high[k] : low[k], lower);
            upper = ck_soft_fmaf(weight, weight < 0.0f ? low[k] : high[k], upper);
            const float a = magnitude(lower), b = magnitude(upper);
            union { float value; uint32_t bits; } power = {a > b ? a : b};
            power.bits &= 0x7f800000;
            if (!(power.value > CK_LEAST_POWER)) power.value = CK_LEAST_POWER;
            if (weight != 0.0f) error += power.value;
            const float c = magnitude(low[k]), d = magnitude(high[k]);
            size = ck_soft_fmaf(magnitude(weight), c > d ? c : d, size);
        }
        to->lower[place] = lower;
        to->upper[place] = upper;
        if (!to->error) continue;
        to->error[place] = error;
        to->size[place] = size;
    }
}

void ck_relax_rows_reference(double *rows, size_t count, const ck_lines *lines, double *constant,
                             double *total) {
    for (size_t r = 0; r < CK_BOUND_ROWS; r++)
        for (size_t k = 0; k < count; k++) {
            double *own = rows + k * CK_BOUND_ROWS + r;
            const double m = *own;
            const bool isLower = m >= 0.0;
            constant[r] += m * (isLower ? lines->low_offset[k] : lines->high_offset[k]);
            total[r] += __builtin_fabs(m) * lines->size[k];
            if (lines->low_slope)
                *own = m * (isLower ? lines->low_slope[k] : lines->high_slope[k]);
        }
}

void ck_pull_rows_reference(double *to, const double *from, const double *w,
                            const ck_convolution *shape, const ck_region *source,
                            const ck_region *target) {
    const ptrdiff_t inputs = shape->channels / shape->groups;
    const ptrdiff_t outputs = shape->out_channels / shape->groups;
    for (ptrdiff_t y = target->top; y < target->bottom; y++)
        for (ptrdiff_t x = target->left; x < target->right; x++)
            for (ptrdiff_t channel = 0; channel < shape->channels; channel++)
                for (ptrdiff_t r = 0; r < CK_BOUND_ROWS; r++) {
                    const ptrdiff_t group = channel / inputs, c = channel % inputs;
                    double *own =
                        to + ((y * shape->width + x) * shape->channels + channel) * CK_BOUND_ROWS + r;
                    double acc = *own;
                    for (ptrdiff_t kh = 0; kh < shape->kernel_height; kh++)
                        for (ptrdiff_t kw = 0; kw < shape->kernel_width; kw++) {
                            const ptrdiff_t oy =
                                ck_window_of(y + shape->pad_top - kh * shape->dilation_y,
                                             shape->stride_y, source->top, source->bottom);
                            const ptrdiff_t ox =
                                ck_window_of(x + shape->pad_left - kw * shape->dilation_x,
                                             shape->stride_x, source->left, source->right);
                            if (oy < 0 || ox < 0) continue;
                            for (ptrdiff_t o = 0; o < outputs; o++) {
                                const ptrdiff_t place = (oy * shape->out_width + ox) *
                                                            shape->out_channels +
                                                        group * outputs + o;
                                const ptrdiff_t weight =
                                    (((group * shape->kernel_height + kh) * shape->kernel_width +
                                      kw) * outputs + o) * inputs + c;
                                acc += from[place * CK_BOUND_ROWS + r] * w[weight];
                            }
                        }
                    *own = acc;
                }
}

double ck_wide_sigmoid(double x) {
    const double size = x < 0.0 ? -x : x;
    const double e = ck_exp_double(size > 104.0 ? -104.0 : -size);
    return (x < 0.0 ? e : 1.0) / (1.0 + e);
}
