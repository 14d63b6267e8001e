// What the scripts compute with, as blocks of data: `mirage-data` is JSON that names networks, images,
// attacks and stored results; their bytes stand in blocks of base64 beside it.

import Formats

extension Page {
    /// The blocks; nothing where the page takes no network along.
    var liveData: Markup {
        guard let live = carried else { return .nothing }
        return group {
            Markup.data("mirage-data", description(of: live))
            for (network, why) in live.networks where why == nil {
                Markup.data("mirage-weights-\(network.name)", network.file)
            }
            Markup.data(
                "mirage-images",
                live.images.flatMap { image -> [UInt8] in
                    let originals = image.attack.originals
                    return live.areBytes
                        ? originals.bytes(of: image.position) ?? []
                        : originals.littleEndianBytes(of: image.position)
                })
            for attack in live.attacks {
                Markup.data("mirage-stored-\(attack.name)", results(of: attack, live))
            }
        }
    }

    private func description(of live: LiveContents) -> JSON {
        let shape = live.images.first?.attack.originals.shape.dropFirst() ?? []
        return [
            "experiment": .string(study.experiment), "isMain": .bool(study.isMain),
            "classes": .array(study.classes.map(JSON.string)),
            "networks": .array(
                live.networks.map { network, why in
                    [
                        "name": .string(network.name), "file": .string(network.artifact),
                        "sha256": .string(network.digest),
                        "image": whole(network.imageShape), "layers": network.layers,
                        "parameters": .integer(Int64(network.parameters)),
                        "isEmbedded": .bool(why == nil), "why": why.map(JSON.string) ?? .null,
                    ]
                }),
            "images": [
                "sample": .string(live.images.first?.attack.sample ?? ""),
                "shape": whole([live.images.count] + shape),
                "format": live.areBytes ? "u8" : "f32",
                "index": whole(live.images.map(\.index)), "label": whole(live.images.map(\.label)),
            ],
            "attacks": .array(live.attacks.map(description(of:))),
            "stored": .array(
                live.attacks.map { attack in
                    [
                        "attack": .string(attack.name),
                        "images": whole(live.compared(attack).map(\.image)),
                    ]
                }),
        ]
    }

    private func description(of attack: AttackRun) -> JSON {
        return [
            "name": .string(attack.name), "title": .string(AttackText(attack).short),
            "method": .string(attack.method), "model": .string(attack.model),
            "sample": .string(attack.sample), "norm": .string(attack.norm),
            "goal": .string(attack.goal),
            "epsilons": .array(attack.levels.compactMap { $0.epsilon.map(JSON.number) }),
            "config": attack.resolved, "sha256": .string(study.artifact(of: attack)?.digest ?? ""),
        ]
    }

    private func whole(_ numbers: some Sequence<Int>) -> JSON {
        .array(numbers.map { .integer(Int64($0)) })
    }

    /// Seven words of four bytes for each level and image: success (1) and survival of rounding (2), the
    /// class, the bits of confidence, L∞ and L₂, the iterations, and CRC-32 of the stored image's floats.
    private func results(of attack: AttackRun, _ live: LiveContents) -> [UInt8] {
        let compared = live.compared(attack)
        return attack.levels.flatMap { level in
            compared.flatMap { _, position -> [UInt8] in
                let outcome = level.outcomes[position]
                let flags = UInt32(outcome.isSuccess ? 1 : 0) + (outcome.survivesRounding ? 2 : 0)
                let words = [
                    flags, UInt32(truncatingIfNeeded: outcome.answer),
                    outcome.confidence.bitPattern, outcome.linf.bitPattern,
                    outcome.l2.bitPattern, UInt32(truncatingIfNeeded: outcome.iterations),
                    Checksums.crc32(level.images.littleEndianBytes(of: position)),
                ]
                return words.flatMap(\.littleEndianBytes)
            }
        }
    }
}
