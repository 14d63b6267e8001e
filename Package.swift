// swift-tools-version: 6.1
// The modules of Mirage, top to bottom: an import may only point down this list.
// `swift build --explicit-target-dependency-import-check error` enforces it.

import PackageDescription

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")

/// A Swift module below `Sources/` and the modules it may import.
func library(_ name: String, path: String? = nil, uses: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: uses, path: "Sources/\(path ?? name)")
}

/// One stage of the pipeline, in one folder below `Sources/Stages/`: what it computes in `Work/`, how it
/// talks in `Stage/`, its program in `Program/`. `uses` are the modules that it computes with,
/// `asks` those that only its talking needs, `talksWith` those that only its program does.
///
/// The module of `Work/` knows the digest of its own sources and of all that it imports, written by
/// the `CodeDigest` plugin, so that a record can tell which code made it. The two others are no part
/// of that, nor is this file but for its compiler flags.
func stage(
    _ name: String, uses modules: [String], asks: [Target.Dependency] = [],
    talksWith: [Target.Dependency] = []
) -> [Target] {
    let uses = (modules + ["StageWork", "Formats", "Faults"])
        .map { Target.Dependency.byName(name: $0) }
    return [
        .target(
            name: "\(name)Work", dependencies: uses, path: "Sources/Stages/\(name)/Work",
            plugins: ["CodeDigest"]),
        .target(
            name: "\(name)Stage",
            dependencies: [.target(name: "\(name)Work"), "StageKit", "Artifacts"] + uses + asks,
            path: "Sources/Stages/\(name)/Stage"),
        .executableTarget(
            name: "stage-\(name.lowercased())",
            dependencies: [.target(name: "\(name)Stage")] + talksWith,
            path: "Sources/Stages/\(name)/Program"),
    ]
}

/// The tests of one module, in a folder of the same name.
func tests(_ name: String, uses: [Target.Dependency] = [], excluding: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + uses, path: "Tests/\(name)",
        exclude: excluding)
}

/// A C library of the system, found through pkg-config.
func system(_ name: String, _ pkgConfig: String, apt: String, brew: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig,
        providers: [.apt([apt]), .brew([brew])])
}

let stages: [[Target]] = [
    stage(
        "Fetch",
        uses: [
            "StageWeights", "StageNetworks", "ONNX", "Networks", "Datasets", "Tensors",
            "Randomness", "Digests",
        ]),
    stage(
        "Fit",
        uses: [
            "StageWeights", "StageNetworks", "Networks", "Datasets", "Tensors", "Randomness",
        ]),
    stage("Train", uses: ["StageWeights", "StageNetworks", "Networks", "Datasets", "Tensors"]),
    stage("Sample", uses: ["Datasets", "Tensors"]),
    stage("Predict", uses: ["StageNetworks", "Networks", "Datasets", "Tensors"]),
    stage(
        "Attack", uses: ["StageNetworks", "Attacks", "Networks", "Datasets", "Tensors", "Tables"],
        talksWith: ["AttackManual", "StageKit"]),
    stage("Transfer", uses: ["StageNetworks", "Networks", "Datasets", "Tensors", "Digests"]),
    stage(
        "Visualize",
        uses: [
            "StudyReading", "Report", "AttackCards", "StageNetworks", "Networks", "Tensors",
            "Digests",
        ]),
    // It asks, as Make does, whether the experiments of its own store are up to date.
    stage(
        "Compare", uses: ["StudyReading", "Report", "AttackCards", "Tensors", "Digests"],
        asks: ["PipelineTool"], talksWith: ["StageRegistry"]),
]

/// The libraries of all stages: `["FetchWork", "FetchStage", …]`.
let stageLibraries = stages.joined().filter { $0.type == .regular }
    .map { Target.Dependency.target(name: $0.name) }

let modules: [Target] = [
    library(
        "StageKit", path: "Stages/Kit",
        uses: ["StageWork", "Artifacts", "Formats", "Tensors", argumentParser]),
    library(
        "StageRegistry", path: "Stages/Registry",
        uses: ["PipelineTool", "StageKit"] + stageLibraries),
    library(
        "PipelineTool", path: "Stages/Tool",
        uses: ["StageKit", "Artifacts", "Formats", "Tables", argumentParser]),
    library(
        "StageWeights", path: "Stages/Weights",
        uses: ["StageWork", "Networks", "Tensors", "Formats"]),
    library(
        "StageNetworks", path: "Stages/Networks",
        uses: ["StageWork", "Networks", "Datasets", "Tensors", "Formats"]),
    library(
        "StudyReading", path: "Stages/Reading",
        uses: ["Report", "Tensors", "Formats", "Faults", "Digests"]),
    .target(
        name: "StageWork", dependencies: ["Digests", "Formats", "Faults", "Tensors"],
        path: "Sources/Stages/Work", exclude: ["README.md"]),
    .target(
        name: "Report", dependencies: ["AttackCards", "Formats", "Tensors"],
        exclude: ["README.md"], plugins: ["EmbedResources"]),
    // The attacks' manual, made from their cards and their facts: `stage-attack --help NAME`, the
    // catalogue. Only the program uses it, so that its words are in no stage's digest.
    library("AttackManual", uses: ["AttackCards", "Attacks", "Artifacts"]),
    // The words about each attack, from the Markdown files in Sources/Attacks/Catalogue.
    .target(name: "AttackCards", plugins: ["EmbedCards"]),
    .target(
        name: "Attacks", dependencies: ["Networks", "Tensors", "Randomness", "Faults"],
        exclude: ["README.md"], plugins: ["EmbedCards"]),
    // Proofs that no input of a ball changes the answer, for the floats that a network computes.
    .target(
        name: "Certificates", dependencies: ["Networks", "Tensors", "Faults"],
        exclude: ["README.md"]),
    .target(
        name: "ONNX", dependencies: ["Networks", "Tensors", "Formats", "Faults", protobuf],
        exclude: ["README.md", "Generated/onnx.proto"]),
    .target(
        name: "Networks", dependencies: ["Tensors", "Randomness", "Faults"],
        exclude: ["README.md"]),
    library("Datasets", uses: ["Tensors", "Randomness", "Formats", "Faults"]),
    .target(
        name: "Artifacts", dependencies: ["Digests", "Formats", "Faults"],
        path: "Sources/Artifacts", exclude: ["Digests", "README.md"]),
    library("Digests", path: "Artifacts/Digests", uses: ["CCrypto"]),
    library("Formats", uses: ["Faults", "CPNG", "CJPEG", "CWebP", "CJSON", "CZlib"]),
    library("Tensors", uses: ["CKernels"]),
    library("Randomness", uses: []),
    library("Tables", uses: []),
    library("Faults", uses: []),
    .target(
        name: "CKernels", exclude: ["README.md"],
        // Optimised in debug builds too; contraction off, so that a·b + c is two roundings
        // everywhere and a fused one is always written as such.
        cSettings: [
            .unsafeFlags(["-O3", "-ffp-contract=off", "-fno-math-errno", "-Wall", "-Wextra"])
        ]),
    system("CPNG", "libpng", apt: "libpng-dev", brew: "libpng"),
    system("CJPEG", "libjpeg", apt: "libjpeg-dev", brew: "jpeg-turbo"),
    system("CWebP", "libwebp", apt: "libwebp-dev", brew: "webp"),
    system("CJSON", "json-c", apt: "libjson-c-dev", brew: "json-c"),
    system("CZlib", "zlib", apt: "zlib1g-dev", brew: "zlib"),
    system("CCrypto", "libcrypto", apt: "libssl-dev", brew: "openssl@3"),
]

