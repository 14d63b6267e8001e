// The certifier from outside: whom it refuses, that company changes nothing, and the search for radii.

import Attacks
import Networks
import Tensors
import Testing

@testable import Certificates

@Suite("Certifier")
struct CertifierTests {
    private static let wide = Architecture(
        multilayerPerceptron: "wide", imageShape: [1, 5, 5], widths: [25, 30, 20, 4])

    private static func network(_ engine: Engine = engine) throws -> Network {
        try Network(wide, parameters: drawnParameters(wide, seed: 3, scale: 0.4), engine: engine)
    }

    // MARK: Attacks

    /// An attack that succeeds where it may never succeeds where it is proven that it cannot.
    @Test(arguments: CertificateMethod.allCases, [Norm.linf, .l2])
    func noAttackSucceedsInACertifiedBall(_ method: CertificateMethod, _ norm: Norm) throws {
        let network = try Self.network()
        let pictures = images(150, [1, 5, 5])
        var pass = network.makePass()
        let labels = try pass.logits(of: pictures).argmaxOfRows()
        let certifier = try Certifier(network, method: method)
        var (fooled, certified) = (0, 0)
        for factor: Float in [0.001, 0.004, 0.03, 0.15] {
            let epsilon = norm == .linf ? factor : 8 * factor
            let found = try certifier.certificates(
                of: pictures, labels: labels, ball: norm == .linf ? .linf : .l2,
                epsilons: labels.map { _ in epsilon })
            let threat = ThreatModel(
                norm: norm, epsilons: [epsilon], goal: .untargeted, seed: 1, restarts: 3)
            let result = try AttackDriver(threat).run(
                PGD(), on: network, images: pictures, labels: labels,
                keys: Array(labels.indices))
            for (place, certificate) in found.enumerated() {
                #expect(!(certificate.isCertified && result.success[place]))
                certified += certificate.isCertified ? 1 : 0
                fooled += result.success[place] ? 1 : 0
            }
        }
        #expect(certified > 20 && fooled > 5)
    }

    // MARK: Company

