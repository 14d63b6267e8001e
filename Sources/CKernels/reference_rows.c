/* The specification of the kernels over one row, in scalar loops: see ck_halfspace.h and
 * ck_carlini.h for the expressions. */
#include "expressions.h"
#include "rows.h"

static double dot(const float *w, const float *x, size_t count) {
    double partials[CK_PARTIALS] = {0.0};
    for (size_t i = 0; i < count; i++)
        partials[i % CK_PARTIALS] += (double)w[i] * (double)x[i];
    return ck_reduce(partials);
}

/* The change of one value, and how far it may go, towards larger sums (up) or smaller ones. */
static float moved(float w, double step, int up) {
    const int rises = up ? w > 0.0f : w < 0.0f;
    return w == 0.0f ? 0.0f : (float)(rises ? step : -step);
}

static double step_of(float w, double room, int norm, double lambda) {
    const double wanted = lambda * (norm == 0 ? 1.0 : __builtin_fabs((double)w));
    return wanted < room ? wanted : room;
}

/* The values with the largest |w| first, of equals the first; each as far as the box allows. */
static void steepest_first(float *d, const float *t, const float *w, size_t count, int up,
                           const float *lower, const float *upper, double left) {
    for (size_t i = 0; i < count; i++) d[i] = 0.0f;
    size_t done = count; /* the value that moved last */
    while (left > 0.0) {
        size_t next = count;
        for (size_t i = 0; i < count; i++) {
            const float size = __builtin_fabsf(w[i]);
            const float last = done < count ? __builtin_fabsf(w[done]) : __builtin_inff();
            const bool is_left = size < last || (size == last && (done == count || i > done));
            if (is_left && size > (next < count ? __builtin_fabsf(w[next]) : 0.0f)) next = i;
        }
        if (next == count) return;
        const double size = __builtin_fabs((double)w[next]);
        const double most =
            ck_room(t[next], w[next], up, ck_lower(lower, next), ck_upper(upper, next));
        const double step = left / size < most ? left / size : most;
        d[next] = moved(w[next], step, up);
        left -= step * size;
        done = next;
    }
}

static void to_hyperplane(float *d, const float *t, const float *w, size_t count, double gap,
                          int norm, const float *lower, const float *upper) {
    const int up = gap > 0.0;
    const double wanted = __builtin_fabs(gap);
    if (norm == 2) {
        steepest_first(d, t, w, count, up, lower, upper, wanted);
        return;
    }
    double lambda = 0.0;
    for (int round = 0; round < 64; round++) {
        double gains[CK_PARTIALS] = {0.0}, slopes[CK_PARTIALS] = {0.0};
        for (size_t i = 0; i < count; i++) {
            const double size = __builtin_fabs((double)w[i]), speed = norm == 0 ? 1.0 : size;
            const double room =
                ck_room(t[i], w[i], up, ck_lower(lower, i), ck_upper(upper, i));
            gains[i % CK_PARTIALS] += size * step_of(w[i], room, norm, lambda);
            if (lambda * speed < room) slopes[i % CK_PARTIALS] += size * speed;
        }
        const double gain = ck_reduce(gains), slope = ck_reduce(slopes);
        if (!(slope > 0.0) || wanted - gain <= wanted * 0x1p-40) break;
        lambda += (wanted - gain) / slope;
    }
    for (size_t i = 0; i < count; i++) {
        const double room = ck_room(t[i], w[i], up, ck_lower(lower, i), ck_upper(upper, i));
        d[i] = moved(w[i], step_of(w[i], room, norm, lambda), up);
    }
}

static void to_pixels(float *y, const float *w, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] = (float)ck_pixel(w[i]);
}

static void unbounded_step(float *w, float *mean, float *square, float *y, const float *dy,
                           size_t count, ck_adam_step step) {
    for (size_t i = 0; i < count; i++)
        ck_unbounded_one(w + i, mean + i, square + i, y + i, dy[i], step);
}

const ck_rows ck_rows_reference = {
    .dot = dot,
    .to_hyperplane = to_hyperplane,
    .to_pixels = to_pixels,
    .unbounded_step = unbounded_step,
};
