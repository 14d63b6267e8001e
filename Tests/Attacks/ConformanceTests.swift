// What every attack of the catalogue must keep to, each in every norm that it knows.

import Networks
import Tensors
import Testing

@testable import Attacks

/// One attack in one norm, with settings that make it quick.
struct Case: Sendable, CustomTestStringConvertible {
    let kind: any Attack.Type
    let norm: Norm

    var testDescription: String { "\(kind.name) \(norm.rawValue)" }

    static let all = AttackCatalogue.all.flatMap { kind in
        kind.norms.map { Case(kind: kind, norm: $0) }
    }

    private var settings: [String: SettingDescription.Value] {
        Self.quick["\(kind.name) \(norm.rawValue)"] ?? Self.quick[kind.name] ?? [:]
    }

    /// Settings that differ from the attack's own.
    static let quick: [String: [String: SettingDescription.Value]] = [
        "fgsm": ["search_steps": .integer(20)],
        "noise-sgd": ["step_size": .number(0.5), "max_steps": .integer(100)],
        "pgd": ["steps": .integer(10), "step_size": .number(0.2)],
        "least-epsilon l0": [
            "of": .text("one-pixel"), "bisections": .integer(2), "population": .integer(8),
            "generations": .integer(2),
        ],
        "least-epsilon": ["bisections": .integer(3), "steps": .integer(5)],
        "cw-l2": [
            "searches": .integer(3), "steps": .integer(30), "step_size": .number(0.1),
            "initial_constant": .number(1),
        ],
        "ead": [
            "searches": .integer(3), "steps": .integer(30), "step_size": .number(0.1),
            "initial_constant": .number(10),
        ],
        "apgd-ce": ["steps": .integer(12)],
        "apgd-dlr": ["steps": .integer(12)],
        "apgd-targeted": ["steps": .integer(8)],
        "autoattack": ["steps": .integer(5), "queries": .integer(10), "targets": .integer(2)],
        "fab": ["steps": .integer(8)],
        "fab-targeted": ["steps": .integer(6), "targets": .integer(2)],
        "square": ["queries": .integer(40)],
        "lbfgs": ["searches": .integer(3), "iterations": .integer(12)],
        "hop-skip-jump": [
            "steps": .integer(3), "initial_evaluations": .integer(20), "starts": .integer(20),
        ],
        "boundary": ["steps": .integer(80), "starts": .integer(20)],
        "cw-linf": [
            "steps": .integer(10), "step_size": .number(0.1), "initial_constant": .number(1),
            "largest_constant": .number(4),
        ],
        "cw-l0": [
            "steps": .integer(10), "step_size": .number(0.3), "initial_constant": .number(10),
            "largest_constant": .number(100),
        ],
        "ddn": ["steps": .integer(30)],
        "fmn": ["steps": .integer(30)],
        "universal": ["epochs": .integer(3), "batch_size": .integer(9)],
        "spatial": ["rotations": .integer(5), "translations": .integer(3)],
        "spsa": ["steps": .integer(6), "samples": .integer(20), "step_size": .number(0.05)],
        "one-pixel": ["population": .integer(12), "generations": .integer(4)],
        "salt-and-pepper": ["steps": .integer(10), "repeats": .integer(2)],
        "uniform-noise": ["repeats": .integer(3)],
        "gaussian-noise": ["repeats": .integer(3)],
        "jsma": ["gamma": .number(1)],
    ]

    var attack: any Attack {
        let all = kind.settings { name in
            if case .text(let word) = settings[name] { word } else { nil }
        }
        return kind.init(SettingValues(all, settings))
    }

    func threat(_ goal: Goal? = nil, restarts: Int = 1) -> ThreatModel {
        let epsilons: [Float] =
            switch norm {
            case .linf: [0, 0.05, 0.3]
            case .l2: [0, 0.3, 1.5]
            case .l1: [0, 1, 6]
            case .l0: [0, 2, 9]
            }
        return ThreatModel(
            norm: norm, epsilons: kind.usesEpsilons ? epsilons : [],
            goal: goal ?? (kind.goals == .targeted ? .randomOther : .untargeted), seed: 3,
            restarts: restarts)
    }
}

/// The same network, handing out batches of another size.
struct Rebatched: Classifier {
    let network: Network
    let batch: Int

    var classes: Int { network.classes }
    var imageShape: [Int] { network.imageShape }
    var forwardFLOPs: Int { network.forwardFLOPs }
    var engine: Engine { network.engine }
    func makePass() -> NetworkPass { network.makePass() }
}

@Suite("Every attack")
struct ConformanceTests {
    private let engine = Engine(threads: 2)

    private func attacked(
        _ attack: some Attack, _ threat: ThreatModel, _ classifier: some Classifier, count: Int = 24
    ) throws -> AttackResult {
        let plain = try network(classifier.engine, small)
        let (images, labels) = try samples(count, for: plain)
        return try AttackDriver(threat).run(
            attack, on: classifier, images: images, labels: labels, keys: Array(500..<500 + count))
    }

