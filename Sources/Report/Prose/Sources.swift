// Where methods and data come from: papers by method, data sets with their authors and licences.

/// A paper or a data set, and where to find it.
struct Source: Equatable {
    /// Authors, title and year, and for data its licence.
    let text: String
    /// Its address.
    let address: String

    /// A paper on arXiv by its number there.
    private static func arXiv(_ number: String, _ text: String) -> Source {
        Source(text: text, address: "https://arxiv.org/abs/\(number)")
    }

    /// The papers behind a method, the method's own first.
    static func papers(of method: String) -> [Source] { byMethod[method] ?? [] }

    /// A data set, by the beginning of its name; nil for one that is not known here.
    static func data(_ name: String) -> Source? {
        data.first { name.hasPrefix($0.0) }?.1
    }

    /// A network, by the beginning of its architecture's name; nil for one without a paper.
    static func network(_ architecture: String) -> Source? {
        networks.first { architecture.hasPrefix($0.0) }?.1
    }

    private static let goodfellow = arXiv(
        "1412.6572",
        "Goodfellow, Shlens, Szegedy: Explaining and Harnessing Adversarial Examples, 2014")
    private static let szegedy = arXiv(
        "1312.6199",
        "Szegedy, Zaremba, Sutskever, Bruna, Erhan, Goodfellow, Fergus: Intriguing properties of "
            + "neural networks, 2013")
    private static let madry = arXiv(
        "1706.06083",
        "Madry, Makelov, Schmidt, Tsipras, Vladu: Towards Deep Learning Models Resistant to "
            + "Adversarial Attacks, 2018")
    private static let autoAttack = arXiv(
        "2003.01690",
        "Croce, Hein: Reliable evaluation of adversarial robustness with an ensemble of diverse "
            + "parameter-free attacks, 2020")
    private static let boundary = arXiv(
        "1907.02044",
        "Croce, Hein: Minimally distorted Adversarial Examples with a Fast Adaptive Boundary "
            + "Attack, 2020")
    private static let square = arXiv(
        "1912.00049",
        "Andriushchenko, Croce, Flammarion, Hein: Square Attack: a query-efficient black-box "
            + "adversarial attack via random search, 2020")
    private static let carlini = arXiv(
        "1608.04644",
        "Carlini, Wagner: Towards Evaluating the Robustness of Neural Networks, 2017")
    private static let kurakin = arXiv(
        "1607.02533",
        "Kurakin, Goodfellow, Bengio: Adversarial examples in the physical world, 2017")

    private static let byMethod: [String: [Source]] = [
        "fgsm": [goodfellow],
        "fgm": [
            arXiv(
                "1611.01236",
                "Kurakin, Goodfellow, Bengio: Adversarial Machine Learning at Scale, 2017"),
            goodfellow,
        ],
        "r-fgsm": [
            arXiv(
                "2001.03994",
                "Wong, Rice, Kolter: Fast is better than free: Revisiting adversarial training, 2020"
            ),
            arXiv(
                "1705.07204",
                "Tramèr, Kurakin, Papernot, Goodfellow, Boneh, McDaniel: Ensemble Adversarial "
                    + "Training: Attacks and Defenses, 2018"),
        ],
        "bim": [kurakin], "pgd": [madry],
        "mi-fgsm": [
            arXiv(
                "1710.06081",
                "Dong, Liao, Pang, Su, Zhu, Hu, Li: Boosting Adversarial Attacks with Momentum, 2018"
            )
        ],
        "ni-fgsm": [
            arXiv(
                "1908.06281",
                "Lin, Song, He, Wang, Hopcroft: Nesterov Accelerated Gradient and Scale Invariance "
                    + "for Adversarial Attacks, 2020")
        ],
        "di-fgsm": [
            arXiv(
                "1803.06978",
                "Xie, Zhang, Zhou, Bai, Wang, Ren, Yuille: Improving Transferability of Adversarial "
                    + "Examples with Input Diversity, 2019")
        ],
        "ti-fgsm": [
            arXiv(
                "1904.02884",
                "Dong, Pang, Su, Zhu: Evading Defenses to Transferable Adversarial Examples by "
                    + "Translation-Invariant Attacks, 2019")
        ],
        "apgd-ce": [autoAttack], "apgd-dlr": [autoAttack], "apgd-targeted": [autoAttack],
        "autoattack": [autoAttack, boundary, square], "fab": [boundary],
        "fab-targeted": [boundary], "square": [square], "lbfgs": [szegedy],
        "noise-sgd": [szegedy], "gaussian-noise": [szegedy], "cw-l2": [carlini],
        "cw-l0": [carlini], "cw-linf": [carlini],
        "ead": [
            arXiv(
                "1709.04114",
                "Chen, Sharma, Zhang, Yi, Hsieh: EAD: Elastic-Net Attacks to Deep Neural Networks via "
                    + "Adversarial Examples, 2018")
        ],
        "deepfool": [
            arXiv(
                "1511.04599",
                "Moosavi-Dezfooli, Fawzi, Frossard: DeepFool: a simple and accurate method to fool "
                    + "deep neural networks, 2016")
        ],
        "jsma": [
            arXiv(
                "1511.07528",
                "Papernot, McDaniel, Jha, Fredrikson, Celik, Swami: The Limitations of Deep Learning "
                    + "in Adversarial Settings, 2016")
        ],
        "ddn": [
            arXiv(
                "1811.09600",
                "Rony, Hafemann, Oliveira, Ben Ayed, Sabourin, Granger: Decoupling Direction and Norm "
                    + "for Efficient Gradient-Based L2 Adversarial Attacks, 2019")
        ],
        "fmn": [
            arXiv(
                "2102.12827",
                "Pintor, Roli, Brendel, Biggio: Fast Minimum-norm Adversarial Attacks through "
                    + "Adaptive Norm Constraints, 2021")
        ],
        "hop-skip-jump": [
            arXiv(
                "1904.02144",
                "Chen, Jordan, Wainwright: HopSkipJumpAttack: A Query-Efficient Decision-Based "
                    + "Attack, 2020")
        ],
        "boundary": [
            arXiv(
                "1712.04248",
                "Brendel, Rauber, Bethge: Decision-Based Adversarial Attacks: Reliable Attacks "
                    + "Against Black-Box Machine Learning Models, 2018")
        ],
        "one-pixel": [
            arXiv(
                "1710.08864",
                "Su, Vargas, Sakurai: One Pixel Attack for Fooling Deep Neural Networks, 2019")
        ],
        "spsa": [
            arXiv(
                "1802.05666",
                "Uesato, O’Donoghue, van den Oord, Kohli: Adversarial Risk and the Dangers of "
                    + "Evaluating Against Weak Attacks, 2018")
        ],
        "spatial": [
            arXiv(
                "1712.02779",
                "Engstrom, Tran, Tsipras, Schmidt, Madry: Exploring the Landscape of Spatial "
                    + "Robustness, 2019")
        ],
        "universal": [
            arXiv(
                "1610.08401",
                "Moosavi-Dezfooli, Fawzi, Fawzi, Frossard: Universal adversarial perturbations, 2017"
            ),
            arXiv(
                "1811.11304",
                "Shafahi, Najibi, Xu, Dickerson, Davis, Goldstein: Universal Adversarial Training, 2020"
            ),
        ],
    ]

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
        ("madry", madry),
    ]
}
