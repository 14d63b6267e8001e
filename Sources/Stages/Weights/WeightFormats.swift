// Files that people have in the place of weights: what they are called, and how what is in them becomes
// something that we read.

import Formats
import StageWork

extension FileKind {
    /// The refusal of a file of this kind where weights should be.
    func refusalAsWeights(file: String) -> StageFault {
        StageFault(
            .badData, "\(file) is \(rawValue), which holds no weights that are read",
            remedy: conversion)
    }

    /// How to get from a file of this kind to weights that are read.
    var conversion: String {
        let save = "safetensors.numpy.save_file(arrays, \"weights.safetensors\")"
        let names = "under the names and in the shapes of PyTorch's layers"
        return switch self {
        case .torchScript:
            "in PyTorch: torch.save(torch.jit.load(file).state_dict(), \"weights.pth\")"
        case .torchExport:
            "in PyTorch: torch.save(torch.export.load(file).state_dict, \"weights.pth\")"
        case .torchServe, .zip, .gzip, .xz, .zstandard, .bzip2, .sevenZip, .rar, .tar:
            "unpack it, and name the file of weights in it"
        case .onnx:
            "in Python: arrays = {t.name: onnx.numpy_helper.to_array(t) for t in "
                + "onnx.load(file).graph.initializer}; \(save); the names must be those of the "
                + "PyTorch model"
        case .hdf5, .kerasArchive:
            "in Python: take the arrays of keras.models.load_model(file).layers (get_weights()), turn "
                + "kernels from [H, W, in, out] to [out, in, H, W], name them as PyTorch's layers, and "
                + save
        case .savedModel, .frozenGraph, .tensorFlowIndex, .tensorFlowState:
            "in Python: take the arrays of tf.train.load_checkpoint(folder) (get_tensor(name)), turn "
                + "kernels from [H, W, in, out] to [out, in, H, W], name them as PyTorch's layers, and "
                + save
        case .tfLite:
            "convert the model that it was made from: a TensorFlow Lite file is often quantized"
        case .numPy, .numPyArchive:
            "in Python: arrays = dict(numpy.load(file)) \(names), and \(save)"
        case .pickle:
            "where you trust it, load it in Python and save its arrays \(names): \(save)"
        case .gitLFS: "`git lfs pull` fetches the file itself"
        case .html: "the download went to a page instead of the file: look at it in a browser"
        default: "name a PyTorch checkpoint (.pth, .pt) or a safetensors file"
        }
    }
}
