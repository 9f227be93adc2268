"""The transfer grids: Tables II, III, XI, XIII to XVI, and the exhibits that are drawn from them."""

from panda_core.experiments.experiment import Experiment, Use, prompts, prompts_and_transfers
from panda_core.tasks import targets

WITHOUT_TRANSFER = (Use("model-tuning"), Use("prompt-tuning"), Use("p-tuning-v2"))
TRANSFER = (Use("vanilla-pot"), Use("panda"))
SCALES = ("bert-base", "bert-medium", "bert-small", "bert-tiny")
TABLE_3_SOURCES = ("mnli", "qnli", "record", "squad", "conll03", "ontonotes", "conll05", "conll12", "sst2")
LARGER = ("deberta-v2-xlarge", "opt-350m", "llama2-7b")


def _grid(name: str, *plms: str, **changes) -> Experiment:
    return Experiment(name, plms, (*WITHOUT_TRANSFER, *TRANSFER), **changes)


TRANSFERS = (
    _grid("table-02", "bert-large"),
    _grid("table-03", *SCALES, sources=TABLE_3_SOURCES),
    Experiment(
        "table-11", LARGER,
        (Use("model-tuning"), Use("p-tuning-v2"), *TRANSFER),
        sources=("mnli",), targets=tuple(name for name in targets() if name != "conll04"),
    ),
    _grid("table-13", "bert-base"),
    _grid("table-14", "bert-medium"),
    _grid("table-15", "bert-small"),
    _grid("table-16", "bert-tiny"),
    _grid("figure-01", "bert-large", *SCALES, targets=tuple(name for name in targets() if name != "conll04")),
    Experiment(
        "figure-02", ("bert-large", *SCALES),
        (*WITHOUT_TRANSFER,
         *(Use("p-tuning-v2", {"prompt.init": kind}) for kind in ("sparse", "constant"))),
        sources=(),
    ),
    Experiment("figure-05", ("bert-large", *SCALES), (Use("vanilla-pot"),), runs=prompts_and_transfers),
    Experiment("figure-07", ("bert-large", *SCALES), (Use("vanilla-pot"),), runs=prompts_and_transfers),
    Experiment(
        "figure-08", ("bert-large",),
        (Use("model-tuning"), Use("p-tuning-v2"), *TRANSFER), sources=("mnli", "conll05"), targets=("cb", "copa"),
    ),
    Experiment("figure-09", SCALES, (Use("p-tuning-v2"),), runs=prompts),
)

