// The benchmark's command line; see pipeline/bench/README.md.
//
//     bench [section …]                      our figures beside the peers'
//     bench --ours [name …]                  ours alone, names by their beginnings: for tuning
//     bench --only <name> [--runs <n>]       one measure as JSON, with the peak of the memory
//     bench --network-outputs <folder>       what network_check.py reads
//     bench --onnx <net.onnx> <inputs> <outputs>   what pipeline/checks/onnx.py reads
//     bench --onnx-times <net.onnx> <inputs> <runs>   what onnx_networks.py reads

import Faults
import StageKit
import Tensors

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Our side alone, on the artifacts of an earlier run.
func benchOurs(_ names: [String]) throws {
    let setting = OurMeasure.Setting(
        engine: Engine(threads: Bench.threads), artifacts: Bench.folder, runs: 5)
    for measure in names.isEmpty ? OurMeasure.all : names.flatMap(OurMeasure.named) {
        let timing = try measure.run(setting)
        say(
            "\(measure.name): \(Results.time(timing.best)), median "
                + "\(Results.time(timing.median)), \(Results.megabytes(Double(PeakMemory.bytes)))")
    }
}

/// Measures of one name, for `Bench.ours`.
func benchOnly(_ name: String, runs: Int) throws {
    let setting = OurMeasure.Setting(
        engine: Engine(threads: Bench.threads), artifacts: Bench.folder, runs: runs)
    let measures = OurMeasure.named(name)
    guard !measures.isEmpty else {
        throw CommandFault(
            description: "there is no measure \(name); there are "
                + OurMeasure.all.map(\.name).joined(separator: ", "))
    }
    for measure in measures { try measure.print(setting) }
}

do {
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch (arguments.first, arguments.count) {
    case ("--ours", _):
        try benchOurs(Array(arguments.dropFirst()))
    case ("--only", 2):
        try benchOnly(arguments[1], runs: 5)
    case ("--only", 4) where arguments[2] == "--runs" && Int(arguments[3]) != nil:
        try benchOnly(arguments[1], runs: Int(arguments[3]) ?? 5)
    case ("--network-outputs", 2):
        try NetworkOutputs.write(to: arguments[1], engine: Engine(threads: Bench.threads))
    case ("--onnx", 4):
        try ONNXOutputs.write(
            model: arguments[1], inputs: arguments[2], outputs: arguments[3],
            engine: Engine(threads: Bench.threads))
    case ("--onnx-times", 4) where Int(arguments[3]) != nil:
        try ONNXTimes.print(
            model: arguments[1], inputs: arguments[2], runs: Int(arguments[3]) ?? 5,
            engine: Engine(threads: Bench.threads))
    case (let first?, _) where first.hasPrefix("-"):
        throw CommandFault(
            description: "usage: bench [section …] | --ours [name …] | --only <name> [--runs <n>] "
                + "| --network-outputs <folder> | --onnx <net.onnx> <inputs> <outputs> "
                + "| --onnx-times <net.onnx> <inputs> <runs>")
    default:
        try Bench.run(arguments)
    }
} catch let fault as any Fault {
    Log.complain("bench: \(fault)")
    exit(fault.code.rawValue)
} catch {
    Log.complain("bench: \(error)")
    exit(74)
}
