// Reads picture files one at a time, whatever becomes of their pixels: all that cannot be read are named at
// once, and what the files say and we do not follow is counted.

import Formats
import StageWork

/// A picture to be read.
struct PictureFile {
    let name: String
    /// The class of what it shows, where that is known.
    let label: Int?
    /// Opens it when it is its turn.
    let open: () throws -> MappedFile
}

enum PictureReader {
    /// Opens file after file; only one is in memory. `take` decodes it: what that throws of
    /// `FormatFault` is collected, but for what the system refuses.
    /// - Throws: `StageFault` that lists all files that cannot be read.
    static func read(
        _ files: [PictureFile], _ log: any RunLog, _ take: (MappedFile) throws -> Void
    ) throws {
        var remarks: [PictureRemark: Int] = [:]
        var faults: [String] = []
        for (index, file) in files.enumerated() {
            // One picture at a time is open and decoded; what is wrong with others is said as well.
            do {
                let content = try file.open()
                try withExtendedLifetime(content) {
                    try take(content)
                    for remark in PictureRemark.of(content.bytes) {
                        remarks[remark, default: 0] += 1
                    }
                }
            } catch let fault as FormatFault {
                if case .system = fault { throw fault }
                faults.append(fault.description)
            }
            log.progress(done: index + 1, of: files.count, label: "pictures")
        }
        guard faults.isEmpty else { throw PictureFolder.fault(faults, of: files.count) }
        for remark in PictureRemark.allCases {
            guard let count = remarks[remark] else { continue }
            log.report([
                "remark": .string(remark.rawValue), "pictures": .integer(Int64(count)),
                "of": .integer(Int64(files.count)),
            ])
        }
    }
}

extension Picture {
    /// The bytes of [3, H, W] from those of [H, W, 3].
    var planes: [UInt8] {
        let count = width * height
        var planes = [UInt8](repeating: 0, count: 3 * count)
        for pixel in 0..<count {
            for channel in 0..<3 {
                planes[channel * count + pixel] = pixels[3 * pixel + channel]
            }
        }
        return planes
    }
}
