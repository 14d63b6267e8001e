/* The specification, in scalar loops that can be checked by eye. Tests hold every other table
 * to these bits; nothing here is meant to be fast. */
#include "expressions.h"
#include "reference_bounds.h"
#include "reference_convolution.h"
#include "reference_layers.h"
#include "softfma.h"
#include "tables.h"

void ck_product_reference(float *c, size_t c_stride, const float *a, size_t a_row,
                          size_t a_column, const float *b, size_t b_row, size_t b_column,
                          const float *bias, size_t m, size_t n, size_t k) {
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            float acc = bias != NULL ? bias[j] : 0.0f;
            for (size_t p = 0; p < k; p++)
                acc = ck_soft_fmaf(a[i * a_row + p * a_column], b[p * b_row + j * b_column], acc);
            c[i * c_stride + j] = acc;
        }
}

/* A micro-kernel of one element: with it, the macro-kernel walks the chain one output at a time. */
static void pack_line(float *to, const float *a, size_t row_stride, size_t column_stride,
                      size_t rows, size_t k) {
    for (size_t p = 0; rows == 1 && p < k; p++) to[p] = a[p * column_stride];
    (void)row_stride;
}

static void pack_column(float *to, const float *b, size_t row_stride, size_t column_stride,
                        size_t columns, size_t width, size_t k) {
    for (size_t p = 0; columns == 1 && p < k; p++) to[p] = b[p * row_stride];
    (void)column_stride, (void)width;
}

static void micro_kernel(size_t k, const float *a, const float *b, const float *init,
                     size_t init_stride, float *c, size_t c_stride, size_t rows, size_t columns,
                     float lower, float upper) {
    float acc = init[0];
    for (size_t p = 0; p < k; p++) acc = ck_soft_fmaf(a[p], b[p], acc);
    c[0] = ck_clamp(acc, lower, upper);
    (void)init_stride, (void)c_stride, (void)rows, (void)columns;
}

static void indirect_micro_kernel(const ck_segment *segments, size_t count, const float *b,
                                  const float *init, size_t init_stride, float *c,
                                  size_t c_stride, size_t rows, size_t columns, float lower,
                                  float upper) {
    float acc = init[0];
    for (size_t s = 0; s < count; s++)
        for (size_t p = 0; p < segments[s].length; p++)
            acc = ck_soft_fmaf(segments[s].rows[0][p], *b++, acc);
    c[0] = ck_clamp(acc, lower, upper);
    (void)init_stride, (void)c_stride, (void)rows, (void)columns;
}

static void skinny_gemm(float *c, size_t c_stride, const float *a, size_t a_stride, size_t rows,
                     const float *b, size_t b_stride, size_t k, size_t columns) {
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < columns; j++)
            for (size_t p = 0; p < k; p++)
                c[r * c_stride + j] =
                    ck_soft_fmaf(a[r * a_stride + p], b[p * b_stride + j], c[r * c_stride + j]);
}

static void skinny_gemm_transposed(float *c, size_t c_stride, const float *a, size_t a_stride,
                            size_t rows, const float *b, size_t b_stride, size_t k,
                            size_t columns) {
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < columns; j++)
            for (size_t p = 0; p < k; p++)
                c[r * c_stride + j] =
                    ck_soft_fmaf(a[r * a_stride + p], b[j * b_stride + p], c[r * c_stride + j]);
}

static void relu(float *y, const float *x, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] = 0.0f > x[i] ? 0.0f : x[i];
}

static void relu_backward(float *dx, const float *dy, const float *y, size_t count) {
    for (size_t i = 0; i < count; i++) dx[i] = y[i] > 0.0f ? dy[i] : 0.0f;
}

static void column_sums(float *sums, const float *x, size_t rows, size_t columns) {
    for (size_t j = 0; j < columns; j++) {
        float total = 0.0f;
        for (size_t i = 0; i < rows; i++) total += x[i * columns + j];
        sums[j] = total;
    }
}

