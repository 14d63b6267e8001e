/* The kernels of ck_layers.h; included by kernels_main.c after its helpers. */

/* `name` is the set's; the table has its width of registers. */
static void check_more_activations(const char *name, const ck_layers *layers) {
    enum { LENGTH = 1100 };
    static float a[LENGTH], b[LENGTH], y[LENGTH];
    struct { const char *name; } set_of_name = {name}, *set = &set_of_name;
    fill(a, LENGTH, 81), fill(b, LENGTH, 82);
    for (size_t i = 0; i < LENGTH; i++) a[i] *= i % 5 ? 9.0f : 100.0f;
    const float *x = a + 1, *g = b + 1;
    EACH_LENGTH("leaky", layers->leaky(y, x, count, 0.3f, 0); absorb(y, count * 4);
                layers->leaky_gradient(y, g, x, count, 0.3f, 0); absorb(y, count * 4);)
    EACH_LENGTH("clip", layers->clip(y, x, count, -0.5f, 6); absorb(y, count * 4);
                layers->clip_gradient(y, g, x, count, -0.5f, 6); absorb(y, count * 4);)
    EACH_LENGTH("tanh", layers->hyperbolic_tangent(y, x, count, 0, 0); absorb(y, count * 4);
                layers->hyperbolic_tangent(y, g, count, 0, 0); absorb(y, count * 4);
                layers->hyperbolic_tangent_gradient(y, x, g, count, 0, 0); absorb(y, count * 4);)
    EACH_LENGTH("hard_sigmoid", layers->hard_sigmoid(y, x, count, 0.2f, 0.5f);
                absorb(y, count * 4); layers->hard_sigmoid_gradient(y, x, g, count, 0.2f, 0.5f);
                absorb(y, count * 4);)
    EACH_LENGTH("hard_swish", layers->hard_swish(y, x, count, 1.0f / 6, 0.5f);
                absorb(y, count * 4);
                layers->hard_swish_gradient(y, g, x, count, 1.0f / 6, 0.5f); absorb(y, count * 4);)
    EACH_LENGTH("elu", layers->elu(y, x, count, 1.5f, 0); absorb(y, count * 4);
                layers->elu(y, g, count, 1.5f, 0); absorb(y, count * 4);
                layers->elu_gradient(y, g, x, count, 1.5f, 0); absorb(y, count * 4);)
    EACH_LENGTH("difference-and-product", layers->subtract(y, x, g, count, 0, 0);
                absorb(y, count * 4); layers->multiply(y, x, g, count, 0, 0);
                absorb(y, count * 4); layers->slope_terms(y, g, x, count, 0, 0);
                absorb(y, count * 4);)
    EACH_LENGTH("functions", layers->exponential(y, x, count, 0, 0); absorb(y, count * 4);
                layers->logarithm(y, x, count, 0, 0); absorb(y, count * 4);
                layers->softplus(y, x, count, 0, 0); absorb(y, count * 4);
                layers->softplus_gradient(y, g, x, count, 0, 0); absorb(y, count * 4);
                layers->softsign(y, x, count, 0, 0); absorb(y, count * 4);
                layers->softsign_gradient(y, g, x, count, 0, 0); absorb(y, count * 4);
                layers->absolute_gradient(y, g, x, count, 0, 0); absorb(y, count * 4);)
    EACH_LENGTH("power", layers->power(y, x, count, 3, 0); absorb(y, count * 4);
                layers->power(y, x, count, -1.7f, 0); absorb(y, count * 4);
                layers->power_gradient(y, g, x, count, 3, 0); absorb(y, count * 4);
                layers->power_gradient(y, g, x, count, -1.7f, 0); absorb(y, count * 4);)
    EACH_LENGTH("quotient-and-extrema", layers->divide(y, x, g, count, 0, 0);
                absorb(y, count * 4); layers->larger(y, x, g, count, 0, 0); absorb(y, count * 4);
                layers->smaller(y, x, g, count, 0, 0); absorb(y, count * 4);
                layers->divisor_gradient(y, g, x, g, count); absorb(y, count * 4);
                layers->where_not_less(y, g, x, g, count); absorb(y, count * 4);
                layers->where_less(y, g, x, g, count); absorb(y, count * 4);)
    enum { ROWS = 19, MOST_CHANNELS = 37 };
    EACH_CHANNELS("softmax", layers->softmax(y, x, ROWS, channels);
                  absorb(y, ROWS * channels * 4);
                  layers->softmax_gradient(y, g, x, ROWS, channels);
                  absorb(y, ROWS * channels * 4); layers->log_softmax(y, x, ROWS, channels);
                  absorb(y, ROWS * channels * 4);
                  layers->log_softmax_gradient(y, g, g, ROWS, channels);
                  absorb(y, ROWS * channels * 4);)
    const ck_response response = {
        .before = 2, .after = 1, .offset = 1.5, .scale = 0.75, .power = 0.75};
    static float terms[LENGTH];
    EACH_CHANNELS("response", layers->respond(y, x, &response, ROWS, channels);
                  absorb(y, ROWS * channels * 4);
                  layers->respond_terms(y, terms, g, x, &response, ROWS, channels);
                  layers->respond_gradient(y, y, terms, x, &response, ROWS, channels);
                  absorb(y, ROWS * channels * 4);)
    static uint32_t places[LENGTH], starts[LENGTH + 1];
    for (uint32_t i = 0; i < LENGTH; i++) places[i] = i * 7 % (LENGTH - 1), starts[i] = i / 2 * 2;
    EACH_LENGTH("places", layers->gather(y, x, places, count); absorb(y, count * 4);
                layers->gather_sums(y, x, starts, places, count); absorb(y, count * 4);)
    EACH_CHANNELS("prelu", layers->prelu(y, x, g, ROWS, channels); absorb(y, ROWS * channels * 4);
                  layers->prelu_gradient(y, g, x, g + 3, ROWS, channels);
                  absorb(y, ROWS * channels * 4);)
    EACH_CHANNELS("factor_sums", layers->factor_sums(y, x, g, ROWS, channels);
                  absorb(y, channels * 4);)
}

