// swift-tools-version: 6.1
// The modules of Mirage, top to bottom: an import may only point down this list.
// `swift build --explicit-target-dependency-import-check error` enforces it.

import PackageDescription

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")

/// A Swift module below `Sources/` and the modules it may import.
func library(_ name: String, path: String? = nil, uses: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: uses, path: "Sources/\(path ?? name)")
}

/// One stage of the pipeline: a library that knows the digest of its own source closure,
/// written by the `CodeDigest` plugin, so that a record can tell which code made it.
func stage(_ name: String, uses: [Target.Dependency]) -> [Target] {
    [
        .target(
            name: "\(name)Stage", dependencies: ["StageKit"] + uses,
            path: "Sources/Stages/\(name)", exclude: ["Program"], plugins: ["CodeDigest"]),
        .executableTarget(
            name: "stage-\(name.lowercased())",
            dependencies: [.target(name: "\(name)Stage"), "StageKit"],
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
        uses: ["StageNetworks", "Networks", "Datasets", "Tensors", "Artifacts", "Formats"]),
    stage(
        "Train",
        uses: [
            "StageNetworks", "Networks", "Datasets", "Tensors", "Randomness", "Artifacts",
            "Formats",
        ]),
    stage("Sample", uses: ["Datasets", "Tensors", "Randomness", "Artifacts", "Formats"]),
    stage(
        "Predict",
        uses: ["StageNetworks", "Networks", "Datasets", "Tensors", "Artifacts", "Formats"]),
    stage(
        "Attack",
        uses: [
            "StageNetworks", "Attacks", "Networks", "Datasets", "Tensors", "Randomness",
            "Artifacts", "Formats",
        ]),
    stage(
        "Transfer",
        uses: ["StageNetworks", "Networks", "Datasets", "Tensors", "Artifacts", "Formats"]),
    stage("Visualize", uses: ["Report", "Tensors", "Artifacts", "Formats", "Faults"]),
]

let modules: [Target] = [
    library(
        "StageKit", path: "Stages/Kit",
        uses: ["Faults", "Artifacts", "Formats", "Tensors", argumentParser]),
    library(
        "StageNetworks", path: "Stages/Networks",
        uses: ["StageKit", "Networks", "Datasets", "Tensors", "Formats"]),
    library(
        "PipelineTool", path: "Stages/Tool",
        uses: ["StageKit", "Artifacts", "Formats", argumentParser]),
    .target(
        name: "Report", dependencies: ["Artifacts", "Formats", "Tensors"],
        resources: [.embedInCode("Resources/style.css"), .embedInCode("Resources/script.js")]),
    library("Attacks", uses: ["Networks", "Tensors", "Randomness", "Faults"]),
    library("Networks", uses: ["Tensors", "Randomness", "Faults"]),
    library("Datasets", uses: ["Tensors", "Randomness", "Formats", "Faults"]),
    library("Artifacts", uses: ["Formats", "Faults", "CCrypto"]),
    library("Formats", uses: ["Faults", "CPNG", "CJPEG", "CJSON", "CZlib"]),
    library("Tensors", uses: ["CKernels"]),
    library("Randomness", uses: []),
    library("Faults", uses: []),
    .target(
        name: "CKernels",
        // Optimised in debug builds too; contraction off, so that a·b + c is two roundings
        // everywhere and a fused one is always written as such.
        cSettings: [
            .unsafeFlags(["-O3", "-ffp-contract=off", "-fno-math-errno", "-Wall", "-Wextra"])
        ]),
    system("CPNG", "libpng", apt: "libpng-dev", brew: "libpng"),
    system("CJPEG", "libjpeg", apt: "libjpeg-dev", brew: "jpeg-turbo"),
    system("CJSON", "json-c", apt: "libjson-c-dev", brew: "json-c"),
    system("CZlib", "zlib", apt: "zlib1g-dev", brew: "zlib"),
    system("CCrypto", "libcrypto", apt: "libssl-dev", brew: "openssl@3"),
]

let tools: [Target] = [
    .executableTarget(name: "code-digest", dependencies: ["CCrypto"]),
    .plugin(
        name: "CodeDigest", capability: .buildTool(), dependencies: ["code-digest"],
        path: "Sources/Plugins/CodeDigest"),
    // One look at the whole pipeline for Make: why, plan, verify, lock, gc, dag.
    .executableTarget(
        name: "pipeline-tool",
        dependencies: [
            "PipelineTool", "StageKit", "FetchStage", "TrainStage", "SampleStage",
            "PredictStage", "AttackStage", "TransferStage", "VisualizeStage",
        ]),
    .executableTarget(
        name: "bench",
        dependencies: [
            "StageKit", "Attacks", "Networks", "Datasets", "Tensors", "Randomness", "Formats",
        ]),
]

let testTargets: [Target] = [
    tests("Faults"),
    tests("Randomness"),
    tests("Tensors", uses: ["CKernels", "Randomness"]),
    tests("Formats"),
    tests("Artifacts", uses: ["Formats"]),
    tests("Datasets", uses: ["Tensors", "Randomness", "Formats"]),
    tests("Networks", uses: ["Tensors", "Randomness"]),
    tests("Attacks", uses: ["Networks", "Tensors", "Randomness"]),
    tests(
        "Report", uses: ["Attacks", "Artifacts", "Formats", "Tensors"], excluding: ["Snapshots"]),
    // A pipeline of five tiny stages, for the acceptance tests of the kit, the tool and the Makefile.
    .executableTarget(
        name: "toy-pipeline",
        dependencies: ["StageKit", "PipelineTool", "Artifacts", "Formats"], path: "Tests/Toys"),
    .testTarget(
        name: "StagesTests",
        dependencies: [
            "StageKit", "StageNetworks", "PipelineTool", "toy-pipeline", "FetchStage", "TrainStage",
            "SampleStage",
            "PredictStage", "AttackStage", "TransferStage", "VisualizeStage",
            "Report", "Attacks", "Networks", "Datasets", "Tensors", "Artifacts", "Formats",
            "Faults",
        ],
        path: "Tests/Stages", exclude: ["Resources"]),
]

let package = Package(
    name: "mirage",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
    ],
    targets: stages.flatMap { $0 } + modules + tools + testTargets,
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17
)
