// What is asked for, and what is proven.

/// How bounds are found.
public enum CertificateMethod: String, CaseIterable, Sendable {
    /// Intervals, layer by layer.
    case ibp
    /// Linear bounds, backward from every layer.
    case crown
}

/// Of which computations a certificate speaks.
public enum CertificateScope: String, CaseIterable, Sendable {
    /// Of the network as this code executes it: these chains, these roundings.
    case executed
    /// Of every order of summation, fused or not, and of the real numbers: of any runtime that keeps the
    /// weights (normalisations folded in) and computes in floats with rounding to nearest.
    case any
}

/// What was proven of one image and one radius.
public struct Certificate: Equatable, Sendable {
    /// Whether no input of the ball is given another class than the label.
    public var isCertified: Bool
    /// A lower bound on the label's logit less the largest other one, over the ball; −∞ where some bound
    /// is not finite.
    public var margin: Double
    /// Of which computations this holds.
    public var scope: CertificateScope

    /// Names a result.
    public init(isCertified: Bool, margin: Double, scope: CertificateScope) {
        (self.isCertified, self.margin, self.scope) = (isCertified, margin, scope)
    }
}
