// What the page’s scripts make of the networks that it carries.

import Testing

@testable import Report

@Suite struct CarriedScriptTests {
    private static let network = [
        "arithmetic", "streams", "ball", "projections", "safetensors", "products", "functions",
        "pointwise", "maps", "forms", "windows", "kinds", "layers", "carried",
    ]

    /// A network with a layer that the page does not know counts as one that it does not carry, and says why.
    @Test func aNetworkOfUnknownLayersIsLeftOut() throws {
        let body = """
            const dense = { dense: 3 };
            const described = (name, layers, more = {}) =>
                ({ name, layers, image: [1, 4, 4], isEmbedded: true, why: null, ...more });
            return Mirage.carried.runnable([
                described("known", [dense]), described("odd", [{ attention: 8 }, dense]),
                described("broken", [{ get dense() { throw new TypeError(); } }]),
                described("big", [dense], { isEmbedded: false, why: "It is big." }),
            ]).map(({ isEmbedded, why }) => `${isEmbedded} ${why}`);
            """
        let found = try NodeScripts.answer(Self.network, body, as: [String].self)
        #expect(
            found == nil
                || found == [
                    "true null",
                    "false This network cannot run in the page: the page does not know layer 1, attention.",
                    "false This network cannot run in the page: its description is damaged.",
                    "false It is big.",
                ])
    }
}
