"""`load_plm` on a local folder of each architecture, and the placement of layers on several devices."""

import sys
from contextlib import nullcontext

import pytest
import torch
from family_models import CONFIGS, tiny_model
from torch.testing import assert_close
from transformers import LlamaForCausalLM, OPTForCausalLM, RobertaForMaskedLM

from panda_core.errors import UsageError, WorkError
from panda_core.heads import Head
from panda_core.plms.loading import choose_device, load_plm
from panda_core.plms.placement import device_map, is_spread
from panda_core.plms.plm import PLM
from panda_core.prompts import PrefixPrompt

DEFAULTS = {name: "last" if name.startswith(("opt", "llama")) else "cls" for name in CONFIGS}
DEFAULTS |= {"bert": "pooler", "roberta": "pooler"}
IDS = torch.randint(3, 60, (2, 7), generator=torch.Generator().manual_seed(0))
MASK = torch.tensor([[1] * 7, [1] * 5 + [0] * 2])


def prompt_for(plm):
    return PrefixPrompt(torch.randn(4, plm.prefix_width, generator=torch.Generator().manual_seed(1)) * 0.5)


@pytest.mark.parametrize("name", CONFIGS)
def test_a_saved_folder_gives_the_same_states(name, tmp_path):
    model = tiny_model(name)
    model.save_pretrained(tmp_path)
    plm = load_plm(str(tmp_path), device="cpu")
    assert plm.representation == DEFAULTS[name]
    assert plm.model.config._attn_implementation == ("eager" if name.startswith("deberta") else "sdpa")
    assert plm.provenance["origin"] == "local" and len(plm.provenance["sha256"]) == 64
    assert not plm.model.training and not any(p.requires_grad for p in plm.parameters())
    original = PLM("original", model, lambda: None, DEFAULTS[name], {})
    with torch.no_grad():
        for prompt in (None, prompt_for(plm)):
            hidden, expected = (p.encode(IDS, MASK, prompt=prompt) for p in (plm, original))
            assert_close(hidden, expected, atol=1e-5, rtol=0)
    head = Head(plm.hidden_size, 3, "sequence", 0.0)
    assert head(plm.represent(hidden, MASK)).shape == (2, 3)
    with pytest.raises(WorkError, match="no tokenizer could be loaded"):
        plm.tokenizer_or_error()


@pytest.mark.parametrize(
    ("architecture", "name", "representation"),
    [
        (LlamaForCausalLM, "llama-grouped", "last"),
        (OPTForCausalLM, "opt-350m", "last"),
        (RobertaForMaskedLM, "roberta", "cls"),
    ],
)
def test_a_checkpoint_with_a_language_model_head_is_read_without_it(architecture, name, representation, tmp_path):
    torch.manual_seed(0)
    whole = architecture(CONFIGS[name]).eval()
    whole.save_pretrained(tmp_path)
    plm = load_plm(str(tmp_path), device="cpu")
    assert plm.representation == representation
    with torch.no_grad():
        expected = whole.base_model(input_ids=IDS, attention_mask=MASK).last_hidden_state
        assert_close(plm.encode(IDS, MASK)[MASK.bool()], expected[MASK.bool()], atol=1e-5, rtol=0)


def test_the_device_is_the_one_that_is_asked_for(monkeypatch):
    found = {}
    for there in (False, True):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=there: there)
        for wanted in ("", "auto", "cpu", "cuda"):
            monkeypatch.setenv("PANDA_DEVICE", wanted)
            with nullcontext() if there or wanted != "cuda" else pytest.raises(WorkError, match="no GPU here"):
                found[there, wanted] = choose_device().type
    assert found == {
        (False, ""): "cpu", (False, "auto"): "cpu", (False, "cpu"): "cpu",
        (True, ""): "cuda", (True, "auto"): "cuda", (True, "cpu"): "cpu", (True, "cuda"): "cuda",
    }
    monkeypatch.setenv("PANDA_DEVICE", "gpu")
    with pytest.raises(UsageError, match=r"unknown device \(PANDA_DEVICE\) 'gpu'"):
        choose_device()


def test_the_representation_can_be_chosen(tmp_path):
    tiny_model("deberta").save_pretrained(tmp_path)
    assert load_plm(str(tmp_path), representation="mean", device="cpu").representation == "mean"
    with pytest.raises(UsageError, match="has no pooler"):
        load_plm(str(tmp_path), representation="pooler", device="cpu")


@pytest.mark.parametrize("name", ["bert", "llama-grouped"])
def test_weights_in_bfloat16(name, tmp_path):
    tiny_model(name).save_pretrained(tmp_path)
    plm = load_plm(str(tmp_path), device="cpu", dtype=torch.bfloat16)
    assert {p.dtype for p in plm.parameters()} == {torch.bfloat16}
    hidden = plm.encode(IDS, MASK, prompt=prompt_for(plm))
    assert hidden.dtype == plm.represent(hidden, MASK).dtype == torch.float32


