"""Prompts trained with real PEFT as source prompts: the same network, by the hash of their numbers, bad ones refused."""

import copy
import json

import pytest
import torch
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from peft import LoraConfig, PeftModel, PrefixTuningConfig, PromptTuningConfig, get_peft_model
from safetensors.torch import save_file

from panda_core.cli import main
from panda_core.errors import UsageError, WorkError
from panda_core.execution import complete, trained_state
from panda_core.files import read_safetensors
from panda_core.methods.method import source_task
from panda_core.peft_format.base import plm_of
from panda_core.peft_format.imported import import_adapter, imported_state, read_imported
from panda_core.peft_format.reading import read_adapter
from panda_core.plms.loading import load_plm
from panda_core.prompts import PrefixPrompt
from panda_core.runs import inputs, make_spec, run_id
from panda_core.store import Store
from panda_core.transferability.matrix import similarities
from panda_core.tuning.tokens import TokenPrompt
from panda_core.verification import verify

SHORT = {
    f"{group}.{name}": value
    for group in ("training", "source")
    for name, value in {"steps": "3", "evaluations": "1", "eval_examples": "8", "batch_size": "4"}.items()
}
CONFIGS = {
    "prefix": PrefixTuningConfig(task_type="FEATURE_EXTRACTION", num_virtual_tokens=20),
    "projected": PrefixTuningConfig(
        task_type="FEATURE_EXTRACTION", num_virtual_tokens=20, prefix_projection=True, encoder_hidden_size=16
    ),
    "tokens": PromptTuningConfig(task_type="FEATURE_EXTRACTION", num_virtual_tokens=20),
}


def trained_adapter(plm, batch, config, folder, base=None):
    """An adapter trained with PEFT for two steps to change the states of a batch, and its hidden states [B, T, D]."""
    torch.manual_seed(0)
    model = copy.deepcopy(plm.model)
    model.name_or_path = base if base is not None else "sentence-transformers/all-MiniLM-L6-v2"
    adapter = get_peft_model(model, copy.deepcopy(config))
    optimiser = torch.optim.AdamW([p for p in adapter.parameters() if p.requires_grad], lr=0.05)
    for _ in range(2):
        optimiser.zero_grad()
        adapter(**batch).last_hidden_state.square().mean().backward()
        optimiser.step()
    adapter.save_pretrained(folder)
    loaded = PeftModel.from_pretrained(copy.deepcopy(plm.model), folder).eval()
    with torch.no_grad():
        return loaded(**batch).last_hidden_state[:, -batch["input_ids"].shape[1] :]


@pytest.fixture
def one_segment(batch):
    """PEFT drops segments where it extracts features, so the batch has segment 0 alone."""
    return {**batch, "token_type_ids": torch.zeros_like(batch["token_type_ids"])}


@pytest.mark.parametrize("name", CONFIGS)
def test_an_adapter_trained_with_peft_gives_the_same_states(name, minilm, one_segment, store_folder, tmp_path):
    theirs = trained_adapter(minilm, one_segment, CONFIGS[name], tmp_path / "adapter")
    key = import_adapter(tmp_path / "adapter", minilm)
    state, about = read_imported(store_folder / "prompts" / f"{key}.safetensors")
    assert about["kind"] == ("tokens" if name == "tokens" else "prefix")
    prompt = (TokenPrompt if name == "tokens" else PrefixPrompt)(state["prompt"])
    with torch.no_grad():
        ours = minilm.encode(**one_segment, prompt=prompt)
    mask = one_segment["attention_mask"].bool()
    torch.testing.assert_close(ours[mask], theirs[mask], atol=1e-4, rtol=0)


@pytest.fixture
def tiny(tiny_plm):
    return load_plm(tiny_plm, device="cpu")


@pytest.fixture
def adapter(tiny, batch, tmp_path):
    """A prefix of the tiny PLM, trained with PEFT on the folder that the PLM is in."""
    trained_adapter(tiny, batch, CONFIGS["prefix"], tmp_path / "adapter", base=tiny.name)
    return tmp_path / "adapter"


