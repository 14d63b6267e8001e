/* The kernels of activations, depthwise convolutions, pooling, normalisation and training;
 * included by kernels_main.c after its helpers. */

static void check_activations(const ck_kernels *set) {
    enum { LENGTH = 1100 };
    static float a[LENGTH], b[LENGTH], y[LENGTH], m[LENGTH], v[LENGTH];
    fill(a, LENGTH, 21), fill(b, LENGTH, 22);
    for (size_t i = 0; i < LENGTH; i++) a[i] *= i % 5 ? 9.0f : 100.0f;
    const float *x = a + 1, *g = b + 1;
    EACH_LENGTH("relu6", set->relu6(y, x, count); absorb(y, count * 4);)
    EACH_LENGTH("relu6_backward", set->relu6_backward(y, g, x, count); absorb(y, count * 4);)
    EACH_LENGTH("sigmoid", set->sigmoid(y, x, count); absorb(y, count * 4);)
    EACH_LENGTH("sigmoid_backward", set->sigmoid_backward(y, x, g, count); absorb(y, count * 4);)
    EACH_LENGTH("add", set->add(y, x, g, count); absorb(y, count * 4);)
    const ck_mask mask = {{0xa4093822, 0x299f31d0}, {1, 2, 3}, 1u << 22};
    EACH_LENGTH("dropout", set->dropout(y, x, 40, count, &mask, 4.0f / 3);
                absorb(y, count * 4);)
    EACH_LENGTH("sgd_step-nesterov", memcpy(m, a, sizeof m); memcpy(v, b, sizeof v);
                for (int step = 0; step < 3; step++)
                    set->sgd_step(m, v, g, count, 0.1f, 0.9f, 1e-4f, true);
                absorb(m, count * 4); absorb(v, count * 4);)
    const ck_adam adam = {0.01f, 0.3f, 0.9f, 0.1f, 0.999f, 0.001f, 1e-8f, 1e-4f};
    EACH_LENGTH("adam_step", memcpy(y, a, sizeof y); memset(m, 0, sizeof m);
                memset(v, 0, sizeof v);
                for (int step = 0; step < 3; step++) set->adam_step(y, m, v, g, count, &adam);
                absorb(y, count * 4); absorb(m, count * 4); absorb(v, count * 4);)
}

/* Channels on both sides of every vector width. */
static const size_t channel_counts[] = {1, 3, 4, 5, 8, 11, 16, 17, 33, 37};

#define EACH_CHANNELS(kernel, ...)                                                                \
    start();                                                                                      \
    for (size_t s = 0; s < sizeof channel_counts / sizeof *channel_counts; s++) {                 \
        const size_t channels = channel_counts[s];                                                \
        __VA_ARGS__                                                                               \
    }                                                                                             \
    finish(set->name, kernel);

static void check_normalisation(const ck_kernels *set) {
    enum { ROWS = 19, MOST_CHANNELS = 37, ALL = ROWS * MOST_CHANNELS };
    static float x[ALL], dy[ALL], y[ALL], mean[ALL], scale[ALL], shift[ALL], slope[ALL];
    double sums[MOST_CHANNELS], squares[MOST_CHANNELS];
    fill(x, ALL, 23), fill(dy, ALL, 24), fill(mean, ALL, 25), fill(scale, ALL, 26);
    fill(shift, ALL, 27), fill(slope, ALL, 28);
    EACH_CHANNELS("scale_channels", set->scale_channels(y, x, scale, shift, ROWS, channels);
                  absorb(y, ROWS * channels * 4);
                  set->scale_channels(y, x, scale, NULL, ROWS, channels);
                  absorb(y, ROWS * channels * 4);)
    EACH_CHANNELS("normalise", set->normalise(y, x, mean, scale, shift, ROWS, channels);
                  absorb(y, ROWS * channels * 4);)
    EACH_CHANNELS("normalise_gradient",
                  set->normalise_gradient(y, dy, x, mean, slope, scale, shift, ROWS, channels);
                  absorb(y, ROWS * channels * 4);)
    EACH_CHANNELS("channel_sums", set->channel_sums(sums, x, ROWS, channels);
                  set->channel_squares(squares, x, sums, ROWS, channels);
                  absorb(sums, channels * 8); absorb(squares, channels * 8);
                  set->channel_products(sums, dy, x, mean, ROWS, channels);
                  absorb(sums, channels * 8);)
}

