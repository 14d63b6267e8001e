/* Products of few rows, kernels over one row in every width of registers, and the balls; included by
 * kernels_main.c after its helpers. */

static void check_skinny_gemm(const ck_kernels *set) {
    enum { COLUMNS = 37, STRIDE = 41, MOST_K = 70 };
    static float a[CK_SKINNY_ROWS * STRIDE * 2], b[STRIDE * (MOST_K + 2)], c[CK_SKINNY_ROWS * STRIDE];
    fill(a, sizeof a / 4, 41), fill(b, sizeof b / 4, 42);
    static const size_t depths[] = {1, 3, 4, 7, 8, 9, 16, 31, 64, MOST_K};
    for (int across = 0; across < 2; across++) {
        start();
        for (size_t rows = 1; rows <= CK_SKINNY_ROWS; rows++)
            for (size_t s = 0; s < sizeof depths / sizeof *depths; s++)
                for (size_t columns = 1; columns <= (across ? 35 : COLUMNS); columns += 2) {
                    fill(c, sizeof c / 4, 43);
                    const size_t k = across && depths[s] > 40 ? 40 : depths[s];
                    (across ? set->skinny_gemm_transposed : set->skinny_gemm)(
                        c + 1, STRIDE, a + 3, MOST_K, rows, b + 1, STRIDE, k, columns);
                    absorb(c, sizeof c); /* and what is between the rows */
                }
        finish(set->name, across ? "skinny_gemm_transposed" : "skinny_gemm");
    }
}

/* `name` is the set's; the table has its width of registers. */
static void check_rows(const char *name, const ck_rows *rows) {
    enum { LENGTH = 1100 };
    static float w[LENGTH], x[LENGTH], y[LENGTH], d[LENGTH], mean[LENGTH], square[LENGTH];
    struct { const char *name; } set_of_name = {name}, *set = &set_of_name;
    fill(w, LENGTH, 51), fill_pixels(x, LENGTH, 52);
    EACH_LENGTH("dot", const double found = rows->dot(w + 1, x + 1, count); absorb(&found, 8);)
    static const char *names[] = {"to_hyperplane-linf", "to_hyperplane-l2", "to_hyperplane-l1"};
    for (int norm = 0; norm < 3; norm++) {
        EACH_LENGTH(names[norm], for (int gap = -3; gap <= 3; gap++) {
            rows->to_hyperplane(d, x + 1, w + 1, count, gap * 0.37 * (double)count / 9, norm,
                                NULL, NULL);
            absorb(d, count * 4);
        })
    }
    EACH_LENGTH("to_pixels", for (size_t i = 0; i < count; i++) d[i] = w[i] * (i % 7 ? 9 : 60);
                rows->to_pixels(y, d, count); absorb(y, count * 4);)
    EACH_LENGTH("unbounded_step", memcpy(d, w, sizeof d); memset(mean, 0, sizeof mean);
                memset(square, 0, sizeof square); memcpy(y, x, sizeof y);
                for (int step = 1; step <= 3; step++) {
                    const ck_adam_step adam = {0.1 * step, 1 / (0.1 * step), 1 / (0.001 * step)};
                    rows->unbounded_step(d, mean, square, y, w + 1, count, adam);
                }
                absorb(d, count * 4); absorb(mean, count * 4); absorb(square, count * 4);
                absorb(y, count * 4);)
}

/* One loop for every instruction set, compiled for two CPUs; the functions that choose a width of
 * registers by themselves too. */
