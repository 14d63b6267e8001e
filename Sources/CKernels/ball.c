/* The L2, L1 and L0 balls: see ck_ball.h for the expressions. */
#include "expressions.h"

#pragma STDC FP_CONTRACT OFF

double ck_norm_l2(const float *x, size_t count) {
    double partials[CK_PARTIALS] = {0.0};
    size_t i = 0;
    for (; i + CK_PARTIALS <= count; i += CK_PARTIALS)
        for (size_t l = 0; l < CK_PARTIALS; l++) partials[l] += (double)x[i + l] * (double)x[i + l];
    for (size_t l = 0; i + l < count; l++) partials[l] += (double)x[i + l] * (double)x[i + l];
    return __builtin_sqrt(ck_reduce(partials));
}

double ck_norm_l1(const float *x, size_t count) {
    double partials[CK_PARTIALS] = {0.0};
    size_t i = 0;
    for (; i + CK_PARTIALS <= count; i += CK_PARTIALS)
        for (size_t l = 0; l < CK_PARTIALS; l++) partials[l] += __builtin_fabs((double)x[i + l]);
    for (size_t l = 0; i + l < count; l++) partials[l] += __builtin_fabs((double)x[i + l]);
    return ck_reduce(partials);
}

static double distance(const float *x, const float *y, size_t count) {
    double partials[CK_PARTIALS] = {0.0};
    size_t i = 0;
    for (; i + CK_PARTIALS <= count; i += CK_PARTIALS)
        for (size_t l = 0; l < CK_PARTIALS; l++) {
            const double d = (double)y[i + l] - (double)x[i + l];
            partials[l] += d * d;
        }
    for (size_t l = 0; i + l < count; l++) {
        const double d = (double)y[i + l] - (double)x[i + l];
        partials[l] += d * d;
    }
    return __builtin_sqrt(ck_reduce(partials));
}

void ck_step_l2(float *moved, const float *y, const float *g, size_t count, double scale) {
    for (size_t i = 0; i < count; i++) moved[i] = (float)((double)y[i] + scale * (double)g[i]);
}

/* Inlined into a projection once with limits and once without: with none its loops have no branches. */
#define CK_INLINE static inline __attribute__((always_inline))

/* Between which values pixel i may move; without limits 0 and 1. */
CK_INLINE float lower(const ck_limits *limits, size_t i, float x) {
    if (!limits) return 0.0f;
    return x < limits->low[i] ? x : limits->low[i];
}

CK_INLINE float upper(const ck_limits *limits, size_t i, float x) {
    if (!limits) return 1.0f;
    return x > limits->high[i] ? x : limits->high[i];
}

CK_INLINE float clamp(const ck_limits *limits, size_t i, float x, float y) {
    return ck_clamp(y, lower(limits, i, x), upper(limits, i, x));
}

CK_INLINE int is_held(const ck_limits *limits, size_t i) {
    return limits && limits->low[i] > limits->high[i];
}

void ck_clamp_to_limits(float *y, const float *x, size_t count, const ck_limits *limits) {
    for (size_t i = 0; i < count; i++) y[i] = clamp(limits, i, x[i], y[i]);
}

/* How far a proposal may be: for L2 all that is finite, for L1 what leaves lambda 2^-30 of a
 * pixel. */
static const double FARTHEST_L2 = 0x1p128, FARTHEST_L1 = 0x1p20;

/* proposed - x as in `distance`, and no farther than that; 0 for a pixel that is held. A NaN stays. */
CK_INLINE double change(const ck_limits *limits, size_t i, float proposed, float x, double farthest) {
    if (is_held(limits, i)) return 0.0;
    const double d = (double)proposed - (double)x;
    return d > farthest ? farthest : d < -farthest ? -farthest : d;
}

/* What a caller should never ask for counts as 0. */
static double radius(double epsilon) { return epsilon > 0.0 ? epsilon : 0.0; }

/* The float nearest to x + step of those whose measured distance from x is within |step|. Where the
 * nearest of all is beyond, its neighbour towards x is not: it lies more than half the spacing of
 * floats before the sum, which is more than the sum's own rounding. */
static float towards(float x, double step) {
    union { float value; int32_t bits; } y = {(float)((double)x + step)};
    if (!(__builtin_fabs((double)y.value - (double)x) > __builtin_fabs(step))) return y.value;
    if (y.value == 0.0f) return x > 0.0f ? 0x1p-149f : -0x1p-149f;
    /* Up or down, which is away from 0 or towards it. */
    y.bits += (y.value < x) == (y.value > 0.0f) ? 1 : -1;
    return y.value;
}