    /// The record's promises, judged again from the images that are kept.
    @Test(arguments: Case.all)
    func recordsAreTrue(_ item: Case) throws {
        let network = try network(engine, small)
        let count = 60
        let (images, labels) = try samples(count, for: network)
        let threat = item.threat()
        let result = try AttackDriver(threat).run(
            item.attack, on: network, images: images, labels: labels, keys: Array(0..<count))
        var pass = network.makePass()
        let again = try pass.logits(of: result.adversarial).argmaxOfRows()
        var successes = 0
        for place in result.success.indices {
            let row = place % count
            let image = result.adversarial.rows(place..<place + 1)
            let original = images.rows(row..<row + 1)
            #expect(again[place] == result.finalClasses[place])
            #expect(image.values.allSatisfy { (0...1).contains($0) })
            let sizes = engine.distances(from: original, to: image)[0]
            #expect(sizes == result.distances[place])
            if result.success[place] {
                successes += 1
                #expect(again[place] == result.targets[row] ?? again[place])
                #expect(again[place] != labels[row] && result.isEligible[row])
            } else {
                #expect(image.values == original.values)
            }
            if !threat.epsilons.isEmpty {
                let epsilon = Double(threat.epsilons[place / count])
                // What was proposed, failures too, to the last bit.
                #expect(item.norm.size(of: result.proposedDistances[place]) <= epsilon)
                if epsilon == 0 { #expect(result.proposedDistances[place] == Distances()) }
            }
        }
        #expect(successes > 0)
    }

    /// Batches of one, seven and 256, any number of threads and any instruction set.
    @Test(arguments: Case.all)
    func nothingMovesABit(_ item: Case) throws {
        // More than one try where tries are drawn.
        let threat = item.threat(restarts: item.kind.isRandom ? 2 : 1)
        let expected = try attacked(item.attack, threat, network(engine, small))
        func compare(_ classifier: some Classifier, _ what: String) throws {
            let found = try attacked(item.attack, threat, classifier)
            #expect(digest(found.adversarial) == digest(expected.adversarial), "\(what)")
            #expect(found.proposedDistances == expected.proposedDistances, "\(what)")
            #expect(found.efforts == expected.efforts, "\(what)")
            #expect(found.warnings == expected.warnings, "\(what)")
            #expect(found.notes.keys.sorted() == expected.notes.keys.sorted(), "\(what)")
            for (name, values) in expected.notes {
                #expect(
                    found.notes[name]?.map(\.bitPattern) == values.map(\.bitPattern),
                    "\(name), \(what)")
            }
        }
        // All three are changed at once: a bit that depends on any of them differs.
        let sets = InstructionSet.available
        let (batches, threads) = ([1, 7, 256], [1, 8, 3])
        for run in 0..<max(batches.count, sets.count) {
            let (batch, set) = (batches[run % batches.count], sets[run % sets.count])
            let workers = Workers(threads: threads[run % threads.count])
            let other = try #require(Engine(set, workers: workers))
            try compare(
                Rebatched(network: network(other, small), batch: batch),
                "\(set), \(workers.threads) threads, batches of \(batch)")
        }
    }