static void check_windows(const ck_kernels *set) {
    /* height, width, kernel, stride, padding above and on the left; the other sides have none. */
    static const ptrdiff_t sizes[][7] = {{1, 1, 1, 1, 1, 0, 0}, {5, 9, 3, 3, 1, 1, 1},
                                         {6, 7, 2, 2, 2, 0, 0}, {7, 8, 5, 3, 2, 2, 1},
                                         {3, 9, 3, 2, 3, 0, 1}, {9, 8, 8, 8, 1, 4, 3}};
    enum { IMAGES = 2, ALL = IMAGES * 9 * 9 * 37 };
    static float x[ALL], dy[ALL], y[ALL], dx[ALL], w[64 * 37];
    fill(x, ALL, 29), fill(dy, ALL, 30), fill(w, 64 * 37, 31);
    for (size_t i = 0; i < ALL; i += 3) x[i] = x[i] > 0.0f ? 0.5f : -0.5f; /* ties */
    static const char *names[] = {"depthwise", "depthwise_weights", "max_pool",
                                  "max_pool_gradient", "average_pool"};
    for (int kernel = 0; kernel < 5; kernel++) {
        start();
        for (size_t s = 0; s < sizeof channel_counts / sizeof *channel_counts; s++)
            for (size_t z = 0; z < sizeof sizes / sizeof *sizes; z++) {
                const ptrdiff_t channels = (ptrdiff_t)channel_counts[s], *size = sizes[z];
                const ck_windows windows = {
                    .height = size[0], .width = size[1], .channels = channels,
                    .out_height = (size[0] + size[5] - size[2]) / size[4] + 1,
                    .out_width = (size[1] + size[6] - size[3]) / size[4] + 1, .kernel_height = size[2],
                    .kernel_width = size[3], .stride_y = size[4], .stride_x = size[4],
                    .pad_top = size[5], .pad_left = size[6]};
                const size_t rows = IMAGES * (size_t)windows.out_height;
                const size_t outputs = rows * (size_t)(windows.out_width * channels) * 4;
                const size_t pixels = (size_t)(IMAGES * size[0] * size[1] * channels) * 4;
                const size_t taps = (size_t)(size[2] * size[3]);
                if (kernel == 0) {
                    ck_tap places[64];
                    size_t weights[64];
                    for (size_t t = 0; t < taps; t++) {
                        places[t].y = (ptrdiff_t)t / size[3] - size[5];
                        places[t].x = (ptrdiff_t)t % size[3] - size[6];
                        weights[t] = taps - 1 - t;
                    }
                    const ck_depthwise shape = {
                        .height = size[0], .width = size[1], .channels = channels,
                        .out_height = windows.out_height, .out_width = windows.out_width, .step_y = size[4],
                        .step_x = size[4], .taps = places, .weights = weights, .count = taps,
                        .image_stride = windows.out_height * windows.out_width * channels,
                        .row_stride = windows.out_width * channels, .pixel_stride = channels};
                    set->depthwise(y, x, w, w + 1, &shape, 0.0f, 6.0f, 0, rows);
                    absorb(y, outputs);
                } else if (kernel == 1) {
                    set->depthwise_weights(y, x, dy, &windows, IMAGES, (size_t)channels);
                    absorb(y, taps * (size_t)channels * 4);
                } else if (kernel == 2 || kernel == 3) {
                    set->max_pool(y, x, &windows, 0, rows);
                    if (kernel == 2) absorb(y, outputs);
                    set->max_pool_gradient(dx, dy, x, y, &windows, 0,
                                           IMAGES * (size_t)windows.height);
                    if (kernel == 3) absorb(dx, pixels);
                } else {
                    set->average_pool(y, x, &windows, 0, rows);
                    absorb(y, outputs);
                    set->average_pool_gradient(dx, dy, &windows, 0,
                                               IMAGES * (size_t)windows.height);
                    absorb(dx, pixels);
                }
            }
        finish(set->name, names[kernel]);
    }
}