def test_transfer_starts_from_the_imported_prompt(tiny, adapter, store_folder):
    key = import_adapter(adapter, tiny)
    source = f"mnli@{key}"
    assert source_task(source) == source_task("mnli") == "mnli"
    words = {"plm": tiny.name, "sources": (source,), "target": "cb"}
    spec = make_spec(method="vanilla-pot", **words, settings={**SHORT, "training.lr": "1e-12"})
    record = complete(spec)
    assert record.inputs == {"source": key} and record.spec.sources == (source,)
    assert read_adapter(adapter).prompt.std() > 0.1
    torch.testing.assert_close(
        trained_state(spec, Store())["prompt"], read_adapter(adapter).prompt, atol=1e-9, rtol=0
    )
    assert verify(Store()).problems == []


@pytest.mark.parametrize("method", ["panda", "panda-early", "attempt"])
def test_every_kind_of_transfer_takes_imported_prompts(method, tiny, adapter, store_folder):
    source = f"mnli@{import_adapter(adapter, tiny)}"
    sources = (source,) if method == "panda" else (source, "qnli")
    record = complete(make_spec(plm=tiny.name, method=method, sources=sources, target="cb", settings=SHORT))
    assert source in record.spec.sources
    if method == "panda":
        assert -1 <= record.similarity <= 1
    assert verify(Store()).problems == []


def test_the_hash_of_the_numbers_decides_the_run(tiny_plm):
    ids = {run_id(make_spec(plm=tiny_plm, method="vanilla-pot", sources=(s,), target="cb")) for s in
           ("mnli", "mnli@" + "0" * 16, "mnli@" + "1" * 16, "qnli@" + "1" * 16)}
    assert len(ids) == 4
    spec = make_spec(plm=tiny_plm, method="vanilla-pot", sources=("mnli@" + "a" * 16,), target="cb")
    assert run_id(inputs(spec)["source"]) == "a" * 16


def test_importing_twice_is_the_same_prompt_and_another_one_is_not(tiny, adapter, store_folder):
    first = import_adapter(adapter, tiny)
    assert import_adapter(adapter, tiny) == first
    tensors = read_safetensors(adapter / "adapter_model.safetensors")
    save_file({"prompt_embeddings": tensors["prompt_embeddings"] * 1.001}, adapter / "adapter_model.safetensors")
    assert import_adapter(adapter, tiny) != first
    assert len(list((store_folder / "prompts").iterdir())) == 2


def test_a_matrix_with_an_imported_prompt(tiny, adapter, store_folder):
    source = f"mnli@{import_adapter(adapter, tiny)}"
    short = {path: value for path, value in SHORT.items() if path.startswith("training")}
    for metric in ("ours", "e-avg", "on"):
        found = similarities(plm=tiny.name, tasks=("cb", source), metric=metric, samples=(8,), settings=short)
        assert found.tasks == ("cb", source) and found.by_type()[0] == pytest.approx(found.mean[0, 1])
    assert verify(Store()).problems == []


def test_a_prompt_of_the_wrong_kind_or_length_is_refused_with_the_settings_to_give(tiny, adapter, store_folder):
    source = f"mnli@{import_adapter(adapter, tiny)}"
    spec = make_spec(plm=tiny.name, method="vanilla-pot", sources=(source,), target="cb", settings={"prompt.length": "5"})
    with pytest.raises(WorkError, match=r"prefix and 5; add --set prompt.kind=prefix --set prompt.length=20"):
        complete(spec)
    spec = make_spec(plm=tiny.name, method="vanilla-pot", sources=(source,), target="cb", settings={"prompt.kind": "tokens"})
    with pytest.raises(WorkError, match="of kind prefix and length 20, the run asks for tokens"):
        complete(spec)