    /// The same certificate alone and in a batch, for every instruction set and number of threads.
    @Test(arguments: CertificateMethod.allCases, CertificateScope.allCases)
    func anImageGetsTheSameAlone(_ method: CertificateMethod, _ scope: CertificateScope) throws {
        let pictures = images(9, [1, 5, 5])
        let labels = (0..<9).map { $0 % 4 }
        let epsilons = (0..<9).map { Float($0) * 0.01 }
        var all: [[Certificate]] = []
        for set in InstructionSet.available {
            for threads in [1, 3] {
                let engine = try #require(Engine(set, workers: Workers(threads: threads)))
                let certifier = try Certifier(
                    try Self.network(engine), method: method, scope: scope)
                all.append(
                    try certifier.certificates(
                        of: pictures, labels: labels, ball: .linf, epsilons: epsilons))
            }
        }
        let certifier = try Certifier(try Self.network(), method: method, scope: scope)
        all.append(
            try (0..<9).map {
                try certifier.certificates(
                    of: pictures.rows($0..<$0 + 1), labels: [labels[$0]], ball: .linf,
                    epsilons: [epsilons[$0]])[0]
            })
        for certificates in all { #expect(certificates == all[0]) }
        #expect(all[0].contains { $0.margin.isFinite })
    }

    // MARK: Radii

    @Test(arguments: CertificateMethod.allCases)
    func aRadiusThatIsFoundIsCertified(_ method: CertificateMethod) throws {
        let network = try Self.network()
        let pictures = images(40, [1, 5, 5])
        var pass = network.makePass()
        var labels = try pass.logits(of: pictures).argmaxOfRows()
        labels[0] = (labels[0] + 1) % 4
        let certifier = try Certifier(network, method: method)
        var (reached, between) = (0, 0)
        for ceiling: Float in [0.001, 0.5] {
            let radii = try certifier.radii(
                of: pictures, labels: labels, ball: .linf, ceiling: ceiling, resolution: 1e-4)
            #expect(radii[0] == nil)
            let known = radii.indices.filter { radii[$0] != nil }
            func certified(_ change: (Float) -> Float) throws -> [Bool] {
                try certifier.certificates(
                    of: pictures.gather(known), labels: known.map { labels[$0] }, ball: .linf,
                    epsilons: known.map { change(radii[$0] ?? 0) }
                ).map(\.isCertified)
            }
            #expect(try certified { $0 }.allSatisfy { $0 })
            let beyond = try certified { min($0 + 1e-4, ceiling) }
            for (place, isCertified) in zip(known, beyond) {
                #expect(!isCertified || radii[place] == ceiling)
            }
            reached += known.filter { radii[$0] == ceiling }.count
            between += known.filter { radii[$0] ?? 0 < ceiling && radii[$0] ?? 0 > 0 }.count
        }
        #expect(reached > 0 && between > 0)
    }

    @Test func aSearchEndsWhereNoFloatIsBetween() {
        var search = RadiusSearch(ceiling: 1, resolution: 0x1p-140)
        var tries = 0
        while let next = search.next {
            search.take(next <= 0.3)
            tries += 1
        }
        #expect(search.certified == 0.3 && tries < 60)
        var nothing = RadiusSearch(ceiling: 1, resolution: 0.1)
        nothing.take(false)
        #expect(nothing.next == nil && nothing.certified == nil)
        var all = RadiusSearch(ceiling: 1, resolution: 0.1)
        while all.next != nil { all.take(true) }
        #expect(all.certified == 1)
    }

    // MARK: Refusals

    @Test func aLayerWithoutARuleIsRefusedByName() throws {
        func refusal(
            _ layers: [any Layer], _ method: CertificateMethod,
            _ scope: CertificateScope = .executed
        ) throws -> CertificateFault? {
            let architecture = try Architecture("test", imageShape: [1, 2, 2], layers: layers)
            let network = try Network(
                architecture, parameters: drawnParameters(architecture, seed: 1), engine: engine)
            do {
                _ = try Certifier(network, method: method, scope: scope)
                return nil
            } catch let fault as CertificateFault { return fault }
        }
        func name(_ fault: CertificateFault?) -> String? {
            switch fault {
            case .noRule(let layer, _, _, let known):
                known.contains("dense") && known.contains("conv") ? layer : nil
            case .executedOnly(let layer, _): layer
            default: nil
            }
        }
        let first: [any Layer] = [Linear("a", inputs: 4, outputs: 3)]
        for layer in [
            Softmax("odd"), ELU("odd"), HardSwish("odd"), LeakyReLU("odd", slope: -0.1),
            Multiply("odd", by: "a"), Subtract("odd", by: "a"),
        ] as [any Layer] {
            for method in CertificateMethod.allCases {
                #expect(name(try refusal(first + [layer], method)) == "odd", "\(layer)")
            }
        }
        for layer in [ReLU6("odd"), LeakyReLU("odd", slope: 2), Maximum("odd", with: "a")]
            as [any Layer]
        {
            #expect(try refusal(first + [layer], .ibp) == nil)
            #expect(name(try refusal(first + [layer], .crown)) == "odd")
        }
        for layer in [Sigmoid("odd"), Tanh("odd")] as [any Layer] {
            for method in CertificateMethod.allCases {
                #expect(try refusal(first + [layer], method) == nil)
                #expect(name(try refusal(first + [layer], method, .any)) == "odd")
            }
        }
    }

    @Test func impossibleQuestionsAreRefused() throws {
        let certifier = try Certifier(try Self.network(), method: .ibp)
        let pictures = images(2, [1, 5, 5])
        func fault(
            _ images: Tensor, _ labels: [Int], _ ball: Ball, _ epsilons: [Float]
        ) -> (any Error)? {
            do {
                _ = try certifier.certificates(
                    of: images, labels: labels, ball: ball, epsilons: epsilons)
                return nil
            } catch { return error }
        }
        func certificate(_ fault: (any Error)?) -> CertificateFault? { fault as? CertificateFault }
        #expect(fault(pictures, [0, 1], .linf, [0, 0]) == nil)
        #expect(certificate(fault(pictures, [0, 1], .l1, [0, 0])) == .wrongBall("l1"))
        #expect(
            certificate(fault(pictures, [0, 1], .linf, [0, -1])) == .wrongEpsilon(-1, sample: 1))
        #expect(certificate(fault(pictures, [0, 1], .linf, [.infinity, 0])) != nil)
        #expect(certificate(fault(pictures, [0, 1], .linf, [.nan, 0])) != nil)
        #expect(
            certificate(fault(pictures, [0], .linf, [0, 0]))
                == .wrongCount(images: 2, labels: 1, epsilons: 2))
        #expect(
            fault(pictures, [0, 4], .linf, [0, 0]) as? NetworkFault
                == .wrongLabel(4, sample: 1, classes: 4))
        #expect(fault(images(2, [1, 5, 4]), [0, 1], .linf, [0, 0]) is NetworkFault)
        var bright = pictures
        bright.withMutableFloats { $0[30] = 1.5 }
        #expect(
            certificate(fault(bright, [0, 1], .linf, [0, 0])) == .wrongPixel(1.5, sample: 1))
        bright.withMutableFloats { $0[30] = .nan }
        #expect(certificate(fault(bright, [0, 1], .linf, [0, 0])) != nil)
        #expect(throws: CertificateFault.wrongResolution(0)) {
            _ = try certifier.radii(
                of: pictures, labels: [0, 1], ball: .linf, ceiling: 1, resolution: 0)
        }
        #expect(throws: CertificateFault.wrongEpsilon(-1, sample: 0)) {
            _ = try certifier.radii(
                of: pictures, labels: [0, 1], ball: .linf, ceiling: -1, resolution: 0.1)
        }
        #expect(throws: CertificateFault.wrongCount(images: 2, labels: 3, epsilons: 3)) {
            _ = try certifier.radii(
                of: pictures, labels: [0, 1, 0], ball: .linf, ceiling: 1, resolution: 0.1)
        }
        #expect(
            try certifier.certificates(
                of: images(0, [1, 5, 5]), labels: [], ball: .linf, epsilons: []
            ).isEmpty)
    }
}