static void check_balls(void) {
    enum { LENGTH = 1100 };
    static float x[LENGTH], aim[LENGTH], g[LENGTH], y[LENGTH], w[LENGTH], mean[LENGTH], v[LENGTH];
    static const double radii[] = {0, 0x1p-149, 1e-30, 1e-6, 0.01, 0.3, 2.5, 40, 1e6};
    enum { RADII = sizeof radii / sizeof *radii };
    struct { const char *name; } common = {"common"}, *set = &common;
    fill_pixels(x, LENGTH, 61), fill(aim, LENGTH, 62), fill(g, LENGTH, 63);
    for (size_t i = 0; i < LENGTH; i += 5) aim[i] *= 3.0f;
    EACH_LENGTH("norms", const double l1 = ck_norm_l1(aim, count); absorb(&l1, 8);
                const double l2 = ck_norm_l2(aim, count); absorb(&l2, 8);
                const double both = ck_dot(aim, g, count); absorb(&both, 8);)
    EACH_LENGTH("ball-steps", for (int step = -2; step <= 2; step++) {
        ck_step_l2(y, x, g, count, 0.3 * step);
        absorb(y, count * 4);
        ck_step_l1(y, x, g, count, 2.5 * step, step < 0 ? count / 20 : 0, x, NULL);
        absorb(y, count * 4);
    })
    typedef void projection(float *, const float *, const float *, size_t, double,
                            const ck_limits *);
    static projection *const projections[] = {ck_project_l2, ck_project_l1, ck_project_l0};
    static const char *names[] = {"project_l2", "project_l1", "project_l0"};
    for (int ball = 0; ball < 3; ball++) {
        EACH_LENGTH(names[ball], for (size_t r = 0; r < RADII; r++) {
            projections[ball](y, aim, x, count, radii[r], NULL);
            absorb(y, count * 4);
        })
    }
    /* Every third pixel is held, the others stay between bounds that some originals are beyond. */
    static float low[LENGTH], high[LENGTH];
    for (size_t i = 0; i < LENGTH; i++)
        low[i] = i % 3 ? 0.25f : __builtin_inff(), high[i] = i % 3 ? 0.75f : -__builtin_inff();
    const ck_limits limits = {low, high};
    EACH_LENGTH("limits", memcpy(y, aim, count * 4); ck_clamp_to_limits(y, x, count, &limits);
                absorb(y, count * 4); for (int ball = 0; ball < 3; ball++) {
                    projections[ball](y, aim, x, count, 2.5, &limits);
                    absorb(y, count * 4);
                })
    EACH_LENGTH("hyperplanes-and-pixels", for (int norm = 0; norm < 3; norm++) {
        ck_to_hyperplane(y, x, g, count, 0.9, norm, NULL, NULL);
        absorb(y, count * 4);
    } ck_to_unbounded(w, x, count); absorb(w, count * 4); ck_to_pixels(y, w, count);
                absorb(y, count * 4); memset(mean, 0, sizeof mean); memset(v, 0, sizeof v);
                ck_unbounded_step(w, mean, v, y, g, count, (ck_adam_step){0.01, 10.0, 1000.0});
                absorb(w, count * 4); absorb(y, count * 4);)
    EACH_LENGTH("first-of", memcpy(y, x, sizeof y);
                for (size_t i = 0; i < count; i += 1 + count / 3) {
                    y[count - 1 - i] = i % 2 ? -0x1p-149f : 0x1.000002p0f;
                    const size_t outside = ck_first_outside_box(y, count);
                    absorb(&outside, sizeof outside);
                    y[count - 1 - i] = i % 2 ? __builtin_inff() : -__builtin_nanf("");
                    const size_t infinite = ck_first_not_finite(y, count);
                    absorb(&infinite, sizeof infinite);
                })
}

/* The scalar chain, and what is done for its time alone. */
static void check_others(void) {
    static float a[MOST], b[MOST], c[MOST], bias[40];
    fill(a, MOST, 71), fill(b, MOST, 72), fill(bias, 40, 73);
    start();
    for (size_t k = 0; k < 40; k += 13) {
        ck_product_reference(c, 40, a, 41, 1, b, 43, 1, bias, 20, 37, k);
        for (size_t i = 0; i < 20; i++) absorb(c + i * 40, 37 * 4);
        ck_product_reference(c, 40, a, 1, 41, b, 1, 43, NULL, 20, 37, k);
        for (size_t i = 0; i < 20; i++) absorb(c + i * 40, 37 * 4);
    }
    finish("common", "product_reference");
    ck_pause();
}