static void check_more_pooling(const char *name, const ck_layers *layers) {
    /* height, width, output rows and columns, kernel, stride, dilation, padding; the last window
     * may reach beyond it. */
    static const ptrdiff_t sizes[][14] = {{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0},
                                          {6, 7, 3, 7, 3, 2, 2, 1, 2, 2, 2, 1, 1, 1},
                                          {6, 6, 4, 4, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1},
                                          {5, 4, 2, 2, 2, 1, 3, 3, 3, 1, 0, 0, 0, 0}};
    enum { IMAGES = 2, ALL = IMAGES * 7 * 7 * 37 };
    static float x[ALL], dy[ALL], y[ALL], dx[ALL];
    fill(x, ALL, 83), fill(dy, ALL, 84);
    for (size_t i = 0; i < ALL; i += 3) x[i] = x[i] > 0.0f ? 0.5f : -0.5f; /* ties */
    static const char *names[] = {"average", "average-padded", "maximum"};
    for (int kernel = 0; kernel < 3; kernel++) {
        start();
        for (size_t s = 0; s < sizeof channel_counts / sizeof *channel_counts; s++)
            for (size_t z = 0; z < sizeof sizes / sizeof *sizes; z++) {
                const ptrdiff_t channels = (ptrdiff_t)channel_counts[s], *size = sizes[z];
                const ck_pool pool = {
                    .height = size[0], .width = size[1], .channels = channels,
                    .out_height = size[2], .out_width = size[3], .kernel_height = size[4],
                    .kernel_width = size[5], .stride_y = size[6], .stride_x = size[7],
                    .dilation_y = size[8], .dilation_x = size[9], .pad_top = size[10],
                    .pad_left = size[11], .pad_bottom = size[12], .pad_right = size[13],
                    .counts_padding = kernel == 1};
                const size_t rows = IMAGES * (size_t)size[2], in_rows = IMAGES * (size_t)size[0];
                (kernel == 2 ? layers->maximum : layers->average)(y, x, &pool, 0, rows);
                if (kernel == 2)
                    layers->maximum_gradient(dx, dy, x, y, &pool, 0, in_rows);
                else
                    layers->average_gradient(dx, dy, &pool, 0, in_rows);
                absorb(y, rows * (size_t)(size[3] * channels) * 4);
                absorb(dx, in_rows * (size_t)(size[1] * channels) * 4);
            }
        finish(name, names[kernel]);
    }
}
