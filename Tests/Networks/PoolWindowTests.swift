// How many windows there are, by a formula and by looking at every tap.

import Tensors
import Testing

@testable import Networks

@Suite struct PoolWindowTests {
    /// Windows along one axis, each looked at tap by tap.
    private static func count(
        _ length: Int, kernel: Int, stride: Int, dilation: Int, before: Int, after: Int,
        isCeiling: Bool
    ) -> Int? {
        let room = length + before + after - dilation * (kernel - 1) - 1
        guard room >= 0 else { return nil }
        var count = (room + (isCeiling ? stride - 1 : 0)) / stride + 1
        if isCeiling, (count - 1) * stride >= length + before { count -= 1 }
        for window in 0..<count {
            let places = (0..<kernel).map { window * stride + $0 * dilation - before }
            guard places.contains(where: { (0..<length).contains($0) }) else { return nil }
        }
        return count
    }

    @Test(arguments: 1...7)
    func theFormulaIsTheLoop(length: Int) {
        var wrong: [String] = []
        for kernel in 1...4 {
            for dilation in 1...9 {
                let most = dilation * (kernel - 1)
                for before in 0...most {
                    for after in Set([0, most / 2, most]) {
                        for stride in 1...4 {
                            for isCeiling in [false, true] {
                                let expected = Self.count(
                                    length, kernel: kernel, stride: stride, dilation: dilation,
                                    before: before, after: after, isCeiling: isCeiling)
                                let windows = PoolWindows(
                                    kernel: [kernel, 1], stride: [stride, 1],
                                    dilation: [dilation, 1],
                                    padding: Padding(top: before, left: 0, bottom: after, right: 0),
                                    isCeiling: isCeiling)
                                let found = windows.output(
                                    of: .maps(channels: 1, height: length, width: 1))
                                if found?.shape[1] != expected {
                                    wrong.append(
                                        "kernel \(kernel), dilation \(dilation), \(before) before, "
                                            + "\(after) after, stride \(stride): \(String(describing: found))"
                                    )
                                }
                            }
                        }
                    }
                }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.count), such as \(wrong.first ?? "")")
    }

    @Test func largeWindowsAreCountedAtOnce() {
        let row = MaxPool(
            "pool", kernel: [1, 524_288], stride: [1, 1],
            padding: Padding(top: 0, left: 524_287, bottom: 0, right: 524_287))
        #expect(
            row.output(of: .maps(channels: 1, height: 1, width: 1024))?.shape == [1, 1, 525_311])
        // Two taps 2²⁸ pixels apart, of which the second is on the image.
        let most = 1 << 28
        func wide(_ length: Int) -> Features? {
            MaxPool(
                "pool", kernel: [1, 2], stride: [1, 1],
                padding: Padding(top: 0, left: most, bottom: 0, right: 0), dilation: [1, most]
            ).output(of: .maps(channels: 1, height: 1, width: length))
        }
        #expect(wide(most)?.shape == [1, 1, most])
        #expect(wide(most - 1)?.shape == [1, 1, most - 1])
        #expect(wide(3)?.shape == [1, 1, 3])
    }
}
