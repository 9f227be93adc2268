"""The transfer grids: Tables II, III, XI, XIII to XVI, and the exhibits that are drawn from them."""

from panda_core.experiments.experiment import Experiment, Use, prompts, prompts_and_transfers
from panda_core.tasks import targets

WITHOUT_TRANSFER = (Use("model-tuning"), Use("prompt-tuning"), Use("p-tuning-v2"))
TRANSFER = (Use("vanilla-pot"), Use("panda"))
SCALES = ("bert-base", "bert-medium", "bert-small", "bert-tiny")
TABLE_3_SOURCES = ("mnli", "qnli", "record", "squad", "conll03", "ontonotes", "conll05", "conll12", "sst2")
LARGER = ("deberta-v2-xlarge", "opt-350m", "llama2-7b")


def _grid(name: str, title: str, *plms: str, **changes) -> Experiment:
    return Experiment(name, title, plms, (*WITHOUT_TRANSFER, *TRANSFER), **changes)


TRANSFERS = (
    _grid("table-02", "Transfer from 21 sources to 9 targets, BERT-large", "bert-large"),
    _grid("table-03", "Average over the targets at four scales", *SCALES, sources=TABLE_3_SOURCES),
    Experiment(
        "table-11", "Larger PLMs and other architectures", LARGER,
        (Use("model-tuning"), Use("p-tuning-v2"), *TRANSFER),
        sources=("mnli",), targets=tuple(name for name in targets() if name != "conll04"),
    ),
    _grid("table-13", "Transfer from 21 sources to 9 targets, BERT-base", "bert-base"),
    _grid("table-14", "Transfer from 21 sources to 9 targets, BERT-medium", "bert-medium"),
    _grid("table-15", "Transfer from 21 sources to 9 targets, BERT-small", "bert-small"),
    _grid("table-16", "Transfer from 21 sources to 9 targets, BERT-tiny", "bert-tiny"),
    _grid("figure-01", "Average of SuperGLUE and GLUE targets by scale", "bert-large", *SCALES,
          targets=tuple(name for name in targets() if name != "conll04")),
    Experiment(
        "figure-02", "Prompt-tuning by scale, and initialisations of the prompt", ("bert-large", *SCALES),
        (*WITHOUT_TRANSFER,
         *(Use("p-tuning-v2", {"prompt.init": kind}) for kind in ("sparse", "constant"))),
        sources=(),
    ),
    Experiment(
        "figure-05", "Predicted transferability, and its correlation with vanilla transfer",
        ("bert-large", *SCALES), (Use("vanilla-pot"),),
        runs=prompts_and_transfers,
    ),
    Experiment(
        "figure-07", "Transfer from the most similar source by each metric", ("bert-large", *SCALES),
        (Use("vanilla-pot"),), runs=prompts_and_transfers,
    ),
    Experiment(
        "figure-08", "Case study: MNLI and CoNLL05 to CB and COPA", ("bert-large",),
        (Use("model-tuning"), Use("p-tuning-v2"), *TRANSFER), sources=("mnli", "conll05"), targets=("cb", "copa"),
    ),
    Experiment("figure-09", "Predicted transferability at four scales", SCALES, (Use("p-tuning-v2"),), runs=prompts),
)

