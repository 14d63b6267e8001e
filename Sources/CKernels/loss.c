/* Softmax, cross-entropy and argmax: a handful of numbers a row, so one scalar version serves
 * every instruction set. */
#include "ckernels.h"
#include "elementary.h"

#pragma STDC FP_CONTRACT OFF

static size_t largest(const float *x, size_t count) {
    size_t best = 0;
    for (size_t j = 1; j < count; j++)
        if (x[j] > x[best]) best = j;
    return best;
}

void ck_softmax(float *p, const float *logits, size_t rows, size_t classes) {
    for (size_t b = 0; b < rows && classes > 0; b++) {
        const float *x_b = logits + b * classes;
        float *p_b = p + b * classes;
        const float max = x_b[largest(x_b, classes)];
        float sum = 0.0f;
        for (size_t j = 0; j < classes; j++) {
            p_b[j] = ck_expf_inline(x_b[j] - max);
            sum += p_b[j];
        }
        for (size_t j = 0; j < classes; j++) p_b[j] = p_b[j] / sum;
    }
}

/* log(1 + rest): where the target leads, 1 + rest would round to 1 long before the loss is 0. */
static float log_of_one_and(float rest) {
    return rest < 0.25f ? (float)ck_log1p_small(rest) : ck_logf_inline(1.0f + rest);
}

void ck_cross_entropy(float *losses, float *gradient, const float *logits, const int64_t *targets,
                      size_t rows, size_t classes, float scale) {
    for (size_t b = 0; b < rows && classes > 0; b++) {
        const float *x_b = logits + b * classes;
        const size_t target = (size_t)targets[b];
        const float max = x_b[largest(x_b, classes)];
        const float lead = x_b[target] - max; /* read before the gradient may overwrite it */
        float sum = 0.0f, rest = 0.0f;
        for (size_t j = 0; j < classes; j++) {
            const float e = ck_expf_inline(x_b[j] - max);
            if (gradient != NULL) gradient[b * classes + j] = e;
            sum += e;
            if (j != target) rest += e;
        }
        if (gradient != NULL) {
            float *g_b = gradient + b * classes;
            float others = 0.0f;
            for (size_t j = 0; j < classes; j++) {
                const float p = g_b[j] / sum;
                if (j != target) others += p;
                g_b[j] = p * scale;
            }
            g_b[target] = -others * scale;
        }
        if (losses != NULL)
            losses[b] = lead == 0.0f ? log_of_one_and(rest) : ck_logf_inline(sum) - lead;
    }
}

/* e^x for x <= 0, and 0 where that is below e^-104. A NaN stays. */
static double exp_of_lag(double x) { return x < -104.0 ? 0.0 : ck_exp_double(x); }

/* log of a ratio of sums of at most `classes` powers, of which the largest is 1. */
static double log_of_ratio(double above, double below) {
    if (above >= below && above <= 1.25 * below) return ck_log1p_small((above - below) / below);
    if (above < below && below <= 1.25 * above) return -ck_log1p_small((below - above) / above);
    return (double)ck_logf_inline((float)(above / below));
}

void ck_divergence(float *losses, float *clean_gradient, float *moved_gradient, const float *clean,
                   const float *moved, size_t rows, size_t classes, float scale) {
    for (size_t b = 0; b < rows && classes > 0; b++) {
        const float *x_b = clean + b * classes, *y_b = moved + b * classes;
        const double max_x = x_b[largest(x_b, classes)], max_y = y_b[largest(y_b, classes)];
        double sum_x = 0.0, sum_y = 0.0, loss = 0.0;
        for (size_t j = 0; j < classes; j++) {
            sum_x += exp_of_lag((double)x_b[j] - max_x);
            sum_y += exp_of_lag((double)y_b[j] - max_y);
        }
        const double ratio = log_of_ratio(sum_x, sum_y);
        for (size_t j = 0; j < classes; j++) {
            const double lag_x = (double)x_b[j] - max_x, lag_y = (double)y_b[j] - max_y;
            loss += exp_of_lag(lag_x) / sum_x * ((lag_x - lag_y) - ratio);
        }
        for (size_t j = 0; j < classes; j++) {
            /* Both are read before a gradient may overwrite them. */
            const double lag_x = (double)x_b[j] - max_x, lag_y = (double)y_b[j] - max_y;
            const double p = exp_of_lag(lag_x) / sum_x, q = exp_of_lag(lag_y) / sum_y;
            const double d = (lag_x - lag_y) - ratio;
            if (clean_gradient != NULL)
                clean_gradient[b * classes + j] = (float)(p * (d - loss) * (double)scale);
            if (moved_gradient != NULL)
                moved_gradient[b * classes + j] = (float)((q - p) * (double)scale);
        }
        if (losses != NULL) losses[b] = (float)loss;
    }
}

void ck_argmax(int64_t *best, const float *x, size_t rows, size_t columns) {
    for (size_t i = 0; i < rows; i++) best[i] = (int64_t)largest(x + i * columns, columns);
}

size_t ck_first_not_finite(const float *x, size_t count) {
    /* Blocks first, without a branch an element; then the place within the block. */
    for (size_t start = 0; start < count; start += 1024) {
        const size_t end = start + 1024 < count ? start + 1024 : count;
        int finite = 1;
        for (size_t i = start; i < end; i++) finite &= __builtin_fabsf(x[i]) <= 3.402823466e38f;
        if (!finite)
            for (size_t i = start; i < end; i++)
                if (!(__builtin_fabsf(x[i]) <= 3.402823466e38f)) return i;
    }
    return count;
}
