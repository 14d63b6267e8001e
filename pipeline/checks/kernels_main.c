/* Runs every kernel of every instruction set that this CPU has over fixed pseudo-random inputs,
 * and prints one line each: instruction set, kernel, digest of all its outputs. Lines that differ
 * in the first word alone must agree, on any machine: aarch64.sh compares them.
 *
 * Sizes are small and awkward (tails of every length, blocks of k that carry their chain), since
 * the emulated run must end within seconds. Inputs hold zeros of both signs and denormals; no NaN,
 * whose sign and payload differ between CPUs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ck_layers.h"
#include "ckernels.h"

enum { MOST = 6000 };

static uint64_t digest;

static void start(void) { digest = 0xcbf29ce484222325; }

static void absorb(const void *bytes, size_t count) {
    for (size_t i = 0; i < count; i++)
        digest = (digest ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3;
}

static void finish(const char *set, const char *kernel) {
    printf("%s %s %016" PRIx64 "\n", set, kernel, digest);
}

static uint64_t state;

static uint32_t draw(void) { /* splitmix64 */
    uint64_t x = state += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return (uint32_t)(x >> 32);
}

static float signed_unit(void) { return (float)(int32_t)(draw() >> 8) * 0x1p-23f - 1.0f; }

/* Values in [-1, 1), about one in sixteen of them special. */
static void fill(float *x, size_t count, uint64_t seed) {
    static const float special[] = {0.0f, -0.0f, 0x1p-130f, -0x1p-149f, 1.0f, -1.0f, 0x1.8p-126f};
    state = seed;
    for (size_t i = 0; i < count; i++) {
        const float value = signed_unit();
        const uint32_t choice = draw();
        x[i] = choice % 16 ? value : special[choice / 16 % 7];
    }
}

static void fill_pixels(float *x, size_t count, uint64_t seed) {
    state = seed;
    for (size_t i = 0; i < count; i++) x[i] = (float)(draw() >> 24) / 255.0f;
}

/* c = a·b + bias by micro-kernels, k in blocks of at most `depth`, as the engine does it. */
static void product(const ck_kernels *set, float *c, const float *a, size_t a_row, size_t a_column,
                    const float *b, size_t b_row, size_t b_column, const float *bias, size_t m,
                    size_t n, size_t k, size_t depth) {
    static float a_panel[MOST], b_panel[MOST];
    for (size_t p = 0; p < k; p += depth) {
        const size_t steps = k - p < depth ? k - p : depth;
        for (size_t j = 0, width = 0; j < n; j += width) {
            const bool is_full = n - j > set->nr_narrow;
            width = is_full ? set->nr : set->nr_narrow;
            const size_t columns = n - j < width ? n - j : width;
            set->pack_columns(b_panel, b + p * b_row + j * b_column, b_row, b_column, columns,
                              width, steps);
            for (size_t i = 0; i < m; i += set->mr) {
                const size_t rows = m - i < set->mr ? m - i : set->mr;
                set->pack_rows(a_panel, a + i * a_row + p * a_column, a_row, a_column, rows, steps);
                float *c_ij = c + i * n + j;
                (is_full ? set->micro_kernel : set->micro_kernel_narrow)(
                    steps, a_panel, b_panel, p == 0 ? bias + j : c_ij, p == 0 ? 0 : n, c_ij, n,
                    rows, columns, -__builtin_inff(), __builtin_inff());
            }
        }
    }
}

static void check_products(const ck_kernels *set) {
    static const size_t shapes[][3] = {/* m, n, k */
        {1, 1, 1},   {1, 10, 7},  {2, 3, 5},    {5, 33, 9},   {6, 16, 4},  {7, 17, 31},
        {13, 47, 8}, {14, 32, 6}, {15, 31, 11}, {29, 65, 13}, {8, 12, 70}, {33, 10, 50}};
    static float a[MOST], b[MOST], c[MOST], bias[128];
    fill(a, MOST, 1), fill(b, MOST, 2), fill(bias, 128, 3);
    static const char *names[] = {"product", "product-left-transposed", "product-right-transposed"};
    for (int form = 0; form < 3; form++) {
        start();
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
            const size_t m = shapes[s][0], n = shapes[s][1], k = shapes[s][2];
            const size_t depth = 1 + 3 * s;
            product(set, c, a + 1, form == 1 ? 1 : k, form == 1 ? m : 1, b + 3, form == 2 ? 1 : n,
                    form == 2 ? k : 1, bias, m, n, k, depth);
            absorb(c, m * n * sizeof *c);
        }
        finish(set->name, names[form]);
    }
}

/* Lengths with every tail; starts at an odd place, since kernels must not assume alignment. */
static const size_t lengths[] = {0,  1,  2,  3,  5,  7,  8,   9,   15,
                                 16, 17, 31, 33, 63, 64, 100, 784, 1003};

#define EACH_LENGTH(kernel, ...)                                                                  \
    start();                                                                                      \
    for (size_t s = 0; s < sizeof lengths / sizeof *lengths; s++) {                               \
        const size_t count = lengths[s];                                                          \
        __VA_ARGS__                                                                               \
    }                                                                                             \
    finish(set->name, kernel);

