// How many images a network is attacked on: a million weights allow more than a hundred million do.

import Datasets
import Networks
import StageWork
import Tensors

/// Numbers of images for quick attacks and for costly ones, by the work of one forward pass. They depend on
/// the network alone, so that every machine draws the same sample; only the time that is told is
/// measured.
struct Effort {
    /// The settings of one kind of attacks.
    private struct Share {
        let name: String
        let images: Int
        /// Passes that these attacks need for an image, forward and backward counted alike.
        let passes: Double
    }

    private let flops: Int
    private let shares: [Share]

    /// - Parameters:
    ///   - flops: FLOPs of a forward pass over one image.
    ///   - available: How many images there are.
    ///   - config: For each share the most images, the least, the FLOPs of a pass over all of them, and
    ///     the passes that its attacks need.
    /// - Throws: What `config` throws.
    init(_ flops: Int, of available: Int, _ config: any ResolvedConfig) throws {
        self.flops = flops
        shares = try ["quick", "costly"].map { name in
            let most = try min(max(1, available), config.integer("\(name)_images"))
            let least = try config.integer("\(name)_least")
            let work = try config.number("\(name)_flops")
            let fitting = Int(min(work / Double(max(1, flops)), Double(most)))
            return Share(
                name: name, images: max(min(least, most), fitting),
                passes: try config.number("\(name)_passes"))
        }
    }

    /// "quick_images" and "costly_images" for the metadata of the model.
    var metadata: [String: String] {
        Dictionary(uniqueKeysWithValues: shares.map { ("\($0.name)_images", "\($0.images)") })
    }

    /// Images a second in a forward pass, from as many as the passes of all threads handle best.
    static func speed(of network: Network, on images: Tensor) throws -> Double {
        let clock = ContinuousClock()
        let count = min(images.rowCount, network.batch * network.engine.workers.threads)
        guard count > 0 else { return 0 }
        _ = try network.answers(to: images.rows(0..<1))
        let start = clock.now
        _ = try network.answers(to: images.rows(0..<count))
        let time = (clock.now - start) / .seconds(1)
        return Double(count) / max(time, 1e-6)
    }

    /// What a run will take, for people.
    func words(speed: Double) -> String {
        let seconds = shares.reduce(0) { $0 + Double($1.images) * $1.passes } / max(speed, 1e-9)
        let counts = shares.map { "\($0.images) images for \($0.name) attacks" }
        return "\(Self.flops(flops)) a pass: " + counts.joined(separator: ", ")
            + "; on this machine, as busy as it is now, all of them take about "
            + "\(Self.time(seconds)), and less where the network is easily fooled"
    }

    private static func flops(_ flops: Int) -> String {
        let (number, unit) =
            flops >= 1_000_000_000
            ? (Double(flops) / 1e9, "GFLOPs") : (Double(flops) / 1e6, "MFLOPs")
        return "\(Double(Int(number * 10)) / 10) \(unit)"
    }

    private static func time(_ seconds: Double) -> String {
        switch seconds {
        case ..<90: "\(max(1, Int(seconds.rounded()))) s"
        case ..<5400: "\(Int((seconds / 60).rounded())) min"
        default: "\(Int((seconds / 360).rounded()) / 10) h"
        }
    }
}
