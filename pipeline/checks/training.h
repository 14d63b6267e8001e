/* What only robust training calls: divergences, and intervals as centre and radius. */

static void check_robust_training(void) {
    enum { ROWS = 50, MOST_CLASSES = 21, COUNT = ROWS * MOST_CLASSES };
    static float clean[COUNT], moved[COUNT], a[COUNT], b[COUNT], c[COUNT], d[COUNT], losses[ROWS];
    fill(clean, COUNT, 11);
    fill(moved, COUNT, 12);
    for (size_t i = 0; i < COUNT; i++) {
        moved[i] = clean[i] * (i % 2 ? 1.0f : 90.0f) + moved[i] * (i % 3 ? 0.125f : 40.0f);
        clean[i] *= i % 2 ? 1.0f : 90.0f;
    }
    start();
    for (size_t classes = 1; classes <= MOST_CLASSES; classes += 4) {
        ck_divergence(losses, a, b, clean, moved, ROWS, classes, 1.0f / ROWS);
        absorb(losses, sizeof losses), absorb(a, ROWS * classes * 4), absorb(b, ROWS * classes * 4);
    }
    finish("common", "divergence");

    fill(clean, COUNT, 13);
    fill(moved, COUNT, 14);
    start();
    ck_magnitudes(a, clean, COUNT);
    ck_interval_box(c, d, a, COUNT, 0.3f);
    absorb(c, sizeof c), absorb(d, sizeof d);
    ck_interval_ends(c, d, COUNT, 1.0f);
    absorb(c, sizeof c), absorb(d, sizeof d);
    ck_interval_centres(c, d, COUNT, 0.5f);
    absorb(c, sizeof c), absorb(d, sizeof d);
    ck_interval_relu(c, d, clean, a, COUNT);
    absorb(c, sizeof c), absorb(d, sizeof d);
    ck_interval_relu_gradient(c, d, moved, a, COUNT);
    ck_add_signed(c, d, clean, COUNT);
    absorb(c, sizeof c), absorb(d, sizeof d);
    finish("common", "intervals");
}
