// What training draws for one image: keyed by seed, purpose, epoch and the image, so that neither the size
// of batches nor their order moves a number.

import Randomness
import Synchronization
import Tensors

/// The draws of one purpose in one epoch.
struct ImageDraws: Sendable {
    private let seed: UInt64
    private let name: String

    /// The draws for a purpose, such as "train/robust/start", in an epoch counted from 0; without one those
    /// that are the same in all.
    init(seed: UInt64, _ purpose: String, epoch: Int?) {
        self.seed = seed
        name = epoch.map { "\(purpose)/\($0)" } ?? purpose
    }

    /// The numbers of the image with this index in the data set.
    func stream(of image: Int) -> Stream {
        Stream(seed: seed, name: name, step: UInt32(truncatingIfNeeded: image))
    }

    /// The images, each moved by what is drawn for it; `epsilon` is that of `move`.
    func moved(
        _ images: Tensor, as indices: [Int], by start: BallWalk.Start, _ epsilon: Float,
        on workers: Workers
    ) -> Tensor {
        let parts = Mutex<[Int: Tensor]>([:])
        let size = 16
        workers.run(tasks: (indices.count + size - 1) / size) { task in
            let rows = task * size..<min((task + 1) * size, indices.count)
            var part = images.rows(rows)
            for (row, place) in rows.enumerated() {
                move(row, of: &part, as: indices[place], by: start, epsilon)
            }
            parts.withLock { [part] in $0[rows.lowerBound] = part }
        }
        var result = images
        for (first, part) in parts.withLock({ $0 }) { result.replaceRows(from: first, with: part) }
        return result
    }

    /// Moves a row of `images` by what is drawn for it: ε·(2u − 1), or deviation·(a normal deviate), for
    /// every pixel in order, the product and the sum rounded to float.
    func move(
        _ row: Int, of images: inout Tensor, as image: Int, by start: BallWalk.Start,
        _ epsilon: Float
    ) {
        var random = stream(of: image)
        let length = images.rowLength
        images.withMutableFloats { pixels in
            let own = UnsafeMutableBufferPointer(
                rebasing: pixels[row * length..<(row + 1) * length])
            switch start {
            case .image: break
            case .uniform, .uniformBeyond:
                for index in own.indices { own[index] += epsilon * (2 * random.uniform() - 1) }
            case .gaussian(let deviation):
                for index in stride(from: 0, to: length, by: 2) {
                    let pair = random.normalPair()
                    own[index] += deviation * Float(pair.0)
                    if index + 1 < length { own[index + 1] += deviation * Float(pair.1) }
                }
            }
        }
    }
}
