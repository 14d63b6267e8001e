// The attacks that a config may name.

/// All of them. A new attack is a file of its own, a card beside it, and a line here.
public enum AttackCatalogue {
    /// In the order of the manual: by budget, from one step to many, then the search for the least.
    public static let all: [any Attack.Type] = [
        FGSM.self,
        FGM.self,
        RFGSM.self,
        BIM.self,
        PGD.self,
        MIFGSM.self,
        NIFGSM.self,
        DIFGSM.self,
        TIFGSM.self,
        NoiseSGD.self,
        APGDCE.self,
        APGDDLR.self,
        APGDTargeted.self,
        AutoAttack.self,
        LBFGS.self,
        CarliniWagnerL2.self,
        CarliniWagnerLinf.self,
        CarliniWagnerL0.self,
        EAD.self,
        DeepFool.self,
        DDN.self,
        FMN.self,
        FAB.self,
        TargetedFAB.self,
        JSMA.self,
        Square.self,
        HopSkipJump.self,
        Boundary.self,
        UniformNoise.self,
        GaussianNoise.self,
        SaltAndPepper.self,
        LeastEpsilon.self,
        UniversalPerturbation.self,
        SpatialTransformation.self,
        SPSA.self,
        OnePixel.self,
    ]

    /// The attack of that name.
    ///
    /// - Throws: `AttackFault.unknownAttack`.
    public static func named(_ name: String) throws -> any Attack.Type {
        guard let found = all.first(where: { $0.name == name }) else {
            throw AttackFault.unknownAttack(name, known: all.map { $0.name })
        }
        return found
    }
}