size_t ck_first_outside_box(const float *x, size_t count) {
    /* Blocks first, without a branch an element; then the place within the block. */
    for (size_t start = 0; start < count; start += 1024) {
        const size_t end = start + 1024 < count ? start + 1024 : count;
        int inside = 1;
        for (size_t i = start; i < end; i++) inside &= (x[i] >= 0.0f) & (x[i] <= 1.0f);
        if (!inside)
            for (size_t i = start; i < end; i++)
                if (!(x[i] >= 0.0f && x[i] <= 1.0f)) return i;
    }
    return count;
}

/* Most turns by which L2 looks for a scale with the rounding to the nearest float. */
enum { TURNS = 32 };

CK_INLINE void project_l2(float *restrict y, const float *restrict proposed, const float *restrict x,
                          size_t count, double epsilon, const ck_limits *limits) {
    const double most = radius(epsilon);
    double partials[CK_PARTIALS] = {0.0};
    for (size_t i = 0; i < count; i += CK_PARTIALS) {
        const size_t end = count - i < CK_PARTIALS ? count - i : CK_PARTIALS;
        for (size_t l = 0; l < end; l++) {
            const double d = change(limits, i + l, proposed[i + l], x[i + l], FARTHEST_L2);
            partials[l] += d * d;
        }
    }
    const double size = __builtin_sqrt(ck_reduce(partials));
    if (!(size > most)) {
        for (size_t i = 0; i < count; i++) y[i] = clamp(limits, i, x[i], proposed[i]);
        return;
    }
    double scale = most / size;
    for (int turn = 0; turn < TURNS; turn++) {
        for (size_t i = 0; i < count; i++) {
            const double step = scale * change(limits, i, proposed[i], x[i], FARTHEST_L2);
            y[i] = clamp(limits, i, x[i], (float)((double)x[i] + step));
        }
        if (!(distance(x, y, count) > most)) return;
        scale *= 1.0 - 0x1p-20;
    }
    /* A radius near the spacing of floats: no value moves farther than its share, so the sum of
     * squares is within (1 - 2^-20)^2 of the radius' square, but for its own rounding. */
    scale = most / size * (1.0 - 0x1p-20);
    for (size_t i = 0; i < count; i++)
        y[i] = clamp(limits, i, x[i],
                     towards(x[i], scale * change(limits, i, proposed[i], x[i], FARTHEST_L2)));
}

void ck_project_l2(float *y, const float *proposed, const float *x, size_t count, double epsilon,
                   const ck_limits *limits) {
    if (limits)
        project_l2(y, proposed, x, count, epsilon, limits);
    else
        project_l2(y, proposed, x, count, epsilon, NULL);
}

void ck_step_l1(float *restrict moved, const float *restrict y, const float *restrict g,
                size_t count, double scale, size_t spread, const float *restrict x,
                const ck_limits *limits) {
    for (size_t i = 0; i < count; i++) moved[i] = y[i];
    double left = __builtin_fabs(scale);
    const double most = spread ? left / (double)spread : left;
    /* The value that moved last: those before it in the order are done. */
    float last = __builtin_inff();
    size_t before = 0;
    while (left > 0.0) {
        size_t steepest = count;
        float size = 0.0f;
        for (size_t i = 0; i < count; i++) {
            const float own = __builtin_fabsf(g[i]);
            const int isLeft = own < last || (own == last && i >= before);
            if (isLeft && own > size) {
                steepest = i;
                size = own;
            }
        }
        if (steepest == count) return;
        last = size;
        before = steepest + 1;
        const int isUp = (scale > 0.0) == (g[steepest] > 0.0f);
        const double from = y[steepest];
        const double room = isUp ? upper(limits, steepest, x[steepest]) - from
                                 : from - lower(limits, steepest, x[steepest]);
        double step = most < left ? most : left;
        step = step < room ? step : room;
        moved[steepest] = (float)(isUp ? from + step : from - step);
        left -= step;
    }
}

