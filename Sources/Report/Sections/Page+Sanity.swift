// The checks that any evaluation should pass, each with how it went and its figures.

extension Page {
    /// The panel; nil without attacks.
    var sanity: Markup? {
        guard !study.attacks.isEmpty else { return nil }
        let checks = SanityCheck.all(study)
        let passed = checks.count { $0.status == .passed }
        let failed = checks.count { $0.status == .failed }
        let absent = checks.count - passed - failed
        return group {
            paragraph {
                "An attack that is too weak makes a network look strong. These checks catch the usual "
                "ways in which that happens. Here \(Numerals.whole(passed)) passed and "
                "\(Numerals.whole(failed)) failed"
                absent > 0 ? "; \(Numerals.whole(absent)) had nothing to judge by." : "."
            }
            tag("ul", ["class": "checks"]) {
                for check in checks {
                    tag("li") {
                        tag("p", ["class": "claim"]) {
                            check.rule
                            " "
                            tag("span", ["class": "check-\(className(check.status))"]) {
                                check.status.rawValue
                            }
                        }
                        paragraph { check.evidence }
                    }
                }
            }
            paragraph { SanityCheck.note }
        }
    }

    private func className(_ status: SanityCheck.Status) -> String {
        switch status {
        case .passed: "passed"
        case .failed: "failed"
        case .notApplicable: "absent"
        }
    }
}