def test_a_prompt_of_another_plm_is_refused_where_it_is_used(minilm, tiny, adapter, store_folder):
    source = f"mnli@{import_adapter(adapter, tiny)}"
    stands_for = inputs(make_spec(plm="minilm-l6", method="vanilla-pot", sources=(source,), target="cb"))["source"]
    with pytest.raises(WorkError, match="whose weights are not those of minilm-l6"):
        imported_state(stands_for, minilm, Store())


def test_a_prompt_that_is_not_in_the_store_is_an_error_and_so_is_a_changed_one(tiny, adapter, store_folder):
    source = f"mnli@{import_adapter(adapter, tiny)}"
    spec = make_spec(plm=tiny.name, method="vanilla-pot", sources=(source,), target="cb", settings=SHORT)
    complete(spec)
    path = next((store_folder / "prompts").iterdir())
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert any("changed after it was imported" in problem for problem in verify(Store()).problems)
    path.unlink()
    (problem,) = verify(Store()).problems
    assert f"its source {source} is not in the store; import its adapter again" in problem
    with pytest.raises(WorkError, match="no imported prompt"):
        complete(make_spec(plm=tiny.name, method="vanilla-pot", sources=(source,), target="rte", settings=SHORT))


@pytest.mark.parametrize("source", ["mnli@", "mnli@123", "mnli@" + "g" * 16, "mnli@@" + "0" * 16])
def test_a_source_with_a_wrong_id_is_refused(source):
    with pytest.raises(UsageError, match="after @ comes the id"):
        make_spec(plm="minilm-l6", method="vanilla-pot", sources=(source,), target="cb")


def test_a_source_of_an_unknown_task_is_refused():
    with pytest.raises(UsageError, match="unknown task 'mnlo': did you mean mnli"):
        make_spec(plm="minilm-l6", method="vanilla-pot", sources=("mnlo@" + "0" * 16,), target="cb")


def rewrite(adapter, **fields):
    path = adapter / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


@pytest.mark.parametrize(
    ("base", "message"),
    [
        ("bert-base-uncased", "trained on bert-base-uncased, and "),
        ("", "a base model that it does not name"),
        (None, "a base model that it does not name"),
        ("/nowhere/all-MiniLM-L6-v2", "trained on /nowhere/all-MiniLM-L6-v2"),
        ("someone/all-MiniLM-L6-v2", "trained on someone/all-MiniLM-L6-v2, and minilm-l6 is sentence-transformers/"),
    ],
)
def test_an_adapter_of_another_base_model_is_refused(minilm, adapter, store_folder, base, message):
    rewrite(adapter, base_model_name_or_path=base)
    with pytest.raises(WorkError, match=message):
        import_adapter(adapter, minilm)
    assert not store_folder.exists()


@pytest.mark.parametrize("base", ["sentence-transformers/all-MiniLM-L6-v2", "all-MiniLM-L6-v2", "minilm-l6"])
def test_the_names_of_a_plm_that_are_taken(minilm, one_segment, store_folder, tmp_path, base):
    trained_adapter(minilm, one_segment, CONFIGS["tokens"], tmp_path / "adapter", base=base)
    assert len(import_adapter(tmp_path / "adapter", minilm)) == 16


def test_a_folder_is_told_by_its_weights_and_not_by_its_name(tiny, adapter, store_folder, tmp_path):
    weights = read_safetensors(f"{tiny.name}/model.safetensors")
    (tmp_path / "other").mkdir()
    rewrite(adapter, base_model_name_or_path=str(tmp_path / "other"))
    save_file(weights, tmp_path / "other" / "model.safetensors", {"format": "pt"})
    assert import_adapter(adapter, tiny)
    save_file({name: value + 1 for name, value in weights.items()}, tmp_path / "other" / "model.safetensors")
    with pytest.raises(WorkError, match=r"trained on .*other"):
        import_adapter(adapter, tiny)


