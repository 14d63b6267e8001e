import Tensors
import Networks
import Glibc
func now() -> Double { var t = timespec(); clock_gettime(CLOCK_MONOTONIC, &t); return Double(t.tv_sec) + 1e-9 * Double(t.tv_nsec) }
func load(_ path: String, skip: Int) -> [UInt8] {
    let f = fopen(path, "rb")!; fseek(f, 0, SEEK_END); let n = ftell(f); rewind(f)
    var b = [UInt8](repeating: 0, count: n); fread(&b, 1, n, f); return Array(b[skip...])
}
let img = load("/tmp/mnist/train-images", skip: 16), lab = load("/tmp/mnist/train-labels", skip: 8).map(Int.init)
let timg = load("/tmp/mnist/t10k-images", skip: 16), tlab = load("/tmp/mnist/t10k-labels", skip: 8).map(Int.init)
let images = img.withUnsafeBytes { Pixels.fromBytes($0, shape: [60000, 1, 28, 28]) }
let timages = timg.withUnsafeBytes { Pixels.fromBytes($0, shape: [10000, 1, 28, 28]) }
let a = CommandLine.arguments
let s = TrainingSettings(epochs: Int(a[1])!, batch: Int(a[2])!, learningRate: Float(a[3])!, finalLearningRate: Float(a[4])!, momentum: 0.9, weightDecay: Float(a[5])!, seed: UInt64(a[6])!)
let engine = a.count > 7 ? Engine(InstructionSet(rawValue: a[7])!, workers: Workers(threads: 2))! : Engine()
var t = Trainer(.mlp, settings: s, engine: engine)
let start = now()
for _ in 0..<s.epochs {
    let t0 = now()
    let r = try t.runEpoch(images: images, labels: lab)
    let t1 = now()
    let e = try Network(.mlp, parameters: t.parameters, engine: engine).evaluate(images: timages, labels: tlab)
    print(r.epoch, r.learningRate, r.trainLoss, r.trainAccuracy, e.accuracy, e.loss, t1 - t0, now() - t1)
}
print(now() - start)
import Attacks
let net = try Network(.mlp, parameters: t.parameters, engine: engine)
let sx = timages.rows(0..<5000), sl = Array(tlab[..<5000])
for _ in 0..<2 {
let a0 = now()
let r = try AttackDriver(ThreatModel(norm: .linf, epsilons: [0.1], goal: .untargeted, seed: 1)).run(FastGradientSign(SettingValues(FastGradientSign.settings, ["least_epsilon": .flag(false)])), on: net, images: sx, labels: sl, keys: Array(0..<5000))
print("fgsm", now() - a0, r.success.count { $0 })
let a1 = now()
let r1 = try AttackDriver(ThreatModel(norm: .linf, epsilons: [0.1], goal: .untargeted, seed: 1)).run(FastGradientSign(SettingValues(FastGradientSign.settings)), on: net, images: sx, labels: sl, keys: Array(0..<5000))
print("fgsm+least", now() - a1, r1.notes["least_epsilon"]!.filter { $0.isFinite }.reduce(0, +) / 5000)
let a2 = now()
let r2 = try AttackDriver(ThreatModel(norm: .l2, epsilons: [], goal: .randomOther, seed: 1)).run(OptimisedNoise(SettingValues(OptimisedNoise.settings, ["regularization": .text("l2")])), on: net, images: sx, labels: sl, keys: Array(0..<5000))
print("noise", now() - a2, r2.success.count { $0 }, r2.efforts.map(\.iterations).reduce(0, +) / 5000, r2.isEligible.count { $0 })
}
