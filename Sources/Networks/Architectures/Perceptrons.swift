// Networks without convolutions, for MNIST.

extension Architecture {
    /// LeCun's 784-300-100-10 network with ReLU (266,610 parameters), the original scripts' own.
    public static let mlp = Architecture(
        multilayerPerceptron: "mlp-784-300-100-10", imageShape: [1, 28, 28],
        widths: [784, 300, 100, 10])

    /// Softmax regression, one linear layer (7,850 parameters): Goodfellow, Shlens and Szegedy,
    /// "Explaining and Harnessing Adversarial Examples" (2014), and with weight decay Szegedy's
    /// FC10.
    public static let softmaxRegression = Architecture(
        multilayerPerceptron: "softmax-regression", imageShape: [1, 28, 28], widths: [784, 10])

    /// Szegedy et al., "Intriguing properties of neural networks" (2013), FC100-100-10: sigmoid
    /// units (89,610 parameters).
    ///
    /// The paper calls the units "sigmoid" and gives widths; first weights are PyTorch's here.
    public static let szegedy100 = Architecture(
        multilayerPerceptron: "szegedy-fc100-100-10", imageShape: [1, 28, 28],
        widths: [784, 100, 100, 10], activation: { Sigmoid("sigmoid\($0)") })

    /// FC200-200-10 of the same paper, with sigmoid units (199,210 parameters).
    public static let szegedy200 = Architecture(
        multilayerPerceptron: "szegedy-fc200-200-10", imageShape: [1, 28, 28],
        widths: [784, 200, 200, 10], activation: { Sigmoid("sigmoid\($0)") })

    /// The fully connected network of Moosavi-Dezfooli, Fawzi and Frossard, "DeepFool" (2015),
    /// FC500-150-10 with ReLU (469,160 parameters).
    public static let fc500 = Architecture(
        multilayerPerceptron: "fc500-150-10", imageShape: [1, 28, 28], widths: [784, 500, 150, 10])
}
