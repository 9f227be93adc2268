"""`minilm-l3`: the BERT read from an ONNX file, against onnxruntime on the same file."""

import shutil
import sys
from dataclasses import replace

import pytest
import torch

from panda_core.errors import WorkError
from panda_core.plms import PLMS
from panda_core.plms.loading import load_plm, package_folder
from panda_core.plms.onnx import bert_from_onnx

ENTRY = PLMS["minilm-l3"]
pytestmark = pytest.mark.skipif(not ENTRY.package.installed, reason="the weights of minilm-l3 are an extra")

SENTENCES = [
    "Short.",
    "The treaty was signed in 1887, although nobody in the room had read it in full.",
    "Is a panda a bear?",
    "words " * 60,
]


@pytest.fixture(scope="module")
def weights():
    return package_folder(ENTRY) / ENTRY.package.path


@pytest.fixture(scope="module")
def plm():
    return load_plm("minilm-l3", device="cpu")


@pytest.fixture(scope="module")
def graph(weights):
    """The ONNX file as the `onnx` package reads it."""
    onnx = pytest.importorskip("onnx")
    return onnx.load(str(weights))


def _written(graph, path, change):
    """The path of a copy of the graph after `change`."""
    import onnx

    copy = type(graph)()
    copy.CopyFrom(graph)
    change(copy.graph)
    onnx.save(copy, str(path))
    return path


def _node(graph, output):
    """The node that makes `output`."""
    [node] = [node for node in graph.node if node.output[0].endswith(output)]
    return node


def test_hidden_states_and_mean_are_those_of_onnxruntime(weights, plm):
    onnxruntime = pytest.importorskip("onnxruntime")
    batch = plm.tokenizer(SENTENCES, return_tensors="pt", padding=True)
    assert (batch.attention_mask == 0).any()
    session = onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])
    outputs = session.run(
        None, {"input_ids": batch.input_ids.numpy(), "attention_mask": batch.attention_mask.numpy()}
    )
    [expected] = [torch.from_numpy(output) for output in outputs if output.ndim == 3]
    [expected_mean] = [torch.from_numpy(output) for output in outputs if output.shape == (len(SENTENCES), 384)]
    hidden = plm.encode(batch.input_ids, batch.attention_mask)
    real = batch.attention_mask.bool()
    torch.testing.assert_close(hidden[real], expected[real], atol=1e-5, rtol=0)
    torch.testing.assert_close(plm.represent(hidden, batch.attention_mask), expected_mean, atol=1e-5, rtol=0)


def test_loads_by_name_frozen_in_float32_and_with_its_provenance(plm):
    config = plm.model.config
    assert (config.num_hidden_layers, config.hidden_size, config.intermediate_size) == (3, 384, 1536)
    assert (config.vocab_size, config.max_position_embeddings, config.layer_norm_eps) == (30522, 512, 1e-12)
    assert plm.model.pooler is None and plm.representation == "mean"
    assert plm.prefix_width == 2 * 3 * 384
    assert all(p.dtype == torch.float32 and not p.requires_grad for p in plm.model.parameters())
    assert config._attn_implementation == "sdpa"
    assert plm.provenance["origin"] == "bundled" and plm.provenance["sha256"] == ENTRY.package.sha256


def test_a_changed_byte_is_refused_by_load_plm(weights, tmp_path, monkeypatch):
    package = tmp_path / "tampered_weights"
    target = package / ENTRY.package.path
    target.parent.mkdir(parents=True)
    shutil.copyfile(weights, target)
    with target.open("r+b") as file:
        file.seek(30_000_000)
        byte = file.read(1)
        file.seek(30_000_000)
        file.write(bytes([byte[0] ^ 1]))
    monkeypatch.syspath_prepend(tmp_path)
    tampered = replace(ENTRY, package=replace(ENTRY.package, module="tampered_weights"))
    monkeypatch.setitem(PLMS, "minilm-l3", tampered)
    with pytest.raises(WorkError, match="not the expected file"):
        load_plm("minilm-l3", device="cpu")


@pytest.mark.parametrize("kept", [0, 100, 40_000_000])
def test_a_cut_off_file_is_refused(weights, tmp_path, kept):
    cut = tmp_path / "cut.onnx"
    with weights.open("rb") as file:
        cut.write_bytes(file.read(kept))
    with pytest.raises(WorkError, match="not a whole ONNX file" if kept else "holds no"):
        bert_from_onnx(cut)


def test_a_missing_tensor_is_refused(graph, tmp_path):
    def drop(g):
        [index] = [i for i, t in enumerate(g.initializer) if t.name.endswith("layer.1.output.LayerNorm.weight")]
        del g.initializer[index]

    with pytest.raises(WorkError, match=r"do not fill a BERT: encoder\.layer\.1\.output\.LayerNorm\.weight"):
        bert_from_onnx(_written(graph, tmp_path / "m.onnx", drop))


def test_a_weight_that_is_filled_twice_is_refused(graph, tmp_path):
    def repeat(g):
        g.node.append(_node(g, "encoder/layer.0/output/dense/Add_output_0"))

    with pytest.raises(WorkError, match=r"encoder\.layer\.0\.output\.dense\.weight is filled twice"):
        bert_from_onnx(_written(graph, tmp_path / "t.onnx", repeat))


def test_a_bias_without_its_product_is_refused(graph, tmp_path):
    def cut(g):
        _node(g, "encoder/layer.0/output/dense/MatMul_output_0").op_type = "Mul"

    with pytest.raises(WorkError, match=r"no MatMul weight belongs to .*layer\.0\.output\.dense\.bias"):
        bert_from_onnx(_written(graph, tmp_path / "b.onnx", cut))


def test_half_precision_weights_are_refused(graph, tmp_path):
    def halve(g):
        import onnx

        values = onnx.numpy_helper.to_array(g.initializer[1]).astype("float16")
        g.initializer[1].CopyFrom(onnx.numpy_helper.from_array(values, g.initializer[1].name))

    with pytest.raises(WorkError, match="only float32"):
        bert_from_onnx(_written(graph, tmp_path / "h.onnx", halve))


def test_without_the_onnx_package_the_error_says_what_to_install(weights, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(WorkError, match="pip install onnx"):
        bert_from_onnx(weights)
