/* Convolutions for kernels_main.c: the packed windows and the planes, on small awkward sizes, and
 * the plain loops that specify them. All three gradients; every set must give the same digests. */

static const struct { ptrdiff_t n, h, w, c, o, kh, kw, s, p; } convolutions[] = {
    {1, 1, 1, 1, 1, 1, 1, 1, 0},  {2, 5, 7, 1, 9, 5, 5, 1, 2},   {1, 8, 9, 3, 17, 3, 3, 2, 1},
    {2, 6, 5, 5, 33, 4, 3, 2, 1}, {1, 7, 17, 17, 6, 3, 3, 1, 1}, {3, 4, 4, 40, 12, 2, 2, 1, 0}};

/* rows x n results of packed windows times b [k][n], from +0. */
static void patch_product(const ck_kernels *set, float *y, const ck_patches *patches, size_t m,
                          const float *b, size_t n, size_t k) {
    static float a_panel[16 * CK_DEPTH + 64], b_panel[MOST], zeros[64];
    for (size_t p = 0; p < k; p += 50) {
        const size_t steps = k - p < 50 ? k - p : 50;
        for (size_t j = 0, width = 0; j < n; j += width) {
            const bool is_full = n - j > set->nr_narrow;
            width = is_full ? set->nr : set->nr_narrow;
            const size_t columns = n - j < width ? n - j : width;
            set->pack_columns(b_panel, b + p * n + j, n, 1, columns, width, steps);
            for (size_t i = 0; i < m; i += set->mr) {
                const size_t rows = m - i < set->mr ? m - i : set->mr;
                set->pack_im2col(a_panel, patches, i, rows, p, steps);
                float *y_ij = y + i * n + j;
                (is_full ? set->micro_kernel : set->micro_kernel_narrow)(
                    steps, a_panel, b_panel, p == 0 ? zeros : y_ij, p == 0 ? 0 : n, y_ij, n, rows,
                    columns, p + steps == k ? 0.0f : -__builtin_inff(),
                    p + steps == k ? 6.0f : __builtin_inff());
            }
        }
    }
}

/* The same from where the windows lie, one tap after another. */
static void line_product(const ck_kernels *set, float *y, const ck_patches *patches, size_t m,
                         const float *b, size_t n, size_t k) {
    static float b_panel[MOST], zeros[64];
    static ck_segment segments[CK_DEPTH];
    for (size_t p = 0; p < k; p += 50) {
        const size_t steps = k - p < 50 ? k - p : 50;
        for (size_t j = 0, width = 0; j < n; j += width) {
            const bool is_full = n - j > set->nr_narrow;
            width = is_full ? set->nr : set->nr_narrow;
            const size_t columns = n - j < width ? n - j : width;
            set->pack_columns(b_panel, b + p * n + j, n, 1, columns, width, steps);
            for (size_t i = 0; i < m; i += set->mr) {
                const size_t rows = m - i < set->mr ? m - i : set->mr;
                const size_t count = set->fill_indirection(segments, patches, i, rows, p, steps);
                float *y_ij = y + i * n + j;
                (is_full ? set->indirect_micro_kernel : set->indirect_micro_kernel_narrow)(
                    segments, count, b_panel, p == 0 ? zeros : y_ij, p == 0 ? 0 : n, y_ij, n, rows,
                    columns, p + steps == k ? 0.0f : -__builtin_inff(),
                    p + steps == k ? 6.0f : __builtin_inff());
            }
        }
    }
}

