/* The specification of ck_layers.h, in scalar loops. */
#include "layers.h"

#define CK_MAP(name, value)                                                                       \
    static void name(float *y, const float *x, size_t count, float a, float b) {                  \
        for (size_t i = 0; i < count; i++) y[i] = value;                                          \
        (void)a, (void)b;                                                                         \
    }
#define CK_MAP_TWO(name, value)                                                                   \
    static void name(float *y, const float *u, const float *v, size_t count, float a, float b) {  \
        for (size_t i = 0; i < count; i++) y[i] = value;                                          \
        (void)a, (void)b;                                                                         \
    }
#define CK_MAP_THREE(name, value)                                                                 \
    static void name(float *y, const float *u, const float *v, const float *w, size_t count) {    \
        for (size_t i = 0; i < count; i++) y[i] = value;                                          \
    }

CK_MAP(leaky, x[i] > 0.0f ? x[i] : a * x[i])
CK_MAP(clip, a > x[i] ? a : x[i] > b ? b : x[i])
CK_MAP(hyperbolic_tangent, ck_tanh(x[i]))
CK_MAP(hard_sigmoid, ck_hard_sigmoid(x[i], a, b))
CK_MAP(hard_swish, ck_hard_swish(x[i], a, b))
CK_MAP(elu, ck_elu(x[i], a))
CK_MAP(exponential, ck_expf_inline(x[i]))
CK_MAP(logarithm, ck_logf_inline(x[i]))
CK_MAP(absolute, ck_absolute(x[i]))
CK_MAP(softplus, ck_softplus(x[i]))
CK_MAP(softsign, ck_softsign(x[i]))
CK_MAP(power, ck_power(x[i], a))
CK_MAP_TWO(leaky_gradient, v[i] > 0.0f ? u[i] : a * u[i])
CK_MAP_TWO(clip_gradient, a < v[i] && v[i] < b ? u[i] : 0.0f)
CK_MAP_TWO(hyperbolic_tangent_gradient, ck_tanh_gradient(u[i], v[i]))
CK_MAP_TWO(hard_sigmoid_gradient, ck_hard_sigmoid_gradient(u[i], v[i], a))
CK_MAP_TWO(hard_swish_gradient, ck_hard_swish_gradient(u[i], v[i], a, b))
CK_MAP_TWO(elu_gradient, ck_elu_gradient(u[i], v[i], a))
CK_MAP_TWO(divide, u[i] / v[i])
CK_MAP_TWO(absolute_gradient, ck_absolute_gradient(u[i], v[i]))
CK_MAP_TWO(softplus_gradient, ck_softplus_gradient(u[i], v[i]))
CK_MAP_TWO(softsign_gradient, ck_softsign_gradient(u[i], v[i]))
CK_MAP_TWO(power_gradient, ck_power_gradient(u[i], v[i], a))
CK_MAP_TWO(larger, ck_larger(u[i], v[i]))
CK_MAP_TWO(smaller, ck_smaller(u[i], v[i]))
CK_MAP_THREE(divisor_gradient, ck_divisor_gradient(u[i], v[i], w[i]))
CK_MAP_THREE(where_not_less, v[i] >= w[i] ? u[i] : 0.0f)
CK_MAP_THREE(where_less, v[i] < w[i] ? u[i] : 0.0f)
CK_MAP_TWO(subtract, u[i] - v[i])
CK_MAP_TWO(multiply, u[i] * v[i])
CK_MAP_TWO(slope_terms, v[i] > 0.0f ? 0.0f : u[i] * v[i])

static void prelu(float *y, const float *x, const float *slopes, size_t rows, size_t columns) {
    for (size_t e = 0; e < rows * columns; e++)
        y[e] = x[e] > 0.0f ? x[e] : slopes[e % columns] * x[e];
}

static void prelu_gradient(float *dx, const float *dy, const float *x, const float *slopes,
                           size_t rows, size_t columns) {
    for (size_t e = 0; e < rows * columns; e++)
        dx[e] = x[e] > 0.0f ? dy[e] : slopes[e % columns] * dy[e];
}

static void factor_sums(float *sums, const float *u, const float *v, size_t rows,
                             size_t columns) {
    for (size_t j = 0; j < columns; j++) {
        float total = 0.0f;
        for (size_t i = 0; i < rows; i++) total += u[i * columns + j] * v[i * columns + j];
        sums[j] = total;
    }
}

static float largest(const float *x, size_t count) {
    float most = x[0];
    for (size_t j = 1; j < count; j++) most = ck_larger(most, x[j]);
    return most;
}

static void softmax(float *y, const float *x, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++, x += columns, y += columns) {
        const float most = largest(x, columns);
        float total = 0.0f;
        for (size_t j = 0; j < columns; j++) total += y[j] = ck_expf_inline(x[j] - most);
        for (size_t j = 0; j < columns; j++) y[j] = y[j] / total;
    }
}

