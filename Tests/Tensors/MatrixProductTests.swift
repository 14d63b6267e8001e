import CKernels
import Testing

@testable import Tensors

@Suite("Matrix products")
struct MatrixProductTests {
    /// c with guard values in memory around the tile: nothing outside the result is touched.
    @Test(arguments: InstructionSet.available)
    func tilesKeepToTheirElements(set: InstructionSet) throws {
        let kernels = try #require(set.table)
        let k = 5
        for (isWide, width) in [(true, kernels.nr), (false, kernels.nr_narrow)] {
            for rows in [1, kernels.mr] {
                for columns in [1, width] {
                    let a = numbers([kernels.mr * k], "a").values
                    let b = numbers([width * k], "b").values
                    let stride = width + 3
                    var c = [Float](repeating: 77, count: stride * (kernels.mr + 2) + 1)
                    let bias = numbers([width], "bias").values
                    c.withUnsafeMutableBufferPointer { c in
                        // An odd offset: kernels must not assume alignment.
                        guard let target = c.baseAddress.map({ $0 + stride + 1 }) else { return }
                        let tile = isWide ? kernels.micro_kernel : kernels.micro_kernel_narrow
                        tile?(
                            k, a, b, bias, 0, target, stride, rows, columns, -.infinity, 0.25)
                    }
                    for (place, value) in c.enumerated() {
                        let (i, j) = ((place - 1) / stride - 1, (place - 1) % stride)
                        if place >= stride + 1 && i < rows && j < columns {
                            var chain = bias[j]
                            for p in 0..<k {
                                chain = chain.addingProduct(a[p * kernels.mr + i], b[p * width + j])
                            }
                            chain = min(chain, 0.25)
                            #expect(value.bitPattern == chain.bitPattern, "\(set) \(i) \(j)")
                        } else {
                            #expect(value == 77, "\(set): wrote outside its tile at \(place)")
                        }
                    }
                }
            }
        }
    }

    /// Every m, n and k from 1 to 70 on its own with awkward partners, on every instruction set.
    @Test func allSmallSizesMatchTheScalarChainBitForBit() throws {
        let awkward = [1, 3, 17, 33]
        for size in 1...70 {
            let other = awkward[size % awkward.count]
            for (m, n, k) in [
                (size, other, 7), (other, size, 9), (5, other, size), (size, size, size),
            ] {
                let a = numbers([m, k], "a", seed: UInt64(size))
                let b = numbers([k, n], "b", seed: UInt64(size))
                let bias = numbers([n], "bias", seed: UInt64(size))
                let expected = Engine.multiplyByReference(a, .plain, by: b, .plain, bias: bias).bits
                for engine in engines {
                    var c = Tensor(shape: [0])
                    var scratch = Tensor(shape: [0])
                    engine.multiply(
                        a, by: PackedMatrix(b, .plain, on: engine), bias: bias, into: &c,
                        scratch: &scratch)
                    #expect(c.bits == expected, "\(engine.instructionSet) \(m)×\(k)×\(n)")
                }
            }
        }
    }

    /// Longer than a block of k, more rows than a task, more columns than a task; every form.
    @Test(arguments: [(3, 700, 40), (130, 300, 200), (61, 257, 65)])
    func everyFormMatchesTheScalarChain(m: Int, k: Int, n: Int) {
        for (aForm, bForm) in [
            (Orientation.plain, Orientation.plain), (.plain, .transposed), (.transposed, .plain),
        ] {
            let a = numbers(aForm == .plain ? [m, k] : [k, m], "a")
            let b = numbers(bForm == .plain ? [k, n] : [n, k], "b")
            let expected = Engine.multiplyByReference(a, aForm, by: b, bForm).bits
            for engine in engines where engine.instructionSet != .reference || m * k * n < 200_000 {
                var c = Tensor(shape: [0])
                var scratch = Tensor(shape: [0])
                engine.multiply(
                    a, aForm, by: PackedMatrix(b, bForm, on: engine), into: &c, scratch: &scratch)
                #expect(c.shape == [m, n])
                #expect(c.bits == expected, "\(engine.instructionSet) \(aForm) \(bForm)")
            }
        }
    }

