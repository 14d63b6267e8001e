// Networks that are made to fool: over the real numbers they are safe, and the floats are not; or floats
// overflow where nobody sees it.

import Networks
import Tensors
import Testing

@testable import Certificates

@Suite("Hostile networks")
struct HostileTests {
    /// h = x + 2²⁴ loses x, and h − 2²⁴ is 0 (or 2): over the reals class 0 has x + δ and class 1 only
    /// x/2, in floats class 0 has δ.
    private func absorbing(_ middle: any Layer, big: Float = 0x1p24) throws -> Network {
        try network(
            [Linear("a", inputs: 1, outputs: 2), middle, Linear("b", inputs: 2, outputs: 2)],
            image: [1, 1, 1],
            [
                "a.weight": tensor([2, 1], [1, 1]), "a.bias": tensor([2], [big, 0]),
                "b.weight": tensor([2, 2], [1, 0, 0, 0.5]), "b.bias": tensor([2], [-big, 0]),
            ])
    }

    @Test(arguments: [Float(0x1p20), 0x1p24, 0x1p26])
    func whatIsSafeOverTheRealsOnlyIsNotCertified(_ big: Float) throws {
        for middle in [ReLU("r"), LeakyReLU("r", slope: 0.5)] as [any Layer] {
            let network = try absorbing(middle, big: big)
            let image = tensor([1, 1, 1, 1], [0x1.8p-6])
            for method in CertificateMethod.allCases {
                for scope in CertificateScope.allCases {
                    let found = try Certifier(network, method: method, scope: scope).certificates(
                        of: image, labels: [0], ball: .linf, epsilons: [0x1p-9])[0]
                    #expect(!found.isCertified, "\(method) \(scope): \(found.margin)")
                }
            }
            // It is misread indeed, everywhere in the ball, though the reals have a margin of x/2.
            let logits = try network.logits(image)[0]
            #expect(logits[0] < logits[1])
        }
    }

    /// The last layer alone is enough: w_y − w_j is a small number over the reals, and both logits are
    /// rounded at 2²⁴.
    @Test func theMergedMarginKnowsWhatEachLogitLoses() throws {
        let network = try network(
            [Linear("a", inputs: 1, outputs: 2)], image: [1, 1, 1],
            ["a.weight": tensor([2, 1], [1, 0.5]), "a.bias": tensor([2], [0x1p24, 0x1p24])])
        let image = tensor([1, 1, 1, 1], [0.75])
        let logits = try network.logits(image)[0]
        #expect(logits[0] == logits[1])
        for scope in CertificateScope.allCases {
            let found = try Certifier(network, method: .crown, scope: scope).certificates(
                of: image, labels: [0], ball: .linf, epsilons: [0.01])[0]
            #expect(!found.isCertified && found.margin <= 0)
        }
    }

    /// A sum of two branches loses x too: 2²⁴ + x − 2²⁴ is 0, and over the reals x.
    @Test func aSumOfBranchesKnowsWhatItLoses() throws {
        let network = try network(
            [
                Linear("a", inputs: 1, outputs: 1), Linear("big", inputs: 1, outputs: 1),
                Residual("add", of: "a"), Linear("b", inputs: 1, outputs: 2),
            ], image: [1, 1, 1],
            [
                "a.weight": tensor([1, 1], [1]), "a.bias": tensor([1], [0]),
                "big.weight": tensor([1, 1], [0]), "big.bias": tensor([1], [0x1p24]),
                "b.weight": tensor([2, 1], [1, 0]), "b.bias": tensor([2], [-0x1p24, 0.25]),
            ])
        let image = tensor([1, 1, 1, 1], [0.75])
        #expect(try network.logits(image) == [[0, 0.25]])
        for method in CertificateMethod.allCases {
            for scope in CertificateScope.allCases {
                let found = try Certifier(network, method: method, scope: scope).certificates(
                    of: image, labels: [0], ball: .linf, epsilons: [0.125])[0]
                #expect(!found.isCertified, "\(method) \(scope): \(found.margin)")
            }
        }
    }

    /// The hidden unit is −∞ for every input and a ReLU makes 0 of it, which looks like a bound.
    @Test func anOverflowBehindAReLUIsNotCertified() throws {
        let network = try network(
            [Linear("a", inputs: 2, outputs: 1), ReLU("r"), Linear("b", inputs: 1, outputs: 2)],
            image: [1, 1, 2],
            [
                "a.weight": tensor([1, 2], [-0x1p127, -0x1p127]), "a.bias": tensor([1], [-0x1p127]),
                "b.weight": tensor([2, 1], [1, 1]), "b.bias": tensor([2], [1, 0]),
            ])
        let image = tensor([1, 1, 1, 2], [1, 1])
        #expect(try network.logits(image) == [[1, 0]])
        for method in CertificateMethod.allCases {
            for scope in CertificateScope.allCases {
                let found = try Certifier(network, method: method, scope: scope).certificates(
                    of: image, labels: [0], ball: .linf, epsilons: [0])[0]
                #expect(found == Certificate(isCertified: false, margin: -.infinity, scope: scope))
            }
        }
    }

    /// A sum that another order takes beyond the floats holds for the executed chain only.
    @Test func whatAnotherOrderOverflowsIsCertifiedForThisOneOnly() throws {
        let network = try network(
            [Linear("a", inputs: 3, outputs: 2)], image: [1, 1, 3],
            [
                "a.weight": tensor([2, 3], [0x1.8p126, -0x1.8p126, 0x1.8p126, 0, 0, 0]),
                "a.bias": tensor([2], [0, 0]),
            ])
        let image = tensor([1, 1, 1, 3], [1, 1, 1])
        for method in CertificateMethod.allCases {
            let found = try CertificateScope.allCases.map { scope in
                try Certifier(network, method: method, scope: scope).certificates(
                    of: image, labels: [0], ball: .linf, epsilons: [0])[0].isCertified
            }
            #expect(found == [true, false])
        }
    }

    /// Comparisons of ends are true only for numbers.
    @Test func aNaNIsNoCertificate() {
        let ends: [(own: Float, other: Float)] = [(.nan, 0), (0, .nan), (.nan, .nan)]
        for (own, other) in ends {
            let logits = Box(
                lower: tensor([1, 2], [own, 0]), upper: tensor([1, 2], [own, other]))
            #expect(!logits.certificate(0, label: 0, in: .executed).isCertified)
        }
        let tie = Box(lower: tensor([1, 2], [1, 1]), upper: tensor([1, 2], [1, 1]))
        #expect(!tie.certificate(0, label: 0, in: .executed).isCertified)
    }
}
