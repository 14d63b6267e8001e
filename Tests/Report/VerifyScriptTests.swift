// How "Verify in this browser" adds up.

import Testing

@testable import Report

@Suite struct VerifyScriptTests {
    /// The sum of all attacks, and which of them lack results.
    @Test func theLastLineIsTheSum() throws {
        let body = """
            const outcome = (title, all, equal, differing = 0) => ({ title, all, equal, differing });
            return [
                [outcome("FGSM", 900, 900), outcome("PGD", 490, 490)],
                [outcome("FGSM", 900, 20, 1), outcome("PGD", 490, 490)],
                [outcome("FGSM", 900, 900), outcome("PGD", 1, 0), outcome("DeepFool", 3, 2, 1)],
                [outcome("FGSM", 10, 0), outcome("PGD", 20, 0)], [],
            ].map(Mirage.verify.summary);
            """
        let found = try NodeScripts.answer(["numerals", "verify"], body, as: [String].self)
        #expect(
            found == nil
                || found == [
                    "Altogether 1,390 of 1,390 equal.",
                    "Altogether 510 of 1,390 equal; 1 differs (FGSM); 879 were not computed (FGSM).",
                    "Altogether 902 of 904 equal; 1 differs (DeepFool); 1 was not computed (PGD).",
                    "Altogether 0 of 30 equal; 30 were not computed (FGSM; PGD).",
                    "Altogether 0 of 0 equal.",
                ])
    }
}
