// The windows of a pooling layer, before anybody knows the size of the image.

import Tensors

/// Windows over an image, and how many of them there are.
///
/// Without `isCeiling` there are ⌊(H + padding − reach) / stride⌋ + 1 with reach = dilation·(kernel − 1)
/// + 1; with it the quotient is rounded up, and a window that would begin below the image and its
/// upper padding is left out (PyTorch's and ONNX's `ceil_mode`).
struct PoolWindows: Equatable, Sendable {
    let kernel: [Int], stride: [Int], dilation: [Int]
    let padding: Padding
    let isCeiling: Bool

    /// - Precondition: Sizes are positive, and padding is smaller than what a window reaches over.
    init(kernel: [Int], stride: [Int], dilation: [Int], padding: Padding, isCeiling: Bool) {
        precondition(
            kernel.count == 2 && stride.count == 2 && dilation.count == 2
                && (kernel + stride + dilation).allSatisfy { $0 > 0 }
                && min(padding.top, padding.left, padding.bottom, padding.right) >= 0
                && max(padding.top, padding.bottom) <= dilation[0] * (kernel[0] - 1)
                && max(padding.left, padding.right) <= dilation[1] * (kernel[1] - 1),
            "Pooling: kernel \(kernel), stride \(stride), dilation \(dilation), padding \(padding)")
        (self.kernel, self.stride, self.dilation) = (kernel, stride, dilation)
        (self.padding, self.isCeiling) = (padding, isCeiling)
    }

    var window: LayerWindow { LayerWindow(size: kernel, stride: stride) }

    private func reach(_ axis: Int) -> Int { dilation[axis] * (kernel[axis] - 1) + 1 }
    private func before(_ axis: Int) -> Int { axis == 0 ? padding.top : padding.left }
    private func after(_ axis: Int) -> Int { axis == 0 ? padding.bottom : padding.right }

    var takes: String {
        let least = [0, 1].map { max(1, reach($0) - before($0) - after($0)) }
        return "[C, H, W], channels last, of at least \(least[0]) × \(least[1]) pixels"
    }

    /// How many windows there are along an axis; nil if none fits, or one of them holds no pixel.
    private func count(_ length: Int, _ axis: Int) -> Int? {
        let room = length + before(axis) + after(axis) - reach(axis)
        guard length > 0, room >= 0 else { return nil }
        var count = (room + (isCeiling ? stride[axis] - 1 : 0)) / stride[axis] + 1
        if isCeiling, (count - 1) * stride[axis] >= length + before(axis) { count -= 1 }
        return holdPixels(count, length, axis) ? count : nil
    }

    /// Whether each window has a tap on a pixel.
    ///
    /// One that begins in the image has; the last must not begin below it. One that begins b pixels above
    /// has its first tap from pixel 0 on at −b mod dilation, and as many taps as that takes, since no
    /// padding is longer than what a window reaches over; that tap may lie below the image only where the
    /// dilation is larger than the image. How many windows have it there is a difference of two sums
    /// Σ ⌊(stride·w + c) / dilation⌋.
    private func holdPixels(_ count: Int, _ length: Int, _ axis: Int) -> Bool {
        let (stride, dilation, before) = (stride[axis], dilation[axis], before(axis))
        guard (count - 1) * stride - before < length else { return false }
        guard dilation > length, before > 0 else { return true }
        let above = min(count, (before + stride - 1) / stride)
        let first = (dilation - before % dilation) % dilation
        let beyond = first + dilation - length
        return Self.floorSum(above, stride, beyond, by: dilation)
            == Self.floorSum(above, stride, first, by: dilation)
    }

    /// Σ ⌊(step·i + first) / size⌋ over i in 0..<count, by the steps of Euclid's algorithm.
    private static func floorSum(_ count: Int, _ step: Int, _ first: Int, by size: Int) -> Int {
        var (count, step, first, size) = (count, step, first, size)
        var sum = 0
        while true {
            sum += count * (count - 1) / 2 * (step / size) + count * (first / size)
            (step, first) = (step % size, first % size)
            let end = step * count + first
            guard end >= size else { return sum }
            (count, step, first, size) = (end / size, size, end % size, step)
        }
    }

    func output(of input: Features) -> Features? {
        guard let maps = input.maps, let height = count(maps.height, 0),
            let width = count(maps.width, 1)
        else { return nil }
        return .maps(channels: maps.channels, height: height, width: width)
    }

    /// The sizes for an input; nil if it cannot take that.
    func windows(on input: Features, countsPadding: Bool) -> PoolingWindows? {
        output(of: input).map { output in
            PoolingWindows(
                input: input.axes, output: [output.shape[1], output.shape[2]], kernel: kernel,
                stride: stride, dilation: dilation, padding: padding, countsPadding: countsPadding)
        }
    }

    /// Pixels that the last window reaches beyond image and padding.
    private func overhang(_ length: Int, _ count: Int, _ axis: Int) -> Int {
        max(0, (count - 1) * stride[axis] + reach(axis) - length - before(axis) - after(axis))
    }

    /// The same windows where their pixels lie side by side, with what they reach beyond the padding
    /// as more of it; nil for an input that it cannot take, and for windows with gaps.
    func shape(on input: Features) -> (shape: PoolingShape, isInside: Bool)? {
        guard dilation == [1, 1], let maps = input.maps, let output = output(of: input) else {
            return nil
        }
        let below = overhang(maps.height, output.shape[1], 0)
        let right = overhang(maps.width, output.shape[2], 1)
        let shape = PoolingShape(
            inputHeight: maps.height, inputWidth: maps.width, channels: maps.channels,
            kernel: (kernel[0], kernel[1]), stride: (stride[0], stride[1]),
            padding: Padding(
                top: padding.top, left: padding.left, bottom: padding.bottom + below,
                right: padding.right + right))
        return (shape, below == 0 && right == 0)
    }
}

extension PoolWindows {
    /// Windows that are written down.
    init(reading form: inout LayerForm) throws {
        let kernel = try form.sizes(form.takeValue("2"), form.word)
        let stride = try form.takeSizes("stride", default: kernel)
        let dilation = try form.takeSizes("dilation", default: [1, 1])
        let padding = try form.takePadding()
        guard max(padding.top, padding.bottom) <= dilation[0] * (kernel[0] - 1),
            max(padding.left, padding.right) <= dilation[1] * (kernel[1] - 1)
        else { throw form.fault("padding: a window of \(kernel) could lie in it whole") }
        self.init(
            kernel: kernel, stride: stride, dilation: dilation, padding: padding,
            isCeiling: try form.take("ceil", default: false))
    }

    /// Writes them down.
    func write(to form: inout LayerForm) {
        form.value = LayerForm.sizes(kernel)
        form.write("stride", stride, default: kernel)
        form.write("padding", padding)
        form.write("dilation", dilation, default: [1, 1])
        form.write("ceil", isCeiling, default: false)
    }
}