let tools: [Target] = [
    library("PluginFiles", path: "Plugins/Files", uses: []),
    .executableTarget(name: "code-digest", dependencies: ["PluginFiles", "CCrypto"]),
    .plugin(
        name: "CodeDigest", capability: .buildTool(), dependencies: ["code-digest"],
        path: "Sources/Plugins/CodeDigest"),
    .executableTarget(name: "embed-texts", dependencies: ["PluginFiles"]),
    .plugin(
        name: "EmbedCards", capability: .buildTool(), dependencies: ["embed-texts"],
        path: "Sources/Plugins/EmbedCards"),
    .plugin(
        name: "EmbedResources", capability: .buildTool(), dependencies: ["embed-texts"],
        path: "Sources/Plugins/EmbedResources"),
    // One look at the whole pipeline for Make: why, plan, verify, lock, gc, dag.
    .executableTarget(name: "pipeline-tool", dependencies: ["PipelineTool", "StageRegistry"]),
    .executableTarget(
        name: "bench",
        dependencies: [
            "StageKit", "Attacks", "ONNX", "Networks", "Datasets", "Tensors", "Randomness",
            "Formats",
            "Faults",
        ]),
]

let testTargets: [Target] = [
    // What tests may leave out on a machine that cannot do it, unless REQUIRE names it.
    .target(name: "Requirements", path: "Tests/Requirements"),
    tests("Faults"),
    tests("Randomness"),
    tests("Tensors", uses: ["Requirements", "CKernels", "Randomness"], excluding: ["Node"]),
    tests("Formats"),
    tests("Tables", uses: ["Formats"]),
    tests("Artifacts", uses: ["Formats"]),
    tests("Datasets", uses: ["Tensors", "Randomness", "Formats"]),
    tests(
        "Networks", uses: ["Requirements", "StageNetworks", "Tensors", "Randomness", "Formats"],
        excluding: ["NodeBits"]),
    tests("ONNX", uses: ["Networks", "Tensors", "Randomness", "Formats", protobuf]),
    tests("Attacks", uses: ["Networks", "Tensors", "Randomness"]),
    tests("Certificates", uses: ["Attacks", "Networks", "Tensors", "Randomness"]),
    tests("AttackCards", uses: ["Attacks", "Networks", "Tensors"]),
    tests(
        "AttackManual",
        uses: ["AttackCards", "Attacks", "AttackStage", "StageKit", "Formats", argumentParser]),
    tests(
        "Report", uses: ["Requirements", "AttackCards", "Formats", "Tensors"],
        excluding: ["Snapshots"]),
    // A pipeline of tiny stages, for the acceptance tests of the kit, the tool and the Makefile.
    .executableTarget(
        name: "toy-pipeline",
        dependencies: ["StageKit", "StageWork", "PipelineTool", "Artifacts", "Formats"],
        path: "Tests/Toys"),
    .testTarget(
        name: "StagesTests",
        dependencies: stageLibraries + [
            "Requirements", "StageRegistry", "StageKit", "StageWork", "StageNetworks",
            "StageWeights",
            "StudyReading",
            "PipelineTool", "toy-pipeline", "code-digest", "Report", "AttackCards", "Attacks",
            "Networks", "Datasets", "Tensors", "Artifacts", "Digests", "Formats", "Faults",
        ],
        path: "Tests/Stages", exclude: ["Resources"]),
    // The report as people use it, in a browser; left out where there is none.
    .testTarget(
        name: "BrowserTests",
        dependencies: ["Requirements", "FetchWork", "Artifacts", "Digests", "Formats"],
        path: "Tests/Browser"),
]

let package = Package(
    name: "mirage",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        // Reads ONNX files; its traits are for things that they do not need.
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0", traits: []),
    ],
    targets: stages.flatMap { $0 } + modules + tools + testTargets,
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17
)
