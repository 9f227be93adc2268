"""Writing a run as a PEFT adapter folder: prompt, head, configuration, and a README that says how to use them."""

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import PreTrainedConfig
from transformers.models.auto.modeling_auto import MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES

from panda_core.errors import UsageError, WorkError
from panda_core.execution import loaded_plm, trained_state
from panda_core.files import TEMPORARY, write_safetensors
from panda_core.formats import get_format
from panda_core.injection.cache import encode_with_cache
from panda_core.injection.shape import prefix_shape
from panda_core.peft_format.base import base_name
from panda_core.peft_format.reading import CONFIG, WEIGHTS
from panda_core.plms.architectures import architecture_of
from panda_core.plms.plm import PLM
from panda_core.record import Record
from panda_core.runs import command
from panda_core.store import Store, writing
from panda_core.tasks import get_task

_HEAD = {"head.linear.weight": "weight", "head.linear.bias": "bias"}


@dataclass(frozen=True)
class _Target:
    """What PEFT wraps: its task type, the transformers class, where the head goes in it (None: into a file of its
    own), and the Python expression that makes the run's logits of what the model returns."""

    task_type: str
    model: str
    head: str | None
    logits: str


def export_run(run: str, folder: Path | str, store: Store | None = None) -> Path:
    """Write the prompt and the head of the finished run with the id `run` to `folder`, which must not exist yet.

    `PeftModel.from_pretrained` loads the folder. PEFT wraps the models of transformers, whose heads for sequences read
    what a PLM was not always trained with; the README in the folder has the lines that give the run's own logits:

    - a head on the pooled [CLS] of a BERT is a sequence classifier, whose logits are the run's;
    - any other head is linear in the hidden states, so that it is a token classifier, whose logits are averaged over
      the tokens, or taken at the first or the last one, as the PLM's representation is;
    - where transformers has no token classifier (OPT), the adapter extracts features, with the head in a file.

    Raises a `UsageError` for an unknown run or a folder that exists, a `WorkError` where PEFT has no place for the run.
    """
    store, folder = store or Store(), Path(folder)
    if folder.exists():
        raise UsageError(f"{folder}: exists already; name a new folder")
    record = _record(run, store)
    plm = loaded_plm(record.spec.plm, record.spec.revision, record.spec.protocol.head.reads)
    state = trained_state(record.spec, store)
    _check(record, state, plm)
    target = _target(record, plm)
    tensors = {"prompt_embeddings": state["prompt"]}
    head = {short: state[name] for name, short in _HEAD.items()}
    if target.head:
        tensors |= {f"base_model.{target.head}.{name}": tensor for name, tensor in head.items()}
    with writing(folder.parent):
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=folder.parent))
    try:
        write_safetensors(made / WEIGHTS, tensors, {"format": "pt"})
        if not target.head:
            write_safetensors(made / "head.safetensors", head, {"format": "pt"})
        config = _config(record, plm, target, len(state["prompt"]))
        (made / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        (made / "README.md").write_text(_readme(record, target, folder.name, len(head["bias"])), encoding="utf-8")
        made.chmod(0o755)
        made.rename(folder)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    return folder


def _record(run: str, store: Store) -> Record:
    paths = [path for path in store.record_paths() if path.stem == run]
    if not paths:
        raise UsageError(f"{run}: no run with this id in {store.root}; `panda run` prints the id of a run")
    return store.read(paths[0])


def _check(record: Record, state: dict[str, torch.Tensor], plm: PLM) -> None:
    """Raise a `WorkError` where the run is more than a prompt that PEFT knows, and a linear head."""
    label, kind = record.spec.label, record.spec.protocol.prompt.kind
    if set(state) != {"prompt", *_HEAD}:
        raise WorkError(f"{label}: it keeps {', '.join(sorted(state))}; PEFT has prompts of one tensor, and a head")
    if kind == "tokens" and record.spec.protocol.prompt.embedded_twice:
        raise WorkError(f"{label}: PEFT does not apply the embedding layer twice (prompt.embedded_twice)")
    if kind != "tokens" and architecture_of(plm.model.config).encode is not encode_with_cache:
        raise WorkError(f"{label}: PEFT has no prefix for a PLM whose attention takes no key-value cache (DeBERTa)")


def _target(record: Record, plm: PLM) -> _Target:
    """Where in PEFT and transformers a head of this run fits."""
    architecture, reads = architecture_of(plm.model.config), plm.representation
    if get_format(get_task(record.spec.target)).reads == "tokens":
        reads = "tokens"
    soft_tokens = record.spec.protocol.prompt.kind == "tokens"
    if reads == "pooler" and architecture.pooled_classifier:
        logits = "out.logits"
        if soft_tokens:  # the first position, which their pooler reads, is a soft token
            logits = "parts.classifier(parts.bert.pooler(out.hidden_states[-1][:, -mask.shape[1] :]))"
        return _Target("SEQ_CLS", "AutoModelForSequenceClassification", "classifier", logits)
    read = {
        "tokens": "{0}",
        "cls": "{0}[:, 0]",
        "mean": "({0} * mask).sum(1) / mask.sum(1)",
        "last": "{0}[torch.arange(len(mask)), mask.shape[1] - 1 - mask[:, :, 0].flip(1).argmax(1)]",
        "pooler": "parts.pooler({0})",
    }[reads].format("out.{0}[:, -mask.shape[1] :]" if soft_tokens else "out.{0}")
    if reads != "pooler" and plm.model.config.model_type in MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES:
        return _Target("TOKEN_CLS", "AutoModelForTokenClassification", architecture.token_head, read.format("logits"))
    logits = f'torch.nn.functional.linear({read.format("last_hidden_state")}, head["weight"], head["bias"])'
    return _Target("FEATURE_EXTRACTION", "AutoModel", None, logits)


def _config(record: Record, plm: PLM, target: _Target, length: int) -> dict:
    """The fields of PEFT's configuration that a prompt needs; the rest have their defaults."""
    model: PreTrainedConfig = plm.model.config
    double_layers, heads, size = prefix_shape(model)
    common = {
        "task_type": target.task_type,
        "inference_mode": True,
        "base_model_name_or_path": base_name(record.spec.plm),
        "revision": record.weights.get("revision"),
        "num_virtual_tokens": length,
        "num_transformer_submodules": 1,
        "num_layers": double_layers // 2,
    }
    if record.spec.protocol.prompt.kind == "tokens":
        width = plm.model.get_input_embeddings().embedding_dim
        own = {"peft_type": "PROMPT_TUNING", "token_dim": width, "num_attention_heads": model.num_attention_heads}
        return {**own, "prompt_tuning_init": "RANDOM", **common}
    own = {"peft_type": "PREFIX_TUNING", "token_dim": heads * size, "num_attention_heads": heads}
    return {**own, "encoder_hidden_size": heads * size, "prefix_projection": False, **common}


def _readme(record: Record, target: _Target, folder: str, outputs: int) -> str:
    """What the adapter is, and the lines that give its logits."""
    spec, task, base = record.spec, get_task(record.spec.target), base_name(record.spec.plm)
    facts = [
        f"run {record.id}, tier {record.tier}, {record.data['train']['origin']} data",
        f"{record.score:.2f} {record.metric} on {record.validation_size} validation examples, the best evaluation",
    ]
    if len(task.labels) == outputs:
        facts.append(f"labels, in order: {', '.join(task.labels)}")
    lines = ["import torch", "from peft import PeftModel", f"from transformers import {target.model}", ""]
    if not target.head:
        lines.insert(2, "from safetensors.torch import load_file")
    labels = f", num_labels={outputs}" if target.head else ""
    lines += [
        f'base = {target.model}.from_pretrained("{base}"{labels})',
        f'model = PeftModel.from_pretrained(base, "{folder}").eval()',
    ]
    if not target.head:
        lines.append(f'head = load_file("{folder}/head.safetensors")')
    lines += ["", "", "@torch.no_grad()", "def logits(batch):", '    """The outputs of the head."""']
    lines.append("    # a batch has input_ids, attention_mask, and token_type_ids where the PLM has segments")
    lines.append(f"    out = model(**batch{', output_hidden_states=True' if 'hidden_states' in target.logits else ''})")
    if "parts" in target.logits:
        lines.append("    parts = model.base_model")
    if "mask" in target.logits:
        lines.append('    mask = batch["attention_mask"].unsqueeze(-1)')
    lines.append(f"    return {target.logits}")
    return "\n".join(
        [
            "---", "library_name: peft", f"base_model: {base}", "---", "", f"# {spec.label}", "",
            f"A soft prompt and a head for {task.title}, made by", "", f"    {command(spec)}", "",
            *(f"- {fact}" for fact in facts), "", "## Use", "", "```python", *lines, "```", "",
        ]
    )  # fmt: skip
