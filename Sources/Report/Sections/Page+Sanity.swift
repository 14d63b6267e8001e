// The checks that any evaluation should pass, each with its verdict and its figures.

extension Page {
    /// The panel; nil without attacks.
    var sanity: Markup? {
        guard !study.attacks.isEmpty else { return nil }
        let checks = SanityCheck.all(study)
        let passed = checks.count { $0.verdict == .passed }
        let failed = checks.count { $0.verdict == .failed }
        return group {
            paragraph {
                "An attack that is too weak makes a network look strong. These checks catch the usual "
                "ways in which that happens. Here \(Numerals.whole(passed)) passed, "
                "\(Numerals.whole(failed)) failed, and the others had nothing to compare."
            }
            tag("ul", ["class": "checks"]) {
                for check in checks {
                    tag("li") {
                        tag("p", ["class": "claim"]) {
                            check.rule
                            " "
                            tag("span", ["class": "check-\(className(check.verdict))"]) {
                                check.verdict.rawValue
                            }
                        }
                        paragraph { check.evidence }
                    }
                }
            }
        }
    }

    private func className(_ verdict: SanityCheck.Verdict) -> String {
        switch verdict {
        case .passed: "passed"
        case .failed: "failed"
        case .notApplicable: "absent"
        }
    }
}
