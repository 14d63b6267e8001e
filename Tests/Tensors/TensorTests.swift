import Glibc
import Synchronization
import Testing

@testable import Tensors

@Suite("Tensors and workers")
struct TensorTests {
    @Test func copiesAreValues() {
        let original = Tensor(shape: [2, 2], values: [1, 2, 3, 4])
        var copy = original
        copy.withMutableFloats { $0[0] = 9 }
        #expect(original.values == [1, 2, 3, 4])
        #expect(copy.values == [9, 2, 3, 4])
    }

    @Test func borrowedMemoryIsReadInPlaceAndCopiedOnWrite() {
        final class Owner: @unchecked Sendable {
            let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: 4)
            init() { _ = memory.initialize(from: [1, 2, 3, 4]) }
            deinit { memory.deallocate() }
        }
        let owner = Owner()
        var tensor = Tensor(
            mapping: UnsafeRawBufferPointer(owner.memory), shape: [4], owner: owner)
        owner.memory[1] = 7
        #expect(tensor.values == [1, 7, 3, 4])
        tensor.withMutableFloats { $0[0] = 0 }
        #expect(owner.memory[0] == 1)
        #expect(tensor.values == [0, 7, 3, 4])
    }

    @Test func reserveKeepsNothingOfASharedTensor() {
        var tensor = Tensor(shape: [4], values: [1, 2, 3, 4])
        let shared = tensor
        tensor.reserve([2])
        tensor.withMutableFloats { $0[0] = 8 }
        #expect(shared.values == [1, 2, 3, 4])
    }

    @Test func rowsAreTakenMovedAndReplaced() {
        var tensor = Tensor(shape: [3, 2], values: [0, 1, 2, 3, 4, 5])
        #expect(tensor.rows(1..<3).values == [2, 3, 4, 5])
        #expect(tensor.gather([2, 0, 2]).values == [4, 5, 0, 1, 4, 5])
        #expect(tensor.gather([]).shape == [0, 2])
        tensor.replaceRows(from: 0, with: Tensor(shape: [1, 2], values: [8, 9]))
        tensor.moveRow(2, to: 1)
        tensor.truncateRows(to: 2)
        #expect(tensor.shape == [2, 2])
        #expect(tensor.values == [8, 9, 4, 5])
    }

    @Test func argmaxTakesTheLowestOfEquals() {
        let tensor = Tensor(shape: [3, 3], values: [1, 1, 0, 0, 2, 2, -1, -1, -1])
        #expect(tensor.argmaxOfRows() == [0, 1, 0])
    }

    @Test(arguments: [0, 1023, 1024, 2999])
    func theFirstValueThatIsNotFiniteIsFound(place: Int) {
        var tensor = Tensor(shape: [3000])
        #expect(tensor.firstNotFinite == nil)
        for value in [Float.nan, .infinity, -.infinity] {
            tensor.withMutableFloats { $0[place] = value }
            #expect(tensor.firstNotFinite == place)
        }
        tensor.withMutableFloats { $0[place] = .greatestFiniteMagnitude }
        #expect(tensor.firstNotFinite == nil)
    }

    @Test(arguments: [1, 2, 3, 8])
    func everyTaskRunsOnce(threads: Int) {
        let workers = Workers(threads: threads)
        for tasks in [0, 1, 2, 7, 500] {
            let counts = Mutex([Int](repeating: 0, count: tasks))
            workers.run(tasks: tasks) { task in counts.withLock { $0[task] += 1 } }
            #expect(counts.withLock { $0 }.allSatisfy { $0 == 1 })
        }
    }

    @Test func aTaskMayShareWorkOfItsOwn() throws {
        let workers = Workers(threads: 4)
        let sums = try workers.map(count: 10) { outer in
            try workers.map(count: 10) { outer * 10 + $0 }.reduce(0, +)
        }
        #expect(sums == (0..<10).map { $0 * 100 + 45 })
    }

    @Test func theFirstErrorInOrderIsThrown() {
        struct Fault: Error, Equatable { let index: Int }
        let workers = Workers(threads: 3)
        #expect(throws: Fault(index: 3)) {
            try workers.map(count: 20) { index in
                if index % 4 == 3 { throw Fault(index: index) }
                return index
            }
        }
    }

    @Test func manyShortCallsNeitherHangNorMix() {
        let workers = Workers(threads: 3)
        for round in 0..<3000 {
            let total = Mutex(0)
            workers.run(tasks: 5) { task in total.withLock { $0 += task + round } }
            #expect(total.withLock { $0 } == 10 + 5 * round)
        }
    }

    @Test func softmaxAndCrossEntropyFollowTheirDefinition() {
        let logits = Tensor(shape: [3, 3], values: [1, 2, 3, 0, 0, 0, 1000, 0, -1000])
        let probabilities = logits.softmaxOfRows().values.map(Double.init)
        let expected = [
            0.09003057317, 0.2447284711, 0.6652409558, 1 / 3.0, 1 / 3.0, 1 / 3.0, 1, 0, 0,
        ]
        #expect(zip(probabilities, expected).allSatisfy { abs($0 - $1) <= 1e-7 })
        let losses = CrossEntropy.losses(of: logits, targets: [2, 0, 2])
        #expect(
            zip(losses, [0.4076059644, 1.0986122887, 2000]).allSatisfy {
                abs($0 - $1) <= 2e-7 * max(1, $1)
            })
        var gradient = logits
        let again = CrossEntropy.gradient(inPlaceOf: &gradient, targets: [2, 0, 2], scale: 0.5)
        #expect(again == losses)
        for (index, value) in gradient.values.enumerated() {
            let isTarget = [2, 3, 8].contains(index)
            #expect(abs(Double(value) - (expected[index] - (isTarget ? 1 : 0)) / 2) <= 1e-7)
        }
    }

    /// A lead of 17 and more makes p at the target round to 1; neither loss nor gradient may be 0.
    @Test(arguments: [Float](arrayLiteral: 0.5, 3, 12, 17, 20, 40, 80, 100))
    func confidentAnswersHaveALossAndAWholeGradient(lead: Float) {
        let rest = Glibc.exp(-Double(lead)) + Glibc.exp(-Double(lead) - 2)
        for target in 0..<3 {
            var values: [Float] = [-lead, -lead - 2]
            values.insert(0, at: target)
            var flow = Tensor(shape: [1, 3], values: values)
            let loss = CrossEntropy.gradient(inPlaceOf: &flow, targets: [target], scale: 2)[0]
            #expect(
                loss
                    == CrossEntropy.losses(
                        of: Tensor(shape: [1, 3], values: values), targets: [target])[0])
            // Of the least floats a relative bound says nothing.
            let slack = 4e-7 * rest + 3e-45
            #expect(abs(Double(loss) - log1p(rest)) <= slack, "\(loss)")
            let expected = -2 * rest / (1 + rest)
            #expect(abs(Double(flow.values[target]) - expected) <= 2 * slack, "\(flow.values)")
            #expect(flow.values[target] < 0 && loss > 0)
        }
    }

    @Test func bytesBecomeExactFractions() {
        let bytes: [UInt8] = Array(0...255)
        let pixels = bytes.withUnsafeBytes { Pixels.fromBytes($0, shape: [256]) }
        #expect(pixels.values == bytes.map { Float($0) / 255 })
    }
}