static void check_elementwise(const ck_kernels *set) {
    enum { LENGTH = 1100 };
    static float noise[LENGTH], gradient[LENGTH], pixels[LENGTH], y[LENGTH], r[LENGTH], v[LENGTH];
    static uint8_t bytes[LENGTH];
    fill(noise, LENGTH, 4), fill(gradient, LENGTH, 5), fill_pixels(pixels, LENGTH, 6);
    for (size_t i = 0; i < LENGTH; i++) bytes[i] = (uint8_t)draw();
    const float *x = noise + 1, *g = gradient + 1, *image = pixels + 1;

    EACH_LENGTH("relu", set->relu(y, x, count); absorb(y, count * 4);)
    EACH_LENGTH("relu_backward", set->relu_backward(y, g, x, count); absorb(y, count * 4);)
    EACH_LENGTH("column_sums", const size_t columns = count % 37 + 1;
                set->column_sums(y, x, count / columns, columns); absorb(y, columns * 4);)
    EACH_LENGTH("sgd_step", memcpy(r, noise, sizeof r); memcpy(v, gradient, sizeof v);
                for (int step = 0; step < 3; step++)
                    set->sgd_step(r, v, g, count, 0.1f, 0.9f, 1e-4f, false);
                absorb(r, count * 4); absorb(v, count * 4);)
    EACH_LENGTH("sign_step", set->sign_step(y, image, g, count, 0.1f, 0.0f, 1.0f);
                absorb(y, count * 4);)
    static const char *names[] = {"noise_step-none", "noise_step-l1", "noise_step-l2"};
    for (int regulariser = 0; regulariser < 3; regulariser++) {
        EACH_LENGTH(names[regulariser], memcpy(r, noise, sizeof r);
                    for (int step = 0; step < 3; step++)
                        set->noise_step(y, r, image, g, count, 0.008f, regulariser, 1.0f / 784);
                    absorb(y, count * 4); absorb(r, count * 4);)
    }
    EACH_LENGTH("project_linf", set->project_linf(y, x, image, count, 0.3f); absorb(y, count * 4);)
    EACH_LENGTH("round_to_bytes", set->round_to_bytes(y, x, count); absorb(y, count * 4);)
    EACH_LENGTH("from_bytes", set->from_bytes(y, bytes, count); absorb(y, count * 4);)
    EACH_LENGTH("distances", ck_distances result; set->distances(&result, image, x, count);
                absorb(&result, sizeof result);)
}

#include "convolutions.h"
#include "layers.h"
#include "more_layers.h"
#include "bounds.h"
#include "rows.h"
#include "training.h"

/* What has one version for all instruction sets still is compiled twice, for two CPUs. */
static void check_common(void) {
    enum { ROWS = 50, MOST_CLASSES = 21 };
    static float logits[ROWS * MOST_CLASSES], y[ROWS * MOST_CLASSES], losses[ROWS];
    static int64_t targets[ROWS], best[ROWS];
    fill(logits, ROWS * MOST_CLASSES, 7);
    for (size_t i = 0; i < ROWS * MOST_CLASSES; i++) logits[i] *= i % 3 ? 6.0f : 90.0f;

    start();
    for (size_t classes = 1; classes <= MOST_CLASSES; classes += 4) {
        ck_softmax(y, logits, ROWS, classes);
        absorb(y, ROWS * classes * 4);
    }
    finish("common", "softmax");
    start();
    for (size_t classes = 1; classes <= MOST_CLASSES; classes += 4) {
        for (size_t i = 0; i < ROWS; i++) targets[i] = (int64_t)(i * 7 % classes);
        ck_cross_entropy(losses, y, logits, targets, ROWS, classes, 1.0f / ROWS);
        ck_argmax(best, logits, ROWS, classes);
        absorb(losses, ROWS * 4), absorb(y, ROWS * classes * 4), absorb(best, sizeof best);
    }
    finish("common", "cross_entropy");

    start();
    for (uint64_t bits = 0; bits < UINT64_C(1) << 32; bits += 65537) {
        const uint32_t pattern = (uint32_t)bits;
        float x;
        memcpy(&x, &pattern, sizeof x);
        const float results[] = {ck_expf(x), ck_logf(x)};
        absorb(results, sizeof results);
    }
    finish("common", "exp-log");
    start();
    state = 8;
    for (int n = 0; n < 100000; n++) {
        const uint32_t patterns[] = {draw(), draw(), draw()};
        float x[3];
        memcpy(x, patterns, sizeof x);
        if (n % 2) x[2] = -(x[0] * x[1]) * (n % 4 == 1 ? 1.0f : 0x1p-24f);
        const float result = ck_soft_fma(x[0], x[1], x[2]);
        if (result == result) absorb(&result, sizeof result);
    }
    finish("common", "soft_fma");
    printf("common keeps_subnormals %d\n", ck_keeps_subnormals());
}

int main(void) {
    static const ck_set sets[] = {CK_REFERENCE, CK_PORTABLE, CK_NEON, CK_AVX2, CK_AVX512};
    for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
        const ck_kernels *set = ck_table(sets[s]);
        if (set == NULL) continue;
        check_products(set);
        check_elementwise(set);
        check_convolutions(set);
        check_activations(set);
        check_normalisation(set);
        check_windows(set);
        check_skinny_gemm(set);
        check_bounds(set);
        check_rows(set->name, ck_rows_table(sets[s]));
        check_more_activations(set->name, ck_layers_table(sets[s]));
        check_more_pooling(set->name, ck_layers_table(sets[s]));
        float sink[2] = {0.75f, 0.5f}; /* a time is measured there, not a result */
        if (!(ck_peak(sets[s], 3, sink) > 0.0)) return 1;
    }
    check_common();
    check_robust_training();
    check_balls();
    check_wide_sigmoid();
    check_others();
    check_convolution_reference();
    return 0;
}