/* The sum of the changes that are left for one lambda, before rounding. */
CK_INLINE double shrunk_within(const float *restrict proposed, const float *restrict x, size_t count,
                     double lambda, const ck_limits *limits) {
    double partials[CK_PARTIALS] = {0.0};
    for (size_t i = 0; i < count; i += CK_PARTIALS) {
        const size_t end = count - i < CK_PARTIALS ? count - i : CK_PARTIALS;
        for (size_t l = 0; l < end; l++) {
            const double from = x[i + l];
            const double d = change(limits, i + l, proposed[i + l], x[i + l], FARTHEST_L1);
            const double down = from - (double)lower(limits, i + l, x[i + l]);
            const double up = (double)upper(limits, i + l, x[i + l]) - from;
            const double room = d < 0.0 ? down : up;
            double kept = __builtin_fabs(d) - lambda;
            kept = kept > 0.0 ? kept : 0.0;
            partials[l] += kept < room ? kept : room;
        }
    }
    return ck_reduce(partials);
}

/* Writes y for one lambda and returns the sum of its changes, as it is measured. */
CK_INLINE double shrink_within(float *restrict y, const float *restrict proposed, const float *restrict x,
                     size_t count, double lambda, const ck_limits *limits) {
    double partials[CK_PARTIALS] = {0.0};
    for (size_t i = 0; i < count; i += CK_PARTIALS) {
        const size_t end = count - i < CK_PARTIALS ? count - i : CK_PARTIALS;
        for (size_t l = 0; l < end; l++) {
            const double d = change(limits, i + l, proposed[i + l], x[i + l], FARTHEST_L1);
            const double size = __builtin_fabs(d) - lambda;
            const double kept = size > 0.0 ? size : 0.0;
            y[i + l] = clamp(limits, i + l, x[i + l],
                             (float)((double)x[i + l] + (d < 0.0 ? -kept : kept)));
            partials[l] += __builtin_fabs((double)y[i + l] - (double)x[i + l]);
        }
    }
    return ck_reduce(partials);
}

static double shrunk(const float *restrict proposed, const float *restrict x, size_t count,
                     double lambda, const ck_limits *limits) {
    return limits ? shrunk_within(proposed, x, count, lambda, limits)
                  : shrunk_within(proposed, x, count, lambda, NULL);
}

static double shrink(float *restrict y, const float *restrict proposed, const float *restrict x,
                     size_t count, double lambda, const ck_limits *limits) {
    return limits ? shrink_within(y, proposed, x, count, lambda, limits)
                  : shrink_within(y, proposed, x, count, lambda, NULL);
}

void ck_project_l1(float *restrict y, const float *restrict proposed, const float *restrict x,
                   size_t count, double epsilon, const ck_limits *limits) {
    const double most = radius(epsilon);
    if (shrink(y, proposed, x, count, 0.0, limits) <= most) return;
    double largest = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double size = __builtin_fabs(change(limits, i, proposed[i], x[i], FARTHEST_L1));
        if (size > largest) largest = size;
    }
    /* Down to 2^-32 of the largest change; of changes beyond the box to 2^-30 of a pixel. */
    double low = 0.0, high = largest;
    for (int round = 0; round < 32 || high - low > 0x1p-30; round++) {
        const double middle = 0.5 * (low + high);
        if (shrunk(proposed, x, count, middle, limits) <= most)
            high = middle;
        else
            low = middle;
    }
    /* Rounding to float may have left the sum outside by a little. At the largest change nothing is
     * left, and doubling comes there after at most 31 turns. */
    for (double extra = 0.0; high + extra < largest;) {
        if (shrink(y, proposed, x, count, high + extra, limits) <= most) return;
        extra = extra > 0.0 ? 2.0 * extra : largest * 0x1p-30;
    }
    for (size_t i = 0; i < count; i++) y[i] = clamp(limits, i, x[i], x[i]);
}

void ck_project_l0(float *restrict y, const float *restrict proposed, const float *restrict x,
                   size_t count, double epsilon, const ck_limits *limits) {
    for (size_t i = 0; i < count; i++) y[i] = clamp(limits, i, x[i], x[i]);
    /* One pass for each value that is kept: budgets are small numbers of pixels. */
    size_t changed = 0;
    for (size_t i = 0; i < count; i++) changed += clamp(limits, i, x[i], proposed[i]) != x[i];
    if ((double)changed <= epsilon) {
        for (size_t i = 0; i < count; i++) y[i] = clamp(limits, i, x[i], proposed[i]);
        return;
    }
    for (double kept = 1.0; kept <= epsilon; kept += 1.0) {
        size_t largest = count;
        float most = 0.0f;
        for (size_t i = 0; i < count; i++) {
            const float size = __builtin_fabsf(clamp(limits, i, x[i], proposed[i]) - x[i]);
            if (y[i] == x[i] && size > most) {
                largest = i;
                most = size;
            }
        }
        if (largest == count) return;
        y[largest] = clamp(limits, largest, x[largest], proposed[largest]);
    }
}