def test_a_wrong_shape_is_refused(minilm, tiny, adapter, store_folder):
    rewrite(adapter, base_model_name_or_path="minilm-l6")
    with pytest.raises(WorkError, match=r"shape \[20, 128\], minilm-l6 needs \[P, 4608\] for its prefix"):
        import_adapter(adapter, minilm)
    rewrite(adapter, num_virtual_tokens=7, base_model_name_or_path=tiny.name)
    with pytest.raises(WorkError, match=r"shape \[20, 128\], adapter_config.json says 7 virtual tokens"):
        import_adapter(adapter, tiny)
    assert not store_folder.exists()


def test_what_is_no_prompt_adapter_is_refused(tiny, adapter, tmp_path):
    with pytest.raises(UsageError, match="nowhere: there is no such folder"):
        read_adapter(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(WorkError, match=r"no adapter_config.json in this folder"):
        read_adapter(tmp_path / "empty")
    get_peft_model(copy.deepcopy(tiny.model), LoraConfig(target_modules=["query"])).save_pretrained(tmp_path / "lora")
    with pytest.raises(WorkError, match="this is a LORA adapter"):
        read_adapter(tmp_path / "lora")
    weights = adapter / "adapter_model.safetensors"
    good = weights.read_bytes()
    weights.write_bytes(good[:100])
    with pytest.raises(WorkError, match="not a readable safetensors file"):
        read_adapter(adapter)
    save_file({"other": torch.zeros(1)}, weights)
    with pytest.raises(WorkError, match="no tensor 'prompt_embeddings'"):
        read_adapter(adapter)
    save_file({"prompt_embeddings": torch.full((20, 128), float("nan"))}, weights)
    with pytest.raises(WorkError, match="not finite"):
        read_adapter(adapter)
    weights.unlink()
    with pytest.raises(WorkError, match="there is no such file"):
        read_adapter(adapter)
    torch.save({"prompt_embeddings": torch.zeros(20, 128)}, adapter / "adapter_model.bin")
    with pytest.raises(WorkError, match="a pickle can run code when it is read"):
        read_adapter(adapter)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=30) | JSON.map(lambda value: json.dumps(value).encode())
       | st.fixed_dictionaries({"peft_type": st.just("PREFIX_TUNING") | JSON, "num_virtual_tokens": JSON,
                                "base_model_name_or_path": JSON}).map(lambda v: json.dumps(v).encode()))
def test_whatever_the_config_holds_the_error_is_one_for_people(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("adapter")
    (folder / "adapter_config.json").write_bytes(content)
    with pytest.raises(WorkError, match=r"adapter"):
        read_adapter(folder)


@pytest.mark.parametrize(
    ("base", "plm"),
    [
        ("sentence-transformers/all-MiniLM-L6-v2", "minilm-l6"), ("all-MiniLM-L6-v2", "minilm-l6"),
        ("minilm-l6", "minilm-l6"), ("someone/their-model", "someone/their-model"),
    ],
)  # fmt: skip
def test_an_adapter_names_its_plm(base, plm):
    assert plm_of(base) == plm


def test_an_adapter_that_names_no_plm_needs_a_word():
    with pytest.raises(UsageError, match="name it with --plm"):
        plm_of("")
    with pytest.raises(UsageError, match="'bert-base-uncased' without an owner; give --plm OWNER/bert-base-uncased"):
        plm_of("bert-base-uncased")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "someone/their-model at 0123abc"),
        (("--revision", "4567def"), "someone/their-model at 4567def"),
        (("--plm", "another/model"), "another/model at None"),
    ],
)
def test_the_revision_that_an_adapter_names_is_that_of_its_plm(adapter, monkeypatch, words, expected):
    def load(name, revision):
        raise WorkError(f"{name} at {revision}")

    monkeypatch.setattr("panda_core.plms.loading.load_plm", load)
    rewrite(adapter, base_model_name_or_path="someone/their-model", revision="0123abc")
    assert CliRunner().invoke(main, ["import", str(adapter), *words]).stderr == f"panda: {expected}\n"