def test_a_missing_tensor_is_refused(tmp_path):
    model = tiny_model("llama")
    tensors = {k: v for k, v in model.state_dict().items() if k != "layers.1.mlp.up_proj.weight"}
    model.save_pretrained(tmp_path, state_dict=tensors)
    with pytest.raises(WorkError, match=r"weights are missing: layers\.1\.mlp\.up_proj\.weight"):
        load_plm(str(tmp_path), device="cpu")


# Placement. There are no GPUs here: the map is worked out for imagined ones, accelerate's hooks run with one layer
# kept on disk, and the meta device, which refuses tensors from elsewhere, stands for a second GPU.


def _cut(model, elsewhere):
    """Module name -> "cpu", or `elsewhere[0]` for the names that `elsewhere[1]` picks."""
    device, picked = elsewhere
    found = {}

    def walk(module, prefix):
        for name, child in module.named_children():
            path = prefix + name
            if picked(path):
                found[path] = device
            elif name in ("encoder", "decoder", "layer", "layers"):
                walk(child, f"{path}.")
            else:
                found[path] = "cpu"

    walk(model, "")
    return found


@pytest.mark.parametrize("name", CONFIGS)
def test_layers_are_shared_out_whole(name):
    pytest.importorskip("accelerate")
    model = tiny_model(name)
    size = sum(p.numel() * 4 for p in model.parameters())
    found = device_map(model, {0: size, 1: size})
    assert set(found.values()) == {0, 1}
    assert not any("layer.0." in module or "layers.0." in module for module in found)
    covered = [p for p, _ in model.named_parameters() if sum(p.startswith(f"{module}.") for module in found) == 1]
    assert covered == [p for p, _ in model.named_parameters()]
    with pytest.raises(WorkError, match=r"do not fit the free memory of 2 GPUs .*dtype=torch\.bfloat16"):
        device_map(model, {0: size // 3, 1: size // 3})


@pytest.mark.parametrize("name", CONFIGS)
def test_a_prefix_reaches_a_layer_that_accelerate_keeps_elsewhere(name, tmp_path):
    accelerate = pytest.importorskip("accelerate")
    plm = PLM(name, tiny_model(name), lambda: None, "cls", {})
    prompt = prompt_for(plm)
    expected = plm.encode(IDS, MASK, prompt=prompt)
    expected.square().sum().backward()
    gradient, prompt.flat.grad = prompt.flat.grad, None
    layers = _cut(plm.model, ("disk", lambda path: path.endswith(("layer.1", "layers.1"))))
    accelerate.dispatch_model(plm.model, layers, main_device="cpu", offload_dir=tmp_path, force_hooks=True)
    assert "meta" in {p.device.type for p in plm.parameters()}
    assert is_spread(plm.model) and plm.to(torch.float64) is plm
    assert torch.float64 not in {p.dtype for p in plm.parameters()}
    found = plm.encode(IDS, MASK, prompt=prompt)
    found.square().sum().backward()
    assert_close(found, expected, atol=1e-5, rtol=0)
    assert_close(prompt.flat.grad, gradient, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", CONFIGS)
def test_a_prefix_follows_its_layer_to_another_device(name):
    hooks = pytest.importorskip("accelerate.hooks")
    model = tiny_model(name)
    plm = PLM(name, model, lambda: None, "cls", {})
    last = ("layer.2", "layers.2", "pooler", "decoder.final_layer_norm", "decoder.project_out")
    layers = _cut(model, ("meta", lambda path: path.endswith(last) or path == "norm"))
    for path, device in layers.items():
        hook = hooks.AlignDevicesHook(device, place_submodules=True, skip_keys=model._skip_keys_device_placement)
        hooks.add_hook_to_module(model.get_submodule(path), hook)
    hidden = plm.encode(IDS, MASK, prompt=prompt_for(plm))
    assert hidden.device.type == "meta" and hidden.shape == (2, 7, plm.hidden_size) and hidden.requires_grad


def test_without_several_gpus_auto_is_the_only_device(tmp_path, monkeypatch):
    tiny_model("bert").save_pretrained(tmp_path)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    plm = load_plm(str(tmp_path), device="auto")
    assert plm.device.type == "cpu" and not is_spread(plm.model)


def test_without_accelerate_the_error_says_what_to_install(tmp_path, monkeypatch):
    tiny_model("bert").save_pretrained(tmp_path)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setitem(sys.modules, "accelerate", None)
    with pytest.raises(WorkError, match="pip install accelerate"):
        load_plm(str(tmp_path), device="auto")
