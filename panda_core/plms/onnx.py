"""A BERT read from an ONNX file, for weights that are published in no other form."""

from pathlib import Path

import torch
from transformers import BertConfig, BertModel

from panda_core.errors import WorkError

_HEADS = 12  # all MiniLMs; the graph holds it only inside its reshapes


def bert_from_onnx(path: Path) -> BertModel:
    """The BERT of a sentence-transformers ONNX file, float32, without a pooler.

    Embeddings, LayerNorms and biases carry their names in the file. The weight of a linear layer is anonymous: it is
    the matrix of the MatMul whose product the Add of the layer's bias reads, and it is stored transposed. Layers,
    hidden, intermediate and vocabulary size follow from the tensors. Raises a `WorkError` where the `onnx` package is
    missing, the file cannot be read, or a parameter of the model is not filled exactly once.
    """
    parameters = _parameters(path)
    try:
        vocabulary, hidden = parameters["embeddings.word_embeddings.weight"].shape
        config = BertConfig(
            vocab_size=vocabulary,
            hidden_size=hidden,
            num_hidden_layers=len({name.split(".")[2] for name in parameters if name.startswith("encoder.layer.")}),
            num_attention_heads=_HEADS,
            intermediate_size=parameters["encoder.layer.0.intermediate.dense.bias"].shape[0],
            max_position_embeddings=parameters["embeddings.position_embeddings.weight"].shape[0],
            type_vocab_size=parameters["embeddings.token_type_embeddings.weight"].shape[0],
            hidden_dropout_prob=0.1,
            attention_probs_dropout_prob=0.1,
            layer_norm_eps=1e-12,
            attn_implementation="sdpa",
        )
    except KeyError as error:
        raise WorkError(f"{path}: this ONNX file is not a BERT: it holds no {error.args[0]}") from None
    model = BertModel(config, add_pooling_layer=False).float()
    needed = dict(model.named_parameters())
    strays = sorted(needed.keys() ^ parameters.keys())
    strays += sorted(n for n in needed.keys() & parameters.keys() if needed[n].shape != parameters[n].shape)
    if strays:
        raise WorkError(f"{path}: the tensors of this file do not fill a BERT: {', '.join(strays[:5])}")
    model.load_state_dict(parameters)
    return model


def _parameters(path: Path) -> dict[str, torch.Tensor]:
    """Parameter name -> tensor, in BERT's own names and layout."""
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError:
        raise WorkError("reading an ONNX file needs the package onnx, which is not here; pip install onnx") from None
    try:
        graph = onnx.load(str(path)).graph
        stored = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    except (DecodeError, OSError, ValueError, TypeError) as error:
        raise WorkError(f"{path}: this is not a whole ONNX file ({error}); reinstall or fetch it again") from None
    found: dict[str, torch.Tensor] = {}

    def fill(name: str, stored_name: str, transposed: bool = False) -> None:
        if name in found:
            raise WorkError(f"{path}: {name} is filled twice; this file is not the expected export")
        tensor = torch.from_numpy(stored[stored_name].copy())
        if tensor.dtype != torch.float32:
            raise WorkError(f"{path}: {name} is stored as {tensor.dtype}; only float32 weights can be read")
        found[name] = tensor.T.contiguous() if transposed else tensor

    for stored_name in stored:
        if not _anonymous(stored_name):
            fill(_bert_name(stored_name), stored_name)
    made_by = {output: node for node in graph.node for output in node.output}
    for node in graph.node:
        biases = [name for name in node.input if name in stored and name.endswith(".bias")]
        if node.op_type != "Add" or len(biases) != 1:
            continue
        [bias] = biases
        product = next(name for name in node.input if name != bias)
        matrices = [name for name in made_by[product].input if name in stored] if product in made_by else []
        if len(matrices) != 1 or made_by[product].op_type != "MatMul":
            raise WorkError(f"{path}: no MatMul weight belongs to {bias}; this file is not the expected export")
        fill(_bert_name(bias).removesuffix("bias") + "weight", matrices[0], transposed=True)
    return found


def _anonymous(stored_name: str) -> bool:
    return stored_name.startswith("onnx::")


def _bert_name(stored_name: str) -> str:
    """The name without what sentence-transformers puts before it, as in `model.0.auto_model.embeddings...`."""
    _, marker, name = stored_name.partition("auto_model.")
    return name if marker else stored_name