static void check_convolutions(const ck_kernels *set) {
    static float x[MOST], dy[MOST], w[MOST], y[4 * MOST];
    fill(x, MOST, 11), fill(dy, MOST, 12), fill(w, MOST, 13);
    enum { SHAPES = sizeof convolutions / sizeof *convolutions };

    start();
    for (size_t s = 0; s < SHAPES; s++) {
        const ptrdiff_t kh = convolutions[s].kh, p = convolutions[s].p, stride = convolutions[s].s;
        const ptrdiff_t out_height = (convolutions[s].h + 2 * p - kh) / stride + 1;
        const ptrdiff_t out_width = (convolutions[s].w + 2 * p - convolutions[s].kw) / stride + 1;
        ck_tap taps[8];
        for (ptrdiff_t t = 0; t < kh; t++) taps[t] = (ck_tap){t - p, -p};
        const ck_patches patches = {
            .images = x, .height = convolutions[s].h, .width = convolutions[s].w,
            .channels = convolutions[s].c, .out_height = out_height, .out_width = out_width, .step_y = stride,
            .step_x = stride, .taps = taps, .runs = (size_t)kh,
            .run_pixels = convolutions[s].kw, .run_channels = convolutions[s].c};
        const size_t m = (size_t)(convolutions[s].n * out_height * out_width), n = (size_t)convolutions[s].o;
        const size_t k = (size_t)(kh * convolutions[s].kw * convolutions[s].c);
        patch_product(set, y, &patches, m, w, n, k);
        absorb(y, m * n * sizeof *y);
        ck_tap each[25];
        for (ptrdiff_t t = 0; t < kh * convolutions[s].kw; t++)
            each[t] = (ck_tap){t / convolutions[s].kw - p, t % convolutions[s].kw - p};
        ck_patches single = patches;
        single.taps = each, single.runs = (size_t)(kh * convolutions[s].kw), single.run_pixels = 1;
        line_product(set, y, &single, m, w, n, k);
        absorb(y, m * n * sizeof *y);
        /* Windows across: one panel of elements after another, all windows deep. */
        static float panel[32 * CK_DEPTH];
        const size_t windows = m < CK_DEPTH ? m : CK_DEPTH;
        for (size_t i = 0; i < k; i += set->nr) {
            const size_t elements = k - i < set->nr ? k - i : set->nr;
            set->pack_im2col_transposed(panel, &patches, 0, windows, i, elements, set->nr);
            for (size_t e = 0; e < elements; e++)
                for (size_t q = 0; q < windows; q++) absorb(panel + q * set->nr + e, 4);
        }
    }
    finish(set->name, "convolution");

    start();
    for (size_t channels = 1; channels <= 4; channels++) {
        const size_t offsets[] = {0, 3, 7, 40};
        set->plane_product(y, 2 * CK_PLANE_SLACK, x, 50, offsets, 4, 9, w, channels, 77 + channels);
        for (size_t c = 0; c < channels; c++)
            absorb(y + c * 2 * CK_PLANE_SLACK, (77 + channels) * sizeof *y);
    }
    finish(set->name, "plane_product");

    start();
    for (size_t rows = 1; rows < 22; rows += 4) {
        set->transpose(y, 31, x + 1, 29, rows, 27);
        for (size_t j = 0; j < 27; j++) absorb(y + j * 31, rows * sizeof *y);
    }
    finish(set->name, "transpose");
}

/* The specification, compiled for two CPUs. */
static void check_convolution_reference(void) {
    static float x[MOST], dy[MOST], w[MOST], y[4 * MOST];
    fill(x, MOST, 14), fill(dy, MOST, 15), fill(w, MOST, 16);
    start();
    for (size_t s = 0; s < sizeof convolutions / sizeof *convolutions; s++) {
        const ptrdiff_t p = convolutions[s].p, stride = convolutions[s].s;
        const ck_convolution shape = {
            .images = convolutions[s].n, .height = convolutions[s].h, .width = convolutions[s].w,
            .channels = convolutions[s].c,
            .out_height = (convolutions[s].h + 2 * p - convolutions[s].kh) / stride + 1,
            .out_width = (convolutions[s].w + 2 * p - convolutions[s].kw) / stride + 1,
            .out_channels = convolutions[s].o, .kernel_height = convolutions[s].kh,
            .kernel_width = convolutions[s].kw, .stride_y = stride, .stride_x = stride,
            .pad_top = p, .pad_left = p, .groups = 1,
            .dilation_y = 1, .dilation_x = 1};
        const ptrdiff_t out = shape.images * shape.out_height * shape.out_width * shape.out_channels;
        const ptrdiff_t in = shape.images * shape.height * shape.width * shape.channels;
        const ptrdiff_t weights =
            shape.out_channels * shape.channels * shape.kernel_height * shape.kernel_width;
        ck_convolution_reference(y, x, w, NULL, &shape);
        absorb(y, (size_t)out * sizeof *y);
        ck_convolution_input_reference(y, dy, w, &shape);
        absorb(y, (size_t)in * sizeof *y);
        ck_convolution_weight_reference(y, dy, x, &shape, 0, shape.images);
        absorb(y, (size_t)weights * sizeof *y);
    }
    finish("common", "convolution_reference");
}
