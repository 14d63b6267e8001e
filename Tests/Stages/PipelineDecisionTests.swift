// What `make plan` says of a node is what its stage then does: both ask `Stage.state(of:)`.

import Testing

@Suite struct PipelineDecisionTests {
    /// What happens to a pipeline that is up to date, as a shell command, and whether anything is stale
    /// then.
    private static let events: [(name: String, command: String, isStale: Bool)] = [
        ("nothing", "true", false),
        ("touched", "touch data/toy.txt pipeline/mnist/*.json", false),
        ("a value", #"echo '{"learning_rate": 0.7}' > pipeline/mnist/train-mlp.json"#, true),
        ("another input", "echo more >> data/toy.txt", true),
        ("a name", "rm artifacts/model/mlp.safetensors", true),
        ("all names", "rm -r artifacts/[a-z]*/*.safetensors", true),
        ("a record", "rm artifacts/records/attack-a.json", true),
        ("a damaged record", "echo >> artifacts/records/attack-a.json", true),
        ("another record", "sed -i s/0.2/0.3/ artifacts/records/attack-a.json", true),
        ("a lost object", "rm -f $(realpath artifacts/attack/a.safetensors)", true),
        (
            "a damaged object",
            "f=$(realpath artifacts/model/mlp.safetensors); chmod u+w $f; echo >> $f", true
        ),
        ("the page", "rm artifacts/report.html", true),
        ("the page's object", "rm -f artifacts/objects/*/*.html", true),
        ("page and object", "rm -f artifacts/objects/*/*.html artifacts/report.html", true),
        ("keys", "rm -r artifacts/.keys", false),
        ("keys and records", "rm -r artifacts/.keys artifacts/records", true),
    ]

    @Test(arguments: events.indices) func theRunnerDoesWhatThePlanSays(_ index: Int) throws {
        let event = Self.events[index]
        let ground = try Playground()
        _ = try ground.built()
        #expect(try ground.shell(event.command).status == 0, "\(event.name)")
        var words: Set<String> = []
        for node in ["fetch-toy", "train-mlp", "sample-5k", "attack-a", "attack-b", "visualize"] {
            // Makers first: what a node reads is settled when its own plan is asked for.
            let plan = try ground.make("plan").output
            let line = plan.split(separator: "\n").first { $0.hasPrefix("\(node): ") }
            let stage = node.prefix { $0 != "-" }
            let outcome = try ground.shell(
                "bin/stage-\(stage) --config pipeline/mnist/\(node).json")
            let done = ["unchanged", "restored", "ran"].filter {
                outcome.says("\(node): \($0)")
            }
            let planned: [Substring: String] = [
                "nothing to do": "unchanged", "would be restored from the store": "restored",
                "would be run": "ran",
            ]
            let said = line.flatMap { planned[$0.dropFirst(node.count + 2)] }
            #expect(
                said.map { [$0] } == done,
                "\(event.name), \(node): \(line ?? "no plan"), then \(outcome.output)")
            words.formUnion(done)
        }
        #expect((words != ["unchanged"]) == event.isStale, "\(event.name): \(words)")
    }
}
