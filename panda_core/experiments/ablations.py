"""The ablations and analyses: Tables IV to X and XII, Figures 4 and 6."""

from panda_core.experiments.experiment import Experiment, Use, prompts
from panda_core.experiments.transfers import TRANSFER

_ALONE = Use("p-tuning-v2")
_VANILLA, _PANDA = TRANSFER

ABLATIONS = (
    Experiment(
        "table-04", ("bert-base",),
        (_ALONE, _VANILLA, _PANDA, *map(Use, ("attempt", "sesom", "panda-early", "panda-late"))),
        sources=("mnli", "qnli", "qqp"),
    ),
    Experiment(
        "table-05", ("bert-large", "bert-small"),
        (_ALONE, _VANILLA, *(Use("panda", {"teacher.prompt": kind}) for kind in ("random", "source", "target-like"))),
        sources=("mnli",),
    ),
    Experiment(
        "table-06", ("bert-medium", "bert-tiny"),
        (_ALONE, _VANILLA, *(Use("panda", {"kd.similarity": kind}) for kind in ("constant", "e-avg", "on", "ours"))),
        sources=("qnli",),
    ),
    Experiment(
        "table-07", ("bert-small", "bert-tiny"),
        tuple(Use("panda", {"kd.loss": kind}) for kind in ("ce", "kl", "mse")),
        sources=("mnli", "qnli", "sst2", "conll05"),
    ),
    Experiment("table-08", ("bert-base",), (_ALONE,), sources=("qnli",), runs=prompts),
    Experiment(
        "table-09", ("bert-base",), (_ALONE,), sources=("mnli", "qnli", "sst2", "conll05"), runs=prompts,
    ),
    Experiment("table-10", ("bert-large", "bert-base"), (_ALONE,), runs=prompts),
    Experiment(
        "table-12", ("bert-large",),
        (Use("model-tuning"), _ALONE, _VANILLA, _PANDA), sources=("mnli",), targets=("stsb",),
    ),
    Experiment(
        "figure-04", ("bert-small", "bert-medium", "bert-tiny"),
        tuple(Use("panda", {"kd.weight": weight}) for weight in ("0.01", "0.05", "0.1", "0.5", "1", "5")),
        sources=("mnli", "qnli", "sst2", "conll05"),
    ),
    Experiment(
        "figure-06", ("bert-small",),
        (Use("model-tuning"), _ALONE, _PANDA, Use("adapter"), Use("panda", {"prompt.kind": "adapter"}),
         Use("prefix-tuning"), Use("panda", {"prompt.kind": "mlp-prefix"})),
        sources=("mnli",),
    ),
)