static void softmax_gradient(float *dx, const float *dy, const float *y, size_t rows,
                             size_t columns) {
    for (size_t row = 0; row < rows; row++, dx += columns, dy += columns, y += columns) {
        float total = 0.0f;
        for (size_t j = 0; j < columns; j++) total += dy[j] * y[j];
        for (size_t j = 0; j < columns; j++) dx[j] = y[j] * (dy[j] - total);
    }
}

static void log_softmax(float *y, const float *x, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++, x += columns, y += columns) {
        const float most = largest(x, columns);
        float total = 0.0f;
        for (size_t j = 0; j < columns; j++) total += ck_expf_inline(x[j] - most);
        for (size_t j = 0; j < columns; j++) y[j] = (x[j] - most) - ck_logf_inline(total);
    }
}

static void log_softmax_gradient(float *dx, const float *dy, const float *y, size_t rows,
                                 size_t columns) {
    for (size_t row = 0; row < rows; row++, dx += columns, dy += columns, y += columns) {
        float total = 0.0f;
        for (size_t j = 0; j < columns; j++) total += dy[j];
        for (size_t j = 0; j < columns; j++) dx[j] = dy[j] - ck_expf_inline(y[j]) * total;
    }
}

static void respond(float *y, const float *x, const ck_response *response, size_t rows,
                    size_t columns) {
    for (size_t row = 0; row < rows; row++, x += columns, y += columns)
        for (size_t c = 0; c < columns; c++) {
            const double base =
                ck_response_base(x, (ptrdiff_t)c, (ptrdiff_t)columns, response);
            y[c] = (float)((double)x[c] * ck_response_factor(base, response->power));
        }
}

static void respond_terms(float *q, float *t, const float *dy, const float *x,
                          const ck_response *response, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row++, q += columns, t += columns, dy += columns, x += columns)
        for (size_t c = 0; c < columns; c++) {
            const double base =
                ck_response_base(x, (ptrdiff_t)c, (ptrdiff_t)columns, response);
            const double part = (double)dy[c] * ck_response_factor(base, response->power);
            q[c] = (float)part;
            t[c] = (float)(part * (double)x[c] / base);
        }
}

static void respond_gradient(float *dx, const float *q, const float *t, const float *x,
                             const ck_response *response, size_t rows, size_t columns) {
    const float slope = (float)(2.0 * response->scale * response->power);
    for (size_t row = 0; row < rows; row++, dx += columns, q += columns, t += columns, x += columns)
        for (size_t c = 0; c < columns; c++)
            dx[c] = q[c] - (slope * x[c]) *
                               ck_response_sum(t, (ptrdiff_t)c, (ptrdiff_t)columns, response);
}

static void gather(float *y, const float *x, const uint32_t *places, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] = x[places[i]];
}

static void gather_sums(float *dx, const float *dy, const uint32_t *starts,
                        const uint32_t *readers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        float total = 0.0f;
        for (uint32_t r = starts[i]; r < starts[i + 1]; r++) total += dy[readers[r]];
        dx[i] = total;
    }
}

/* ---- pooling ---- */

static const float *tap(const float *x, const ck_pool *p, ptrdiff_t n, ptrdiff_t oy, ptrdiff_t ox,
                        ptrdiff_t kh, ptrdiff_t kw) {
    const ptrdiff_t iy = oy * p->stride_y + kh * p->dilation_y - p->pad_top;
    const ptrdiff_t ix = ox * p->stride_x + kw * p->dilation_x - p->pad_left;
    if (iy < 0 || iy >= p->height || ix < 0 || ix >= p->width) return NULL;
    return x + ((n * p->height + iy) * p->width + ix) * p->channels;
}

static void average(float *y, const float *x, const ck_pool *p, size_t first_row, size_t rows) {
    for (ptrdiff_t row = (ptrdiff_t)first_row; row < (ptrdiff_t)(first_row + rows); row++)
        for (ptrdiff_t ox = 0; ox < p->out_width; ox++)
            for (ptrdiff_t i = 0; i < p->channels; i++) {
                const ptrdiff_t n = row / p->out_height, oy = row % p->out_height;
                float total = 0.0f;
                for (ptrdiff_t kh = 0; kh < p->kernel_height; kh++)
                    for (ptrdiff_t kw = 0; kw < p->kernel_width; kw++) {
                        const float *pixel = tap(x, p, n, oy, ox, kh, kw);
                        if (pixel != NULL) total += pixel[i];
                    }
                y[(row * p->out_width + ox) * p->channels + i] = total / ck_divisor(p, oy, ox);
            }
}

static void maximum(float *y, const float *x, const ck_pool *p, size_t first_row, size_t rows) {
    for (ptrdiff_t row = (ptrdiff_t)first_row; row < (ptrdiff_t)(first_row + rows); row++)
        for (ptrdiff_t ox = 0; ox < p->out_width; ox++)
            for (ptrdiff_t i = 0; i < p->channels; i++) {
                float most = -__builtin_inff();
                for (ptrdiff_t kh = 0; kh < p->kernel_height; kh++)
                    for (ptrdiff_t kw = 0; kw < p->kernel_width; kw++) {
                        const float *pixel =
                            tap(x, p, row / p->out_height, row % p->out_height, ox, kh, kw);
                        if (pixel != NULL) most = ck_larger(most, pixel[i]);
                    }
                y[(row * p->out_width + ox) * p->channels + i] = most;
            }
}