static void sign_step(float *y, const float *x, const float *g, size_t count, float step,
                      float lower, float upper) {
    for (size_t i = 0; i < count; i++)
        y[i] = ck_clamp(x[i] + step * ck_sign(g[i]), lower, upper);
}

static void noise_step(float *y, float *r, const float *x, const float *g, size_t count,
                       float rate, int regulariser, float slope) {
    const float l1 = regulariser == CK_REGULARISE_L1 ? slope : 0.0f;
    const float l2 = regulariser == CK_REGULARISE_L2 ? slope : 0.0f;
    for (size_t i = 0; i < count; i++) {
        r[i] = ck_noise(r[i], x[i], g[i], rate, l1, l2);
        y[i] = ck_clamp(x[i] + r[i], 0.0f, 1.0f);
    }
}

static void project_linf(float *y, const float *proposed, const float *x, size_t count,
                         float epsilon) {
    for (size_t i = 0; i < count; i++) y[i] = ck_project(proposed[i], x[i], epsilon);
}

static void round_to_bytes(float *y, const float *x, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] = ck_to_byte(x[i]);
}

static void from_bytes(float *y, const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] = (float)bytes[i] / 255.0f;
}

static void distances(ck_distances *result, const float *x, const float *y, size_t count) {
    double l0[16] = {0}, l1[16] = {0}, squares[16] = {0}, sums[16] = {0}, max[16], min[16];
    for (size_t l = 0; l < 16; l++) max[l] = -__builtin_inf(), min[l] = __builtin_inf();
    for (size_t i = 0; i < count; i++) {
        const size_t l = i % 16;
        ck_distance_term(x[i], y[i], l0 + l, l1 + l, squares + l, sums + l, min + l, max + l);
    }
    ck_reduce_distances(result, l0, l1, squares, sums, min, max, count);
}

const ck_kernels ck_kernels_reference = {
    .name = "reference",
    .mr = 1,
    .nr = 1,
    .nr_narrow = 1,
    .pack_rows = pack_line,
    .pack_columns = pack_column,
    .micro_kernel = micro_kernel,
    .micro_kernel_narrow = micro_kernel,
    .indirect_micro_kernel = indirect_micro_kernel,
    .indirect_micro_kernel_narrow = indirect_micro_kernel,
    .fill_indirection = ck_fill_indirection_reference,
    .pack_im2col = ck_pack_im2col_reference,
    .pack_im2col_transposed = ck_pack_im2col_transposed_reference,
    .transpose = ck_transpose_reference,
    .plane_product = ck_plane_product_reference,
    .skinny_gemm = skinny_gemm,
    .skinny_gemm_transposed = skinny_gemm_transposed,
    .relu = relu,
    .relu_backward = relu_backward,
    .column_sums = column_sums,
    .relu6 = ck_relu6_reference,
    .relu6_backward = ck_relu6_backward_reference,
    .sigmoid = ck_sigmoid_reference,
    .sigmoid_backward = ck_sigmoid_backward_reference,
    .add = ck_add_reference,
    .dropout = ck_dropout_reference,
    .depthwise = ck_depthwise_reference,
    .depthwise_weights = ck_depthwise_weights_reference,
    .max_pool = ck_max_pool_reference,
    .max_pool_gradient = ck_max_pool_gradient_reference,
    .average_pool = ck_average_pool_reference,
    .average_pool_gradient = ck_average_pool_gradient_reference,
    .scale_channels = ck_scale_channels_reference,
    .normalise = ck_normalise_reference,
    .normalise_gradient = ck_normalise_gradient_reference,
    .channel_sums = ck_channel_sums_reference,
    .channel_squares = ck_channel_squares_reference,
    .channel_products = ck_channel_products_reference,
    .sgd_step = ck_sgd_step_reference,
    .adam_step = ck_adam_step_reference,
    .sign_step = sign_step,
    .noise_step = noise_step,
    .project_linf = project_linf,
    .round_to_bytes = round_to_bytes,
    .from_bytes = from_bytes,
    .distances = distances,
    .interval_product = ck_interval_product_reference,
    .relax_rows = ck_relax_rows_reference,
    .pull_rows = ck_pull_rows_reference,
};
