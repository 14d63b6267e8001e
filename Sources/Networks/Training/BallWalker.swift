// Walks of many images at once against the network as it answers: normalisation by its running statistics,
// no dropout. So where an image's walk ends depends on the image and the weights, not on the batch.

import Synchronization
import Tensors

/// Makes walks against weights that change.
struct BallWalker: Sendable {
    /// What a walk raises.
    enum Ascent: Sendable {
        /// The cross-entropy of the label.
        case crossEntropy
        /// The divergence of the answers from those to the image.
        case divergence
    }

    private let plan: Plan
    private let engine: Engine
    private var operations: [any Operation]
    private var idle: [Pass] = []
    /// How many images a pass takes at most.
    private let most: Int

    /// A walker without weights.
    ///
    /// - Throws: `NetworkFault.noPixelGradient` where nothing that the network says depends on pixels.
    init(_ architecture: Architecture, engine: Engine) throws {
        let plan = Plan(architecture, in: RunSetting(engine: engine, trainingSeed: nil))
        guard plan.pixelGradient != nil, architecture.readsPixels else {
            throw NetworkFault.noPixelGradient(architecture: architecture.name)
        }
        self.plan = plan
        self.engine = engine
        operations = plan.steps.map(\.operation)
        most = Network.batch(floatsOfImage: plan.lengths.reduce(0, +))
    }

    /// Takes the weights.
    mutating func load(_ parameters: [String: Tensor]) {
        // Nobody else holds the operations while they take the weights, so that no memory is copied.
        for index in idle.indices { idle[index].operations = [] }
        for (index, step) in plan.steps.enumerated() {
            operations[index].load(
                step.parameters(parameters), givesInputGradient: step.givesInputGradient)
        }
        for index in idle.indices { idle[index].operations = operations }
    }

    /// Makes a walk from each image of a batch.
    ///
    /// - Parameters:
    ///   - images: [N, C, H, W] in [0, 1].
    ///   - targets: One a row.
    ///   - indices: The images' places in the data set, by which they draw.
    ///   - walk: How far, and how.
    ///   - ascent: What it raises.
    ///   - draws: Where the starts come from.
    /// - Returns: Where they end, a row an image.
    mutating func ends(
        from images: Tensor, targets: [Int], indices: [Int], along walk: BallWalk,
        raising ascent: Ascent, draws: ImageDraws
    ) -> Tensor {
        var result = images
        let parts = mapParts(of: images.rowCount) { [engine] pass, rows -> (Int, Tensor) in
            var path = Path(
                images.rows(rows), targets: Array(targets[rows]), indices: Array(indices[rows]),
                walk, draws, engine: engine)
            if case .divergence = ascent { path.keepAnswers(&pass) }
            for _ in 0..<walk.steps { path.step(&pass, raising: ascent) }
            return (rows.lowerBound, path.points)
        }
        for (first, part) in parts { result.replaceRows(from: first, with: part) }
        return result
    }

    /// Which images are answered as labelled at every point of a walk that raises the cross-entropy, and at
    /// the image itself.
    mutating func standing(
        _ images: Tensor, targets: [Int], along walk: BallWalk, draws: ImageDraws
    ) -> [Bool] {
        mapParts(of: images.rowCount) { [engine] pass, rows in
            let clean = images.rows(rows)
            var path = Path(
                clean, targets: Array(targets[rows]), indices: Array(rows), walk, draws,
                engine: engine)
            pass.forward(clean)
            path.judge(pass.logits)
            for _ in 0..<walk.steps { path.step(&pass, raising: .crossEntropy) }
            pass.forward(path.points)
            path.judge(pass.logits)
            return path.stands
        }.flatMap { $0 }
    }

    /// What `body` makes of consecutive ranges of rows, in order. The threads share the ranges; how they are
    /// cut changes no result.
    private mutating func mapParts<Part: Sendable>(
        of rows: Int, _ body: @escaping @Sendable (inout Pass, Range<Int>) -> Part
    ) -> [Part] {
        let (plan, operations) = (plan, operations)
        let size = max(1, min(most, (rows + engine.workers.threads - 1) / engine.workers.threads))
        let passes = Mutex(idle)
        idle = []
        let parts = Mutex<[Int: Part]>([:])
        engine.workers.run(tasks: (rows + size - 1) / size) { task in
            var pass = passes.withLock { $0.popLast() } ?? Pass(plan, operations)
            let part = body(&pass, task * size..<min((task + 1) * size, rows))
            parts.withLock { $0[task] = part }
            passes.withLock { $0.append(pass) }
        }
        idle = passes.withLock { $0 }
        return parts.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
    }
}

/// The walks of some images, on their way.
private struct Path {
    private(set) var points: Tensor
    /// Which images were answered as labelled wherever they were judged.
    private(set) var stands: [Bool]
    private let images: Tensor
    private let targets: [Int]
    private let steps: [Float], radii: [Float]
    private let engine: Engine
    private var answers = Tensor(shape: [0])
    private var scratch = Tensor(shape: [0])

    init(
        _ images: Tensor, targets: [Int], indices: [Int], _ walk: BallWalk, _ draws: ImageDraws,
        engine: Engine
    ) {
        self.images = images
        self.targets = targets
        self.engine = engine
        points = images
        stands = Array(repeating: true, count: targets.count)
        steps = Array(repeating: walk.stepSize, count: targets.count)
        radii = Array(repeating: walk.epsilon, count: targets.count)
        guard walk.start != .image else { return }
        for (row, index) in indices.enumerated() {
            draws.move(row, of: &points, as: index, by: walk.start, walk.epsilon)
        }
        if walk.start.isProjected || walk.steps == 0 {
            engine.project(&points, around: images, in: .linf, within: radii, scratch: &scratch)
        }
    }

    /// Remembers the answers to the images, from which those on the way are to diverge.
    mutating func keepAnswers(_ pass: inout Pass) {
        pass.forward(images)
        answers = pass.logits
    }

    mutating func judge(_ logits: Tensor) {
        for (row, answer) in logits.argmaxOfRows().enumerated() where answer != targets[row] {
            stands[row] = false
        }
    }

    /// One step of steepest ascent, projected.
    mutating func step(_ pass: inout Pass, raising ascent: BallWalker.Ascent) {
        pass.forward(points)
        judge(pass.logits)
        pass.backward { logits in
            switch ascent {
            case .crossEntropy:
                _ = CrossEntropy.gradient(inPlaceOf: &logits, targets: targets, scale: 1)
            case .divergence:
                Divergence.gradient(inPlaceOfMoved: &logits, from: answers)
            }
        }
        // The pass lets go of the points, which are moved where they lie.
        pass.releaseImages()
        engine.step(
            &points, along: pass.pixelGradient, around: images, in: .linf, by: steps,
            within: radii, scratch: &scratch)
    }
}
