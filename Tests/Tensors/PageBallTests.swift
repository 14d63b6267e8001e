// The page's steps, projections, distances and random numbers under Node against the kernels, bit by bit,
// on numbers that no picture has.

import Foundation
import Randomness
import Requirements
import Testing

@testable import Tensors

// Foundation has one too.
private typealias Stream = Randomness.Stream

@Suite struct PageBallTests {
    private static let radii: [Float] = [
        0, .leastNonzeroMagnitude, 1e-30, 1e-8, 1e-7, 1e-4, 0.01, 0.3, 1, 2.5, 28, 1e6, .infinity,
    ]

    private static func originals(_ length: Int, _ kind: Int, _ random: inout Stream) -> [Float] {
        (0..<length).map { _ in
            switch kind {
            case 0: Float(random.below(256)) / 255
            case 1: Float(random.below(2))
            case 2: .leastNonzeroMagnitude * Float(random.below(5))
            default: random.uniform()
            }
        }
    }

    private static func proposal(_ x: [Float], _ kind: Int, _ random: inout Stream) -> [Float] {
        x.map { x in
            switch kind {
            case 0: return 6 * random.uniform() - 3
            case 1:
                return (0..<random.below(4)).reduce(x) { y, _ in
                    random.below(2) == 0 ? y.nextUp : y.nextDown
                }
            case 2: return random.below(8) == 0 ? x + 0.01 : x
            case 3: return (random.uniform() - 0.5) * .greatestFiniteMagnitude
            default: return random.below(3) == 0 ? .infinity : random.uniform()
            }
        }
    }

    /// Slopes of all sizes, so that the order of a sum shows, many of them equal or zero of either sign.
    private static func gradient(_ length: Int, _ random: inout Stream) -> [Float] {
        let special: [Float] = [0, -0.0, 0.5, -0.5, .leastNonzeroMagnitude, -1e-40]
        return (0..<length).map { _ in
            random.below(2) == 0
                ? special[Int(random.below(UInt32(special.count)))]
                : (random.uniform() - 0.5) / Float(1 << random.below(40))
        }
    }

    private static func bits(_ values: [Float]) -> String {
        "[" + values.map { "\($0.bitPattern)" }.joined(separator: ",") + "]"
    }

    private static func hex(_ values: [Double]) -> String {
        "["
            + values.map { "\"" + String($0.bitPattern, radix: 16) + "\"" }.joined(separator: ",")
            + "]"
    }

    private static let balls: [(String, Ball)] = [("linf", .linf), ("l2", .l2), ("l1", .l1)]

    private static func walks(_ x: [Float], _ y: [Float], _ random: inout Stream) -> [String] {
        let engine = Engine(threads: 1)
        let (length, around) = (x.count, Tensor(shape: [1, x.count], values: x))
        var scratch = Tensor(shape: [0])
        var cases: [String] = []
        for (norm, ball) in balls {
            for epsilon in radii {
                var moved = Tensor(shape: [1, length], values: y)
                engine.project(
                    &moved, around: around, in: ball, within: [epsilon], scratch: &scratch)
                let given =
                    #""norm":"\#(norm)","x":\#(bits(x)),"epsilon":\#(epsilon.bitPattern)"#
                cases.append(
                    #"{"kind":"project",\#(given),"y":\#(bits(y)),"expected":\#(bits(moved.values))}"#
                )
                let (before, g) = (moved.values, gradient(length, &random))
                let step = 3 * random.uniform() - 1.5
                let share = [0, 0.05, 0.5][Int(random.below(3))]
                engine.step(
                    &moved, along: Tensor(shape: [1, length], values: g), around: around, in: ball,
                    by: [step], within: [epsilon], share: share, scratch: &scratch)
                cases.append(
                    #"{"kind":"step",\#(given),"y":\#(bits(before)),"g":\#(bits(g)),"step":\#(step.bitPattern),"share":\#(share),"expected":\#(bits(moved.values))}"#
                )
            }
        }
        return cases
    }

