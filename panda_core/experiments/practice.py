"""What the page on the practice suite shows: what can be learned of its targets, and which sources help more."""

from panda_core.experiments.experiment import Experiment, Parameters, Use
from panda_core.experiments.study import Study
from panda_core.tasks import targets

SEEDS = (0, 1, 2)
# A source of each cluster that has targets, and these targets. Of QA there are two: BoolQ does not learn its own task
# in the steps of a source, and SQuAD, which does, was added when that was seen.
SOURCES = ("mnli", "boolq", "squad", "qqp", "ontonotes")
SHORT_TARGETS = ("rte", "copa", "mrpc", "conll04")
WHOLE = Parameters(settings={"training.steps": "250"}, targets=targets())
# A start is worth most where there is little time to learn.
BRIEF = Parameters(
    settings={
        "source.steps": "250", "source.evaluations": "1", "training.steps": "50", "training.evaluations": "1",
    }
)  # fmt: skip

LEARNED = Experiment(
    "practice-targets", ("minilm-l6",), (Use("p-tuning-v2"),), sources=SOURCES, seeds=SEEDS, tier="reduced",
)
TRANSFERRED = Experiment(
    "practice-transfer", ("minilm-l6",), (Use("p-tuning-v2"), Use("vanilla-pot")),
    sources=SOURCES, targets=SHORT_TARGETS, seeds=SEEDS, tier="reduced",
)
PRACTICE = Study("practice", ((LEARNED, WHOLE), (TRANSFERRED, BRIEF)))
