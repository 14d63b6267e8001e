// Certificates of a network: for radii that are given, and the largest radius that can be shown.

import Networks
import Synchronization
import Tensors

/// Proves for images that no input of a ball around them is given another class than their label.
///
/// An image gets the same certificate alone and in any batch, on any number of threads.
public struct Certifier: Sendable {
    /// How bounds are found.
    public let method: CertificateMethod
    /// Of which computations the certificates speak.
    public let scope: CertificateScope
    private let plan: BoundPlan
    private let engine: Engine
    private let batch: Int
    private let imageLength: Int

    /// The most numbers of a network, all layers together, for linear bounds: 256 MB a thread.
    private static let mostNeurons = 4_000_000

    /// Reads a network.
    ///
    /// - Throws: `CertificateFault` for the first layer without a rule, for one whose rounding other runtimes
    ///   do not share where the scope is `.any`, and for a network too large for linear bounds.
    public init(
        _ network: Network, method: CertificateMethod, scope: CertificateScope = .executed
    ) throws {
        (self.method, self.scope, engine) = (method, scope, network.engine)
        plan = try BoundPlan(network, for: method)
        batch = max(1, network.batch)
        imageLength = Tensor.count(of: network.imageShape)
        if scope == .any { try plan.requireOfAnyRuntime() }
        if method == .crown, plan.neurons > Self.mostNeurons {
            throw CertificateFault.tooLarge(neurons: plan.neurons, most: Self.mostNeurons)
        }
    }

    /// The certificate of each image for its radius.
    ///
    /// - Parameters:
    ///   - images: [N, C, H, W], pixels in [0, 1].
    ///   - labels: The class that must win, by image.
    ///   - ball: `.linf`, or `.l2`, of which the enclosing box is certified.
    ///   - epsilons: The radius, by image: 0 or more, in pixel units.
    ///   - progress: Called from any thread with how many images more are done.
    /// - Returns: One an image.
    /// - Throws: `CertificateFault`, `NetworkFault.wrongLabel`.
    public func certificates(
        of images: Tensor, labels: [Int], ball: Ball, epsilons: [Float],
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> [Certificate] {
        try check(images, labels, ball, epsilons)
        switch method {
        case .ibp:
            let pass = IntervalPass(plan: plan, scope: scope, engine: engine)
            return try map(labels.count, by: batch) { rows in
                let box = InputBox(around: images.rows(rows), epsilons: Array(epsilons[rows]))
                defer { progress(rows.count) }
                return pass.certificates(
                    Box(lower: box.lower, upper: box.upper), labels: Array(labels[rows]))
            }
        case .crown:
            let idle = Mutex<[LinearPass]>([])
            return try map(labels.count, by: 1) { rows in
                var pass =
                    idle.withLock { $0.popLast() } ?? LinearPass(plan, scope, on: engine)
                let box = InputBox(around: images.rows(rows), epsilons: Array(epsilons[rows]))
                let found = pass.certificate(
                    Box(lower: box.lower, upper: box.upper), label: labels[rows.lowerBound])
                idle.withLock { $0.append(pass) }
                progress(1)
                return [found]
            }
        }
    }

    /// The largest radius that is certified, by image, as far as bisection finds it: the radius that is
    /// returned is itself certified; nil where not even the image alone is.
    ///
    /// - Parameters:
    ///   - images: [N, C, H, W], pixels in [0, 1].
    ///   - labels: The class that must win, by image.
    ///   - ball: `.linf` or `.l2`.
    ///   - ceiling: Where the search ends: this radius, if it is certified.
    ///   - resolution: How far above the radius that is returned one is known that is not certified,
    ///     unless no float is between.
    /// - Returns: One an image.
    /// - Throws: `CertificateFault`, `NetworkFault.wrongLabel`.
    public func radii(
        of images: Tensor, labels: [Int], ball: Ball, ceiling: Float, resolution: Float
    ) throws -> [Float?] {
        guard resolution > 0, resolution.isFinite else {
            throw CertificateFault.wrongResolution(resolution)
        }
        // All that may be wrong with any radius is so with this one, before rows are taken apart.
        try check(images, labels, ball, labels.map { _ in ceiling })
        var searches = labels.map { _ in RadiusSearch(ceiling: ceiling, resolution: resolution) }
        while true {
            let open = searches.indices.filter { searches[$0].next != nil }
            guard !open.isEmpty else { return searches.map(\.certified) }
            let found = try certificates(
                of: images.gather(open), labels: open.map { labels[$0] }, ball: ball,
                epsilons: open.compactMap { searches[$0].next })
            for (index, certificate) in zip(open, found) {
                searches[index].take(certificate.isCertified)
            }
        }
    }

    private func map(
        _ count: Int, by length: Int,
        _ body: @escaping @Sendable (Range<Int>) -> [Certificate]
    ) throws -> [Certificate] {
        try engine.workers.map(count: (count + length - 1) / length) { part in
            body(part * length..<min((part + 1) * length, count))
        }.flatMap { $0 }
    }

    private func check(
        _ images: Tensor, _ labels: [Int], _ ball: Ball, _ epsilons: [Float]
    ) throws {
        switch ball {
        case .linf, .l2: break
        case .l1: throw CertificateFault.wrongBall("l1")
        case .l0: throw CertificateFault.wrongBall("l0")
        }
        guard images.rowCount == labels.count, labels.count == epsilons.count else {
            throw CertificateFault.wrongCount(
                images: images.rowCount, labels: labels.count, epsilons: epsilons.count)
        }
        guard images.rowCount == 0 || images.rowLength == imageLength else {
            throw NetworkFault.wrongImages(
                architecture: "The network", expected: [imageLength],
                found: Array(images.shape.dropFirst()))
        }
        let classes = plan.grids[plan.logits].count
        for (sample, label) in labels.enumerated() where !(0..<classes).contains(label) {
            throw NetworkFault.wrongLabel(label, sample: sample, classes: classes)
        }
        for (sample, epsilon) in epsilons.enumerated() where !(epsilon >= 0 && epsilon.isFinite) {
            throw CertificateFault.wrongEpsilon(epsilon, sample: sample)
        }
        try images.withFloats { pixels in
            for (place, value) in pixels.enumerated() where !(value >= 0 && value <= 1) {
                throw CertificateFault.wrongPixel(value, sample: place / imageLength)
            }
        }
    }
}

extension BoundPlan {
    /// - Throws: `CertificateFault.executedOnly` for the first layer that other runtimes round otherwise.
    fileprivate func requireOfAnyRuntime() throws {
        for node in nodes {
            guard case .growing(_, let relaxation) = node.part else { continue }
            guard relaxation?.isOfAnyRuntime ?? false else {
                throw CertificateFault.executedOnly(layer: node.layer, kind: node.kind)
            }
        }
    }
}
