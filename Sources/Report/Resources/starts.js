// Where attacks that draw at random begin: Sources/Attacks/Blocks/BallStart.swift. The draws are keyed by
// seed, image and try, and are the same for every budget.
(() => {
    "use strict";
    const Mirage = (globalThis.Mirage ??= {});

    const float = Math.fround;

    /** Two normal deviates by Marsaglia's polar method, in double. */
    function normalPair(random) {
        for (;;) {
            const a = 2 * random.uniform() - 1;
            const b = 2 * random.uniform() - 1;
            const square = a * a + b * b;
            if (!(square > 0 && square < 1)) continue;
            const factor = Math.sqrt((-2 * Mirage.arithmetic.log(float(square))) / square);
            return [a * factor, b * factor];
        }
    }

    /** A uniformly random vector of the Euclidean norm 1. */
    function direction(count, random) {
        const deviates = [];
        while (deviates.length < count) deviates.push(...normalPair(random));
        deviates.length = count;
        const size = Math.sqrt(deviates.reduce((sum, value) => sum + value * value, 0));
        return Float32Array.from(deviates, (value) => value / size);
    }

    /** A uniformly random point of the ball Σ|x| ≤ 1: exponential deviates over their sum, with signs. */
    function pointOfL1(count, random) {
        // 1 − u is never 0.
        const { log } = Mirage.arithmetic;
        const deviates = Array.from({ length: count + 1 }, () => -log(1 - random.uniform()));
        const sum = deviates.reduce((total, value) => total + value, 0);
        deviates.length = count;
        const sign = () => ((random.next() & 1) === 0 ? 1 : -1);
        return Float32Array.from(deviates, (value) => (sign() * value) / sum);
    }

    /** The image moved by ε times a vector of the unit ball, brought back into ball and box. */
    function moved({ image, norm, epsilon }, vector) {
        const point = image.map((value, i) => value + float(epsilon * vector[i]));
        Mirage.ball.project(norm, point, image, epsilon);
        return point;
    }

    /** A random point of a run's ball. In L2 the radius is uniform, so that some lie near the image. */
    function inBall(run) {
        const random = run.stream("pgd/start");
        if (run.norm === "linf") {
            return moved(run, Float32Array.from(run.image, () => 2 * random.uniform() - 1));
        }
        if (run.norm === "l1") return moved(run, pointOfL1(run.image.length, random));
        const radius = random.uniform();
        return moved(run, direction(run.image.length, random).map((value) => radius * value));
    }

    Mirage.starts = { inBall, moved };
})();