    private static func pixels(_ x: [Float], _ y: [Float], _ random: inout Stream) -> [String] {
        let engine = Engine(threads: 1)
        let (image, length) = (Tensor(shape: [1, x.count], values: x), x.count)
        let (g, r) = (gradient(length, &random), gradient(length, &random))
        let slopes = Tensor(shape: [1, length], values: g)
        var moved = Tensor(shape: [0])
        let step = random.uniform() - 0.5
        engine.signStep(image, along: slopes, by: [step], into: &moved)
        let aim = Tensor(shape: [1, length], values: y.map { $0.isFinite ? $0 : 2 })
        let size = engine.distances(from: image, to: aim)[0]
        let sizes = [size.l0, size.l1, size.l2, size.linf, size.sum, size.min, size.max]
        var cases = [
            #"{"kind":"sign","x":\#(bits(x)),"g":\#(bits(g)),"step":\#(step.bitPattern),"expected":\#(bits(moved.values))}"#,
            #"{"kind":"bytes","x":\#(bits(aim.values)),"expected":\#(bits(engine.roundedToBytes(aim).values))}"#,
            #"{"kind":"distances","x":\#(bits(x)),"y":\#(bits(aim.values)),"expected":\#(hex(sizes))}"#,
            #"{"kind":"norms","x":\#(bits(g)),"expected":\#(hex([slopes.l1(ofRow: 0), slopes.l2(ofRow: 0)]))}"#,
        ]
        for (l1, l2) in [(0, 0), (0.003, 0), (0, 0.7)] as [(Float, Float)] {
            var noise = Tensor(shape: [1, length], values: r)
            engine.noiseStep(
                &moved, noise: &noise, around: image, gradient: slopes, rate: step,
                regulariser: l1 > 0 ? .l1(slope: l1) : l2 > 0 ? .l2(slope: l2) : .none)
            cases.append(
                #"{"kind":"noise","x":\#(bits(x)),"r":\#(bits(r)),"g":\#(bits(g)),"rate":\#(step.bitPattern),"l1":\#(l1.bitPattern),"l2":\#(l2.bitPattern),"expected":\#(bits(moved.values + noise.values))}"#
            )
        }
        return cases
    }

    private static func streams() -> [String] {
        let bounds: [UInt32] = (0..<12).flatMap { _ in [1, 2, 9, 1000, 3_000_000_000, .max] }
        return [(0, "", 0), (1, "attack/pgd/start/0", 7629), (1 << 40 | 5, "größer", .max)].map {
            (seed: UInt64, name: String, step: UInt32) in
            var random = Stream(seed: seed, name: name, step: step)
            var expected = [random.uniform().bitPattern, random.next()]
            expected += bounds.map { random.below($0) }
            return
                #"{"kind":"stream","seed":\#(seed),"name":"\#(name)","step":\#(step),"bounds":\#(bounds),"expected":\#(expected)}"#
        }
    }

    @Test func thePagesBallsAreTheKernels() throws {
        guard let node = try Requirement.node(for: "The page's balls") else { return }
        var random = Stream(seed: 2, name: "page balls")
        var cases = Self.streams()
        for length in [1, 17, 40] {
            for kind in 0..<4 {
                let x = Self.originals(length, kind, &random)
                for aim in 0..<5 {
                    let y = Self.proposal(x, aim, &random)
                    cases += Self.walks(x, y, &random) + Self.pixels(x, y, &random)
                }
            }
        }
        let file = FileManager.default.temporaryDirectory
            .appending(path: "page-ball-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("[\(cases.joined(separator: ",\n"))]".utf8).write(to: file)
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let root = here.deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = node
        process.arguments = [
            here.appending(path: "Node/page-ball.js").path,
            root.appending(path: "Sources/Report/Resources").path, file.path,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = String(
            decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && output.contains("equal"), "\(output)")
    }
}