    /// With each other class as a target in turn, and several tries: every column of the record.
    @Test(arguments: Case.all.filter { $0.kind.goals != .untargeted })
    func noClassDependsOnBatches(_ item: Case) throws {
        let threat = item.threat(.eachOther, restarts: item.kind.isRandom ? 2 : 1)
        let expected = try attacked(item.attack, threat, network(engine, small), count: 12)
        let others = try [
            Rebatched(network: network(Engine(threads: 1), small), batch: 1),
            Rebatched(network: network(Engine(threads: 8), small), batch: 5),
        ]
        for other in others {
            let found = try attacked(item.attack, threat, other, count: 12)
            #expect(digest(found.adversarial) == digest(expected.adversarial))
            #expect(found.eachSuccess == expected.eachSuccess)
            #expect(found.eachDistance.map(\.bitPattern) == expected.eachDistance.map(\.bitPattern))
            #expect(found.efforts == expected.efforts && found.events == expected.events)
            #expect(found.warnings == expected.warnings)
            #expect(
                found.notes.mapValues { $0.map(\.bitPattern) }
                    == expected.notes.mapValues { $0.map(\.bitPattern) })
        }
    }

    /// A sample's result is its own: the same whichever others are there. (One noise for all images
    /// is what a universal perturbation is.)
    @Test(arguments: Case.all.filter { $0.kind.name != UniversalPerturbation.name })
    func companyDoesNotMatter(_ item: Case) throws {
        let network = try network(engine, small)
        let (images, labels) = try samples(24, for: network)
        let keys = Array(500..<524)
        let all = try AttackDriver(item.threat()).run(
            item.attack, on: network, images: images, labels: labels, keys: keys)
        let few = [20, 3, 11, 6]
        let alone = try AttackDriver(item.threat()).run(
            item.attack, on: network, images: images.gather(few), labels: few.map { labels[$0] },
            keys: few.map { keys[$0] })
        for k in 0..<max(1, item.threat().epsilons.count) {
            for (place, row) in few.enumerated() {
                #expect(
                    alone.adversarial.rows(k * 4 + place..<k * 4 + place + 1).values
                        == all.adversarial.rows(k * 24 + row..<k * 24 + row + 1).values)
                #expect(alone.efforts[k * 4 + place] == all.efforts[k * 24 + row])
            }
        }
    }

    @Test(arguments: Case.all.filter { $0.kind.isRandom })
    func moreTriesAreNeverWorse(_ item: Case) throws {
        let network = try network(engine, small)
        let once = try attacked(item.attack, item.threat(), network, count: 60)
        let more = try attacked(item.attack, item.threat(restarts: 3), network, count: 60)
        for place in once.success.indices where once.success[place] {
            #expect(more.success[place])
            if item.threat().epsilons.isEmpty {
                #expect(
                    item.norm.size(of: more.distances[place])
                        <= item.norm.size(of: once.distances[place]))
            }
        }
    }

    /// Towards a class: whatever succeeds is that class.
    @Test(arguments: Case.all.filter { $0.kind.goals != .untargeted })
    func targetsAreTargets(_ item: Case) throws {
        let network = try network(engine, small)
        let result = try attacked(item.attack, item.threat(.randomOther), network, count: 60)
        for place in result.success.indices where result.success[place] {
            #expect(result.finalClasses[place] == result.targets[place % 60])
        }
    }

    /// A network that always gives the same answer: no success, and no crash either.
    @Test(arguments: Case.all)
    func aConstantNetworkIsNotFooled(_ item: Case) throws {
        var parameters = small.initialParameters(seed: 11)
        for (name, value) in parameters {
            var zeros = Tensor(shape: value.shape)
            if name == "fc2.bias" {
                zeros = Tensor(shape: [4], values: [0.5, 0.1, 0.2, 0.1])
            }
            parameters[name] = zeros
        }
        let constant = try Network(small, parameters: parameters, engine: engine)
        let (images, _) = try samples(8, for: try network(engine, small))
        let result = try AttackDriver(item.threat()).run(
            item.attack, on: constant, images: images, labels: Array(repeating: 0, count: 8),
            keys: Array(0..<8))
        #expect(!result.success.contains(true))
        for place in result.success.indices {
            #expect(
                result.adversarial.rows(place..<place + 1).values
                    == images.rows(place % 8..<place % 8 + 1).values)
        }
    }

    @Test(arguments: Case.all)
    func whatIsImpossibleIsRefusedByName(_ item: Case) throws {
        let network = try network(engine, small)
        var wrong = item.threat()
        wrong.epsilons = item.kind.usesEpsilons ? [] : [0.1]
        #expect(throws: AttackFault.self) { try attacked(item.attack, wrong, network) }
        if item.kind.goals == .untargeted {
            #expect(throws: AttackFault.self) {
                try attacked(item.attack, item.threat(.randomOther), network)
            }
        }
        if !item.kind.isRandom {
            #expect(throws: AttackFault.restartsOfNothingRandom(attack: item.kind.name)) {
                try attacked(item.attack, item.threat(restarts: 2), network)
            }
        }
        let images = Tensor(shape: [1, 1, 5, 5], values: Array(repeating: 1.5, count: 25))
        #expect(throws: AttackFault.pixelOutside(value: 1.5, sample: 0)) {
            try AttackDriver(item.threat()).run(
                item.attack, on: network, images: images, labels: [0], keys: [0])
        }
    }

    /// A name twice, or a default outside its range, would only show in a config.
    @Test func theCatalogueIsSound() {
        let names = AttackCatalogue.all.map { $0.name }
        #expect(Set(names).count == names.count)
        for kind in AttackCatalogue.all {
            #expect(!kind.norms.isEmpty && !kind.name.isEmpty)
            let settings = kind.settings { _ in nil }
            #expect(Set(settings.map(\.name)).count == settings.count, "\(kind.name)")
            for setting in settings {
                switch (setting.kind, setting.standard) {
                case (.number(let range), .number(let value)):
                    #expect(range.contains(value), "\(kind.name) \(setting.name)")
                case (.integer(let range), .integer(let value)):
                    #expect(range.contains(value), "\(kind.name) \(setting.name)")
                case (.choice(let words), .text(let word)):
                    #expect(words.contains(word), "\(kind.name) \(setting.name)")
                case (.flag, .flag): break
                default: Issue.record("\(kind.name) \(setting.name): of another kind")
                }
            }
        }
    }
}
