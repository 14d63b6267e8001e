// Where methods, data and networks come from: the papers of the methods' cards, data sets with their
// authors and licences.

import AttackCards

/// A paper or a data set, and where to find it.
struct Source: Equatable {
    /// Authors, title and year, and for data its licence.
    let text: String
    /// Where it can be read, an https address.
    let address: String

    /// A paper on arXiv by its number there.
    private static func arXiv(_ number: String, _ text: String) -> Source {
        Source(text: text, address: "https://arxiv.org/abs/\(number)")
    }

    /// The papers behind a method, the method's own first.
    static func papers(of method: String) -> [Source] {
        (AttackCards.named(method)?.papers ?? []).map { paper in
            Source(
                text: "\(paper.authors.joined(separator: ", ")): \(paper.title), \(paper.year)",
                address: paper.link)
        }
    }

    /// A data set, by the beginning of its name; nil for one that is not known here.
    static func data(_ name: String) -> Source? {
        data.first { name.hasPrefix($0.0) }?.1
    }

    /// A network, by the beginning of its architecture's name; nil for one without a paper.
    static func network(_ architecture: String) -> Source? {
        networks.first { architecture.hasPrefix($0.0) }?.1
    }

    private static let data: [(String, Source)] = [
        (
            "mnist",
            Source(
                text:
                    "MNIST: Yann LeCun, Corinna Cortes, Christopher J. C. Burges; under CC BY-SA 3.0. "
                    + "Described in LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to "
                    + "document recognition, 1998",
                address: "https://doi.org/10.1109/5.726791")
        ),
        (
            "fashion-mnist",
            arXiv(
                "1708.07747",
                "Fashion-MNIST: Han Xiao, Kashif Rasul, Roland Vollgraf (Zalando); under the MIT "
                    + "licence. Described in Fashion-MNIST: a Novel Image Dataset for Benchmarking "
                    + "Machine Learning Algorithms, 2017")
        ),
        (
            "imagenet",
            arXiv(
                "1409.0575",
                "ImageNet: the classes of the challenge of 2012. Pictures belong to those who took "
                    + "them and are not part of this project; the names of the classes are those of "
                    + "torchvision. Described in Russakovsky, Deng, Su and others: ImageNet Large Scale "
                    + "Visual Recognition Challenge, 2014")
        ),
    ]

    private static let networks: [(String, Source)] = [
        (
            "vgg",
            arXiv(
                "1409.1556",
                "Simonyan, Zisserman: Very Deep Convolutional Networks for Large-Scale Image "
                    + "Recognition, 2014")
        ),
        (
            "efficientnet",
            arXiv(
                "1905.11946",
                "Tan, Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, "
                    + "2019")
        ),
        (
            "madry",
            arXiv(
                "1706.06083",
                "Madry, Makelov, Schmidt, Tsipras, Vladu: Towards Deep Learning Models Resistant to "
                    + "Adversarial Attacks, 2018")
        ),
    ]
}
