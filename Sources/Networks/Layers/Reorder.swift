// The colours of an image in another order.

import Tensors

/// The channels of an image in the order of `order`: y[c] = x[order[c]]; [2, 1, 0] makes BGR of RGB, which
/// networks of Caffe and OpenCV read. No number is computed.
public struct Reorder: Layer {
    /// The name, such as "bgr".
    public let name: String
    /// "reorder".
    public let kind = "reorder"
    /// For each channel of the output, that of the input.
    public let order: [Int]

    /// The channels in another order.
    ///
    /// - Precondition: `order` has every number from 0 once.
    public init(_ name: String, order: [Int]) {
        precondition(order.sorted() == Array(0..<order.count), "Reorder \(name): \(order)")
        (self.name, self.order) = (name, order)
    }

    /// An image of so many channels.
    public var takes: String { "an image [\(order.count), H, W]" }
    /// As its input.
    public func output(of input: Features) -> Features? {
        input.layout == .channelsFirst && input.shape.first == order.count ? input : nil
    }
    /// Copies.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        guard output(of: input) != nil else { refuse(input) }
        let isNothing = order == Array(0..<order.count)
        return isNothing ? nil : Reordering(order: order, axes: input.shape)
    }
}

extension Reorder {
    /// "reorder".
    public static var word: String { "reorder" }
    /// {"reorder": [2, 1, 0]}.
    public init(reading form: inout LayerForm, on input: Features) throws {
        let order = try form.takeValueList("[2, 1, 0]", in: 0...LayerForm.largest)
        guard order.sorted() == Array(0..<order.count) else {
            throw form.fault("expected every channel from 0 once, found \(LayerForm.list(order))")
        }
        self.init(form.name, order: order)
    }
    /// The order.
    public func write(to form: inout LayerForm) {
        form.value = LayerForm.list(order)
    }
}

private struct Reordering: Operation {
    let order: [Int]
    /// [C, H, W].
    let axes: [Int]

    private func copy(_ x: Tensor, into y: inout Tensor, _ source: (Int) -> (to: Int, from: Int)) {
        let channels = order.count
        let pixels = x.rowLength / channels
        y.reserve([x.rowCount] + axes)
        x.withFloats { from in
            y.withMutableFloats { to in
                for plane in 0..<x.rowCount * channels {
                    let place = source(plane % channels)
                    let first = plane - plane % channels
                    for pixel in 0..<pixels {
                        to[(first + place.to) * pixels + pixel] =
                            from[(first + place.from) * pixels + pixel]
                    }
                }
            }
        }
    }

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        copy(x, into: &y) { (to: $0, from: order[$0]) }
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        copy(dy, into: &dx) { (to: order[$0], from: $0) }
    }
}
