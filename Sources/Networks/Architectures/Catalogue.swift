// Every architecture that a config may name.

extension Architecture {
    /// All of them. A new one is a few lines of layers and its name here.
    public static let all = [
        mlp, softmaxRegression, szegedy100, szegedy200, fc500, lenet5, madry, carliniWagner, wong,
        vgg16, vgg16Dropout, efficientNetLite0, efficientNetLite1, efficientNetLite2,
    ]

    /// The architecture of that name.
    ///
    /// - Throws: `NetworkFault.unknownArchitecture`.
    public static func named(_ name: String) throws -> Architecture {
        guard let found = all.first(where: { $0.name == name }) else {
            throw NetworkFault.unknownArchitecture(name, known: all.map(\.name))
        }
        return found
    }
}
