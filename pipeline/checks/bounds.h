/* The kernels that bound products; included by kernels_main.c after its helpers. */

/* One pixel, padding, strides, gaps and groups. */
static const ck_convolution bounded[] = {
    {1, 1, 1, 37, 1, 1, 41, 1, 1, 1, 1, 0, 0, 1, 1, 1},
    {1, 5, 4, 3, 3, 5, 19, 3, 2, 2, 1, 1, 1, 1, 1, 1},
    {1, 4, 5, 6, 6, 4, 6, 2, 2, 1, 2, 2, 2, 6, 2, 2},
    {1, 4, 4, 10, 4, 4, 14, 3, 3, 1, 1, 1, 1, 2, 1, 1},
};

static void check_bounds(const ck_kernels *set) {
    enum { MOST_INPUTS = 400, MOST_OUTPUTS = 400, MOST_WEIGHTS = 2000 };
    static float l[MOST_INPUTS], u[MOST_INPUTS], w[MOST_WEIGHTS], bias[64], patch[400];
    static float ends[4][MOST_OUTPUTS];
    static double rows[8 * MOST_INPUTS], outputs[8 * MOST_OUTPUTS], wide[MOST_WEIGHTS];
    fill(l, MOST_INPUTS, 81), fill(u, MOST_INPUTS, 82), fill(w, MOST_WEIGHTS, 83), fill(bias, 64, 84);
    for (size_t i = 0; i < MOST_INPUTS; i++) u[i] = u[i] < l[i] ? l[i] : u[i];
    for (size_t i = 0; i < MOST_WEIGHTS; i++) wide[i] = w[i] / 3.0;
    start();
    for (size_t s = 0; s < sizeof bounded / sizeof *bounded; s++) {
        memset(ends, 0, sizeof ends);
        const ck_interval_results all = {ends[0], ends[1], ends[2], ends[3]};
        const ck_interval_results two = {ends[0] + 1, ends[1] + 1, NULL, NULL};
        set->interval_product(&all, l, u, w, bias, &bounded[s], patch);
        absorb(ends, sizeof ends);
        set->interval_product(&two, l, u, w, NULL, &bounded[s], patch);
        absorb(ends, sizeof ends);
    }
    finish(set->name, "interval_product");
    start();
    for (size_t s = 0; s < sizeof bounded / sizeof *bounded; s++) {
        const ck_convolution *shape = &bounded[s];
        for (size_t i = 0; i < 8 * MOST_INPUTS; i++) rows[i] = w[i % 1999] / 7.0;
        for (size_t i = 0; i < 8 * MOST_OUTPUTS; i++) outputs[i] = w[i % 1993] / 5.0;
        const ck_region source = {0, 0, shape->out_height, (shape->out_width + 1) / 2};
        const ck_region target = {shape->height / 2, 0, shape->height, shape->width};
        set->pull_rows(rows, outputs, wide, shape, &source, &target);
        absorb(rows, sizeof rows);
    }
    finish(set->name, "pull_rows");
    start();
    double sums[16];
    for (size_t i = 0; i < 16; i++) sums[i] = w[i] / 9.0;
    for (int slopes = 1; slopes >= 0; slopes--) {
        const ck_lines lines = {slopes ? wide : NULL, slopes ? wide + 400 : NULL, wide + 800,
                                wide + 1200, wide + 1600};
        set->relax_rows(rows, MOST_INPUTS, &lines, sums, sums + 8);
        absorb(rows, sizeof rows), absorb(sums, sizeof sums);
    }
    finish(set->name, "relax_rows");
}

static void check_wide_sigmoid(void) {
    start();
    for (int i = -2400; i <= 2400; i++) {
        const double y = ck_wide_sigmoid(i / 21.0);
        absorb(&y, sizeof y);
    }
    finish("common", "wide_sigmoid");
}