/* Whether pixel `here` is a tap of window (oy, ox); with y not NULL, whether it is the first one that
 * attains *y in channel i. */
static bool holds(const float *x, const float *here, const float *y, const ck_pool *p, ptrdiff_t n,
                  ptrdiff_t oy, ptrdiff_t ox, ptrdiff_t i) {
    for (ptrdiff_t kh = 0; kh < p->kernel_height; kh++)
        for (ptrdiff_t kw = 0; kw < p->kernel_width; kw++) {
            const float *pixel = tap(x, p, n, oy, ox, kh, kw);
            if (pixel == NULL) continue;
            if (y == NULL ? pixel == here : ck_attains(pixel[i], *y)) return pixel == here;
        }
    return false;
}

static void average_gradient(float *dx, const float *dy, const ck_pool *p, size_t first_row,
                             size_t rows) {
    for (ptrdiff_t row = (ptrdiff_t)first_row; row < (ptrdiff_t)(first_row + rows); row++)
        for (ptrdiff_t ix = 0; ix < p->width; ix++)
            for (ptrdiff_t i = 0; i < p->channels; i++) {
                const ptrdiff_t n = row / p->height, place = (row * p->width + ix) * p->channels;
                float total = 0.0f;
                for (ptrdiff_t oy = 0; oy < p->out_height; oy++)
                    for (ptrdiff_t ox = 0; ox < p->out_width; ox++)
                        if (holds(dx, dx + place, NULL, p, n, oy, ox, i))
                            total += dy[((n * p->out_height + oy) * p->out_width + ox) *
                                            p->channels + i] /
                                     ck_divisor(p, oy, ox);
                dx[place + i] = total;
            }
}

static void maximum_gradient(float *dx, const float *dy, const float *x, const float *y,
                             const ck_pool *p, size_t first_row, size_t rows) {
    for (ptrdiff_t row = (ptrdiff_t)first_row; row < (ptrdiff_t)(first_row + rows); row++)
        for (ptrdiff_t ix = 0; ix < p->width; ix++)
            for (ptrdiff_t i = 0; i < p->channels; i++) {
                const ptrdiff_t n = row / p->height, place = (row * p->width + ix) * p->channels;
                float total = 0.0f;
                for (ptrdiff_t oy = 0; oy < p->out_height; oy++)
                    for (ptrdiff_t ox = 0; ox < p->out_width; ox++) {
                        if (!holds(x, x + place, NULL, p, n, oy, ox, i)) continue;
                        const ptrdiff_t w =
                            ((n * p->out_height + oy) * p->out_width + ox) * p->channels + i;
                        total += holds(x, x + place, y + w, p, n, oy, ox, i) ? dy[w] : 0.0f;
                    }
                dx[place + i] = total;
            }
}

const ck_layers ck_layers_reference = {
    .leaky = leaky,
    .clip = clip,
    .hyperbolic_tangent = hyperbolic_tangent,
    .hard_sigmoid = hard_sigmoid,
    .hard_swish = hard_swish,
    .elu = elu,
    .exponential = exponential,
    .logarithm = logarithm,
    .absolute = absolute,
    .softplus = softplus,
    .softsign = softsign,
    .power = power,
    .leaky_gradient = leaky_gradient,
    .clip_gradient = clip_gradient,
    .hyperbolic_tangent_gradient = hyperbolic_tangent_gradient,
    .hard_sigmoid_gradient = hard_sigmoid_gradient,
    .hard_swish_gradient = hard_swish_gradient,
    .elu_gradient = elu_gradient,
    .divide = divide,
    .absolute_gradient = absolute_gradient,
    .softplus_gradient = softplus_gradient,
    .softsign_gradient = softsign_gradient,
    .power_gradient = power_gradient,
    .larger = larger,
    .smaller = smaller,
    .divisor_gradient = divisor_gradient,
    .where_not_less = where_not_less,
    .where_less = where_less,
    .subtract = subtract,
    .multiply = multiply,
    .prelu = prelu,
    .prelu_gradient = prelu_gradient,
    .slope_terms = slope_terms,
    .factor_sums = factor_sums,
    .softmax = softmax,
    .softmax_gradient = softmax_gradient,
    .log_softmax = log_softmax,
    .log_softmax_gradient = log_softmax_gradient,
    .respond = respond,
    .respond_terms = respond_terms,
    .respond_gradient = respond_gradient,
    .gather = gather,
    .gather_sums = gather_sums,
    .average = average,
    .average_gradient = average_gradient,
    .maximum = maximum,
    .maximum_gradient = maximum_gradient,
};
