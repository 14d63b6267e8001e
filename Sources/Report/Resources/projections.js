// Projections onto the balls of three norms around an image, within [0, 1], and steps of steepest ascent
// in them: `project_linf` of Sources/CKernels/expressions.h, `ck_project_l2`, `ck_project_l1` and
// `ck_step_l1` of ball.c, to the bit. What is projected never leaves the ball, not by a last bit.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});
    const { PARTS, clamp, normL2, bound, signStep, addScaled, distances } = Mirage.ball;
    const { foldLanes } = Mirage.arithmetic;

    const float = Math.fround;
    const asFloat = new Float32Array(1);
    const asBits = new Int32Array(asFloat.buffer);
    // How far a proposal may be: for L2 all that is finite, for L1 what leaves λ 2⁻³⁰ of a pixel.
    const FARTHEST_L2 = 2 ** 128, FARTHEST_L1 = 2 ** 20;
    // Most turns by which L2 looks for a scale with the rounding to the nearest float.
    const TURNS = 32;

    function linf(y, x, epsilon) {
        for (let i = 0; i < y.length; i++) {
            y[i] = clamp(clamp(y[i], bound(x[i], -epsilon), bound(x[i], epsilon)), 0, 1);
        }
    }

    /** The float nearest to x + step of those whose distance from x is within |step|. */
    function towards(x, step) {
        const y = float(x + step);
        if (!(Math.abs(y - x) > Math.abs(step))) return y;
        if (y === 0) return x > 0 ? 2 ** -149 : -(2 ** -149);
        asFloat[0] = y;
        asBits[0] += y < x === y > 0 ? 1 : -1;
        return asFloat[0];
    }

    function l2(y, x, epsilon) {
        const parts = new Float64Array(PARTS);
        const changes = Float64Array.from(y, (value, i) => clamp(value - x[i], -FARTHEST_L2, FARTHEST_L2));
        for (let i = 0; i < y.length; i++) parts[i % PARTS] += changes[i] * changes[i];
        const size = Math.sqrt(foldLanes(parts));
        if (!(size > epsilon)) {
            for (let i = 0; i < y.length; i++) y[i] = clamp(y[i], 0, 1);
            return;
        }
        let scale = epsilon / size;
        for (let turn = 0; turn < TURNS; turn++) {
            for (let i = 0; i < y.length; i++) y[i] = clamp(float(x[i] + scale * changes[i]), 0, 1);
            if (!(distances(x, y).l2 > epsilon)) return;
            scale *= 1 - 2 ** -20;
        }
        // A radius near the spacing of floats: no value moves farther than its share.
        scale = (epsilon / size) * (1 - 2 ** -20);
        for (let i = 0; i < y.length; i++) y[i] = clamp(towards(x[i], scale * changes[i]), 0, 1);
    }

    /** The sum of the changes that are left when each is brought back by lambda, before rounding. */
    function shrunk(changes, x, lambda) {
        const parts = new Float64Array(PARTS);
        for (let i = 0; i < x.length; i++) {
            const d = changes[i];
            const room = d < 0 ? x[i] : 1 - x[i];
            const size = Math.abs(d) - lambda;
            const kept = size > 0 ? size : 0;
            parts[i % PARTS] += kept < room ? kept : room;
        }
        return foldLanes(parts);
    }

    /** Writes y for one lambda, and returns the sum of its changes as it is measured. */
    function shrink(y, changes, x, lambda) {
        const parts = new Float64Array(PARTS);
        for (let i = 0; i < x.length; i++) {
            const d = changes[i];
            const size = Math.abs(d) - lambda;
            const kept = size > 0 ? size : 0;
            y[i] = clamp(float(x[i] + (d < 0 ? -kept : kept)), 0, 1);
            parts[i % PARTS] += Math.abs(y[i] - x[i]);
        }
        return foldLanes(parts);
    }

    function l1(y, x, epsilon) {
        const changes = Float64Array.from(y, (value, i) => clamp(value - x[i], -FARTHEST_L1, FARTHEST_L1));
        if (shrink(y, changes, x, 0) <= epsilon) return;
        const largest = changes.reduce((most, d) => (Math.abs(d) > most ? Math.abs(d) : most), 0);
        let low = 0, high = largest;
        for (let round = 0; round < 32 || high - low > 2 ** -30; round++) {
            const middle = 0.5 * (low + high);
            if (shrunk(changes, x, middle) <= epsilon) high = middle;
            else low = middle;
        }
        // Rounding to float may have left the sum outside by a little.
        for (let extra = 0; high + extra < largest; extra = extra > 0 ? 2 * extra : largest * 2 ** -30) {
            if (shrink(y, changes, x, high + extra) <= epsilon) return;
        }
        for (let i = 0; i < y.length; i++) y[i] = clamp(x[i], 0, 1);
    }

    /**
     * A step of the length |scale| in L1: values move in the order of |g|, of equals the first, each as far
     * as [0, 1] allows but no farther than |scale| / spread (spread 0: than |scale|).
     */
    function stepL1(y, g, scale, spread) {
        let left = Math.abs(scale);
        const most = spread > 0 ? left / spread : left;
        const order = Array.from(g.keys()).filter((i) => Math.abs(g[i]) > 0);
        order.sort((i, j) => Math.abs(g[j]) - Math.abs(g[i]) || i - j);
        for (const i of order) {
            if (!(left > 0)) return;
            const isUp = scale > 0 === g[i] > 0;
            const step = Math.min(most, left, isUp ? 1 - y[i] : y[i]);
            y[i] = float(isUp ? y[i] + step : y[i] - step);
            left -= step;
        }
    }

    const projections = { linf, l2, l1 };

    /** Brings y into the ball of a norm around x, and into [0, 1]. The radius is a float, 0 or more. */
    function project(norm, y, x, epsilon) {
        projections[norm](y, x, epsilon);
    }

    /**
     * One projected step of y along a gradient, steepest in the norm; `step` and `epsilon` are floats, a
     * negative step goes down.
     *
     * @param share In L1: among which share of the values a step is spread evenly; 0 for none.
     */
    function step(norm, y, g, x, step, epsilon, share = 0) {
        if (norm === "linf") {
            signStep(y, y, g, step);
        } else if (norm === "l2") {
            const size = normL2(g);
            if (!(size > 0)) return;
            addScaled(y, step / size, g);
        } else {
            stepL1(y, g, step, share > 0 ? Math.ceil(share * y.length) : 0);
        }
        project(norm, y, x, epsilon);
    }

    Object.assign(Mirage.ball, { project, step });
})();
