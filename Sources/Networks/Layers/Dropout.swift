// Dropout: off, random by counter, or one mask for ever.

import Randomness
import Tensors

/// In training each number is dropped with probability `rate`, and kept ones are multiplied by
/// 1 / (1 − rate) (Srivastava et al. 2014). Element e of the batch, in memory's order, follows the
/// e-th draw of the stream "train/dropout/<name>" of the training's seed and step: it is kept
/// where that uniform number is at least `rate`.
///
/// In evaluation it does nothing; or, where `evaluationSeed` is given, it applies one mask, drawn
/// once from the stream "dropout/<name>" of that seed and the same for every sample, so that what
/// an image gets does not depend on its batch.
public struct Dropout: Layer {
    /// The name, such as "dropout".
    public let name: String
    /// "dropout".
    public let kind = "dropout"
    /// The share that is dropped, in [0, 1).
    public let rate: Float
    /// The seed of the mask that stays on in evaluation; nil for none.
    public let evaluationSeed: UInt64?

    /// A dropout that works in training, and with `evaluationSeed` in evaluation too.
    ///
    /// - Precondition: The rate is in [0, 1).
    public init(_ name: String, rate: Float, evaluationSeed: UInt64? = nil) {
        precondition((0..<1).contains(rate), "Dropout \(name): the rate is \(rate)")
        (self.name, self.rate, self.evaluationSeed) = (name, rate, evaluationSeed)
    }

    /// Anything; with a mask that stays on, which is as long as a sample, a vector.
    public var takes: String { evaluationSeed == nil ? "anything" : "a row" }
    /// The same shape.
    public func output(of input: Features) -> Features? {
        evaluationSeed == nil || input.layout == .vector ? input : nil
    }

    /// In training a random mask; in evaluation nothing, or the mask that stays on.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        if let seed = setting.trainingSeed {
            return RandomDropout(
                engine: setting.engine, rate: rate,
                stream: Stream(seed: seed, name: "train/dropout/\(name)"))
        }
        guard let seed = evaluationSeed else { return nil }
        var random = Stream(seed: seed, name: "dropout/\(name)")
        let kept = 1 / (1 - rate)
        let mask = (0..<input.count).map { _ in random.uniform() < rate ? 0 : kept }
        return FixedDropout(
            engine: setting.engine, mask: Tensor(shape: [mask.count], values: mask))
    }
}

extension Dropout {
    /// "dropout".
    public static var word: String { "dropout" }
    /// {"dropout": 0.5}: the share; "seed" of a mask that stays on in evaluation.
    public init(reading form: inout LayerForm, on input: Features) throws {
        let found = try form.takeValue("0.5")
        let rate: Float
        switch found {
        case .integer(0): rate = 0
        case .number(let number): rate = Float(number)
        default: throw form.fault("expected a share 0…1, found \(found)")
        }
        guard (0..<1).contains(rate) else {
            throw form.fault("expected a share of at least 0 and below 1, found \(found)")
        }
        let seed = try form.take("seed", in: -1...Int.max, default: -1)
        self.init(form.name, rate: rate, evaluationSeed: seed < 0 ? nil : UInt64(seed))
    }
    /// The share and the seed.
    public func write(to form: inout LayerForm) {
        form.write("rate", rate)
        form.value = form.settings.removeValue(forKey: "rate")
        if let evaluationSeed { form.write("seed", Int(clamping: evaluationSeed)) }
    }
}

private struct RandomDropout: Operation {
    let engine: Engine
    let rate: Float
    let stream: Stream

    private func apply(_ x: Tensor, into y: inout Tensor, step: UInt32) {
        let place = stream.coordinates
        engine.dropout(
            x, rate: rate, key: place.key, counter: (step, place.name.0, place.name.1), into: &y)
    }

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        apply(x, into: &y, step: context.step)
    }

    /// The same mask again.
    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        apply(dy, into: &dx, step: context.step)
    }
}

private struct FixedDropout: Operation {
    let engine: Engine
    let mask: Tensor

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.scaleChannels(x, by: mask, shift: nil, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.scaleChannels(dy, by: mask, shift: nil, into: &dx)
    }
}
