// What a config says of pixels: a mask, and bounds of channels.

import Attacks
import Formats
import StageWork
import Tensors

/// Which pixels an attack may change and how far, and what is recorded of that.
package struct AttackLimits {
    /// For the attack.
    let pixels: PixelLimits
    /// How many values of an image may change, and of how many; nil without a mask.
    let mask: (mayChange: Int, of: Int)?

    /// The role of the file with the mask.
    package static let role = "mask"

    /// The keys of a config that are left out of an artifact where they have no value: what has no limits is
    /// the same to the bit as what was made before there were any.
    static let keys = ["mask", "channel_bounds"]

    /// Reads the mask and the bounds of a config for images of a shape, [C, H, W].
    ///
    /// - Throws: `StageFault`, `FormatFault`.
    init(_ config: any ResolvedConfig, for shape: [Int], _ work: any Workspace) throws {
        let mayChange =
            config.isSet("mask") ? try PixelMask.read(work.open(Self.role), for: shape) : nil
        let bounds =
            config.isSet("channel_bounds")
            ? try Self.bounds(config.structure("channel_bounds"), of: shape[0], in: config.file)
            : nil
        mask = mayChange.map { ($0.count { $0 }, $0.count) }
        pixels = PixelLimits(mayChange: mayChange, bounds: bounds, shape: shape)
    }

    /// The bounds of so many channels.
    ///
    /// - Throws: `StageFault` for anything but a list of as many pairs [low, high] within 0…1, low < high.
    static func bounds(
        _ json: JSON, of channels: Int, in file: String
    ) throws -> [ClosedRange<Float>] {
        func fault(_ message: String) -> StageFault {
            StageFault(
                .badData, "\(file): channel_bounds: \(message)",
                remedy: "give [low, high] for each channel, such as "
                    + "[\((0..<max(1, channels)).map { _ in "[0.1, 0.9]" }.joined(separator: ", "))]"
            )
        }
        guard let list = json.array else { throw fault("expected a list, found an object") }
        guard list.count == channels else {
            throw fault(
                "\(list.count) \(list.count == 1 ? "pair" : "pairs") for images of \(channels) "
                    + (channels == 1 ? "channel" : "channels"))
        }
        return try list.enumerated().map { channel, pair in
            let numbers = (pair.array ?? []).map(\.double)
            guard numbers.count == 2, let low = numbers[0], let high = numbers[1] else {
                throw fault(
                    "channel \(channel): expected two numbers, found \(Shown.start(pair.canonical))"
                )
            }
            guard (0...1).contains(low), (0...1).contains(high) else {
                throw fault("channel \(channel): \(low)…\(high) is not within 0…1")
            }
            guard Float(low) < Float(high) else {
                throw fault("channel \(channel): \(low) is not below \(high)")
            }
            return Float(low)...Float(high)
        }
    }

    /// What an artifact says of them.
    func metadata(_ work: any Workspace) throws -> [String: String] {
        guard let mask else { return [:] }
        let json: JSON = [
            "sha256": .string(try work.digest(of: Self.role).hex),
            "may_change": .integer(Int64(mask.mayChange)), "values": .integer(Int64(mask.of)),
        ]
        return ["mask": json.canonical]
    }

    /// What a record's summary says of them.
    var summary: [String: JSON] {
        guard let mask else { return [:] }
        return [
            "may_change": .integer(Int64(mask.mayChange)), "values": .integer(Int64(mask.of)),
        ]
    }
}
