"""Every method with the same sources, targets and step budget, and the two protocol presets, on `minilm-l6`."""

from panda_core.experiments.experiment import Experiment, Parameters, Use
from panda_core.experiments.study import Study

_WORDS = {"targets": ("cb", "rte", "mrpc", "cola"), "data": "real", "tier": "reduced"}
_SOURCES = ("mnli", "qnli", "sst2")

_ONE = Experiment(
    "methods-one-source", ("minilm-l6",),
    (*map(Use, ("p-tuning-v2", "vanilla-pot", "panda", "prompt-tuning", "prefix-tuning", "adapter", "model-tuning")),),
    sources=_SOURCES, **_WORDS,
)
_SEVERAL = Experiment(
    "methods-several-sources", ("minilm-l6",),
    (*map(Use, ("panda-early", "panda-late", "attempt", "sesom")),),
    sources=_SOURCES, **_WORDS,
)
_PRESETS = Experiment(
    "methods-presets", ("minilm-l6",),
    (*map(Use, ("p-tuning-v2", "vanilla-pot", "panda")),),
    sources=_SOURCES, **_WORDS,
)
_ON_TOP = Experiment(
    "methods-on-top", ("minilm-l6",),
    (*(Use("panda", {"prompt.kind": kind}) for kind in ("adapter", "mlp-prefix")),),
    sources=("mnli",), **_WORDS,
)

METHODS_SIDE_BY_SIDE = Study(
    "methods",
    (
        (_ONE, Parameters()),
        (_SEVERAL, Parameters()),
        (_PRESETS, Parameters(protocol="released-code")),
        (_ON_TOP, Parameters()),
    ),
)
