"""Runs as PEFT adapters: the lines of the exported README, executed with real PEFT, give the logits of the run."""

import json
import re

import peft
import pytest
import torch
from transformers import AutoModel, BertConfig, LlamaConfig, OPTConfig, RobertaConfig

from panda_core.data.batches import collate
from panda_core.errors import UsageError, WorkError
from panda_core.execution import complete, loaded_plm, trained_state
from panda_core.job import Job
from panda_core.peft_format.reading import read_adapter
from panda_core.peft_format.writing import export_run
from panda_core.plms import PLMS
from panda_core.plms.loading import load_plm, package_folder
from panda_core.runs import make_spec
from panda_core.store import Store

SHORT = {"training.steps": "3", "training.evaluations": "1", "training.eval_examples": "8", "training.batch_size": "4"}
SIZES = {"vocab_size": 30522, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
FAMILIES = {
    "bert": BertConfig(**SIZES, intermediate_size=48),
    "roberta": RobertaConfig(**SIZES, intermediate_size=48, pad_token_id=0, type_vocab_size=1, max_position_embeddings=300),
    "opt": OPTConfig(**SIZES, ffn_dim=48, word_embed_proj_dim=16, do_layer_norm_before=False),
    "llama": LlamaConfig(**SIZES, intermediate_size=48, num_key_value_heads=2),
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A folder with a small random model of each family and a tokenizer."""
    made = {}
    for name, config in FAMILIES.items():
        torch.manual_seed(0)
        made[name] = str(tmp_path_factory.mktemp(name))
        model = AutoModel.from_config(config)
        for table in (module for module in model.modules() if isinstance(module, torch.nn.Embedding)):
            torch.nn.init.normal_(table.weight)  # so that segments and positions matter
        model.save_pretrained(made[name])
        load_plm("minilm-l6", device="cpu").tokenizer.save_pretrained(made[name])
    return made


def own_logits(spec):
    """Logits of the run for the first validation examples, and the tokenised batch."""
    job = Job(spec, loaded_plm(spec.plm, spec.revision, spec.protocol.head.reads), {})
    model, data = job.model_of(trained_state(spec, Store())), job.validation
    batch = collate(data.examples, [0, 1, 2, 3], data.format, data.pad_id)
    assert not batch.attention_mask.bool().all()
    with torch.no_grad():
        return model.eval()(batch), batch


def readme_logits(folder, batch, model_type="bert", base=None):
    """What the lines of the README give, read as a person would run them."""
    code = re.search(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)[1]
    if base:
        code = code.replace("sentence-transformers/all-MiniLM-L6-v2", str(base))
    names = {}
    exec(code, names)
    words = {"input_ids": batch.input_ids, "attention_mask": batch.attention_mask}
    if model_type == "bert":
        words["token_type_ids"] = batch.token_type_ids
    return names["logits"](words), names["model"]


def exported(spec, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return export_run(complete(spec).id, tmp_path / "adapter")


@pytest.mark.parametrize("task", ["cb", "copa", "stsb", "conll04"])
def test_minilm_gives_the_same_logits_in_peft(task, store_folder, tmp_path, monkeypatch):
    spec = make_spec(plm="minilm-l6", method="p-tuning-v2", target=task, settings=SHORT)
    folder = exported(spec, tmp_path, monkeypatch)
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "adapter_config.json", "adapter_model.safetensors"]
    expected, batch = own_logits(spec)
    weights = package_folder(PLMS["minilm-l6"]) / PLMS["minilm-l6"].package.path
    found, model = readme_logits(folder, batch, base=weights.parent)
    assert isinstance(model, peft.PeftModel) and model.peft_config["default"].task_type == "TOKEN_CLS"
    if task == "conll04":
        found, expected = found[batch.attention_mask.bool()], expected[batch.attention_mask.bool()]
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)
    assert expected.std() > 1e-3
    assert read_adapter(folder).base == "sentence-transformers/all-MiniLM-L6-v2"


@pytest.mark.parametrize(
    ("family", "settings", "kind"),
    [
        ("bert", {}, "SEQ_CLS"),
        ("bert", {"head.reads": "cls"}, "TOKEN_CLS"),
        ("roberta", {"head.reads": "cls"}, "TOKEN_CLS"),
        ("roberta", {}, "FEATURE_EXTRACTION"),
        ("opt", {}, "FEATURE_EXTRACTION"),
        ("llama", {}, "TOKEN_CLS"),
        ("llama", {"head.reads": "mean"}, "TOKEN_CLS"),
    ],
)
def test_every_family_gives_the_same_logits_in_peft(family, settings, kind, folders, store_folder, tmp_path, monkeypatch):
    spec = make_spec(plm=folders[family], method="p-tuning-v2", target="cb", settings={**SHORT, **settings})
    folder = exported(spec, tmp_path, monkeypatch)
    expected, batch = own_logits(spec)
    found, model = readme_logits(folder, batch, family)
    assert model.peft_config["default"].task_type == kind
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)
    assert expected.std() > 1e-4


@pytest.mark.parametrize(
    ("family", "settings", "kind"),
    [
        ("bert", {}, "SEQ_CLS"),
        ("bert", {"head.reads": "mean"}, "TOKEN_CLS"),
        ("roberta", {}, "FEATURE_EXTRACTION"),
        ("opt", {}, "FEATURE_EXTRACTION"),
        ("llama", {}, "TOKEN_CLS"),
    ],
)
def test_soft_tokens_give_the_same_logits_in_peft(family, settings, kind, folders, store_folder, tmp_path, monkeypatch):
    spec = make_spec(plm=folders[family], method="prompt-tuning", target="cb", settings={**SHORT, **settings})
    folder = exported(spec, tmp_path, monkeypatch)
    expected, batch = own_logits(spec)
    found, model = readme_logits(folder, batch, family)
    assert model.peft_config["default"].peft_type == "PROMPT_TUNING"
    assert model.peft_config["default"].task_type == kind
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)


def test_a_prompt_comes_back_from_its_export_to_the_bit(tiny_plm, store_folder, tmp_path, monkeypatch):
    spec = make_spec(plm=tiny_plm, method="p-tuning-v2", target="cb", settings=SHORT)
    folder = exported(spec, tmp_path, monkeypatch)
    assert torch.equal(read_adapter(folder).prompt, trained_state(spec, Store())["prompt"])
    config = json.loads((folder / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == tiny_plm and config["num_virtual_tokens"] == 20


def test_an_unknown_run_and_a_folder_that_exists_are_refused(tiny_plm, store_folder, tmp_path):
    with pytest.raises(UsageError, match="0123: no run with this id in"):
        export_run("0123", tmp_path / "adapter")
    run = complete(make_spec(plm=tiny_plm, method="p-tuning-v2", target="cb", settings=SHORT)).id
    (tmp_path / "there").mkdir()
    with pytest.raises(UsageError, match="there: exists already"):
        export_run(run, tmp_path / "there")
    assert list((tmp_path / "there").iterdir()) == [] and not (tmp_path / "adapter").exists()


@pytest.mark.parametrize(
    ("method", "settings", "message"),
    [
        ("adapter", {}, "PEFT has prompts of one tensor, and a head"),
        ("model-tuning", {}, "PEFT has prompts of one tensor, and a head"),
        ("prompt-tuning", {"prompt.embedded_twice": "true"}, "does not apply the embedding layer twice"),
    ],
)
def test_what_peft_has_no_place_for_is_refused(method, settings, message, tiny_plm, store_folder, tmp_path):
    run = complete(make_spec(plm=tiny_plm, method=method, target="cb", settings={**SHORT, **settings})).id
    with pytest.raises(WorkError, match=message):
        export_run(run, tmp_path / "adapter")
    assert not (tmp_path / "adapter").exists()