    @Test(arguments: [1, 2, 3, 5, 8])
    func threadsMoveNoBit(threads: Int) throws {
        let (a, b) = (numbers([301, 129], "a"), numbers([129, 210], "b"))
        let expected = Engine.multiplyByReference(a, .plain, by: b, .plain).bits
        let engine = Engine(threads: threads)
        for _ in 0..<20 {
            var c = Tensor(shape: [0])
            var scratch = Tensor(shape: [0])
            engine.multiply(a, by: PackedMatrix(b, .plain, on: engine), into: &c, scratch: &scratch)
            #expect(c.bits == expected)
        }
    }

    @Test func aRowDependsOnItsRowAlone() {
        let (a, b) = (numbers([97, 50], "a"), numbers([50, 33], "b"))
        for engine in engines {
            let packed = PackedMatrix(b, .plain, on: engine)
            var scratch = Tensor(shape: [0])
            var whole = Tensor(shape: [0])
            engine.multiply(a, by: packed, into: &whole, scratch: &scratch)
            for row in [0, 13, 96] {
                var alone = Tensor(shape: [0])
                engine.multiply(a.rows(row..<row + 1), by: packed, into: &alone, scratch: &scratch)
                #expect(alone.bits == whole.rows(row..<row + 1).bits)
            }
        }
    }

    /// Panels belong to the tiles that they were cut for: a matrix packed again by another engine, of
    /// the same shape too, is cut anew.
    @Test func aMatrixMayBePackedAgainByAnotherEngine() {
        let (a, b) = (numbers([9, 30], "a"), numbers([30, 70], "b"))
        let expected = Engine.multiplyByReference(a, .plain, by: b, .plain).bits
        var packed = PackedMatrix()
        for engine in engines + engines.reversed() {
            packed.pack(b, .plain, on: engine)
            var (c, scratch) = (Tensor(shape: [0]), Tensor(shape: [0]))
            engine.multiply(a, by: packed, into: &c, scratch: &scratch)
            #expect(c.bits == expected, "\(engine.instructionSet)")
        }
    }

    @Test func aMatrixOfAnotherEngineIsRefused() async {
        await #expect(processExitsWith: .failure) {
            let packed = PackedMatrix(numbers([30, 70], "b"), .plain, on: engines[0])
            var (c, scratch) = (Tensor(shape: [0]), Tensor(shape: [0]))
            engines[1].multiply(numbers([9, 30], "a"), by: packed, into: &c, scratch: &scratch)
        }
        await #expect(processExitsWith: .failure) {
            var (c, scratch) = (Tensor(shape: [0]), Tensor(shape: [0]))
            engines[1].multiply(
                Tensor(shape: [9, 0]), by: PackedMatrix(), into: &c, scratch: &scratch)
        }
    }

    @Test func emptySidesGiveTheBiasOrNothing() {
        let engine = Engine(threads: 1)
        var c = Tensor(shape: [0])
        var scratch = Tensor(shape: [0])
        let bias = Tensor(shape: [2], values: [3, 4])
        engine.multiply(
            Tensor(shape: [2, 0]), by: PackedMatrix(Tensor(shape: [0, 2]), .plain, on: engine),
            bias: bias, into: &c, scratch: &scratch)
        #expect(c.values == [3, 4, 3, 4])
        engine.multiply(
            Tensor(shape: [0, 5]), .plain,
            by: PackedMatrix(Tensor(shape: [0, 2]), .plain, on: engine), into: &c, scratch: &scratch
        )
        #expect(c.shape == [0, 2])
    }

    @Test func aNotANumberStaysInItsRow() {
        var a = numbers([20, 10], "a")
        a.withMutableFloats { $0[13 * 10 + 4] = .nan }
        let engine = Engine(threads: 2)
        var c = Tensor(shape: [0])
        var scratch = Tensor(shape: [0])
        engine.multiply(
            a, by: PackedMatrix(numbers([10, 6], "b"), .plain, on: engine), into: &c,
            scratch: &scratch)
        for row in 0..<20 {
            #expect(c.rows(row..<row + 1).values.allSatisfy { $0.isNaN } == (row == 13))
        }
    }
}
