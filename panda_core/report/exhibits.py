"""What each exhibit of the paper shows, in plain words; the runs behind it are declared in `panda_core.experiments`."""

from dataclasses import dataclass
from typing import Literal

from panda_core.errors import unknown


@dataclass(frozen=True)
class Exhibit:
    """`about` says what a reader looks at, `unlike` how what was measured here differs from the paper's setting.

    `similarities`: the exhibit also reads the store's task embeddings. `reads` says which runs a page shows: those of
    the exhibit's own declaration (with those behind its similarities), those alone, all that are comparable, or none.
    """

    name: str
    about: str
    unlike: str = ""
    similarities: bool = False
    reads: Literal["own", "prompts", "all", "none"] = "own"

    @property
    def runs(self) -> bool:
        """Whether the exhibit has runs of its own, which can be made in full."""
        return self.reads in ("own", "prompts")


_GRID = (
    "Every row is a source task, every column a target task. A prompt is trained on the source, carried over to the "
    "target, and scored there: by vanilla prompt transfer (PoT), where the target's prompt starts from it, and by "
    "PANDA, where the target's prompt starts at random and learns from a teacher that knows the source."
)
_PLMS = "measured on small PLMs that install without a hub, none of them the paper's, with a shortened schedule"
_BY_METRIC = (
    "A transferability metric says, before any transfer, how useful a source task's prompt should be for a target "
    "task. Three are compared: the paper's (the cosine of task embeddings, Eq. 2), E_avg (the cosine of the prompts "
    "themselves) and ON (which neurons the prompts activate)."
)

_DECLARED = (
    Exhibit(
        "table-01",
        "The 21 tasks, what they are for, how large they are, and how prompts are trained on them.",
        "the public sizes beside the printed ones, and how many rows the runs of this book had",
        reads="all",
    ),
    Exhibit("table-02", _GRID, _PLMS),
    Exhibit(
        "table-03",
        "The mean over the nine targets, for nine of the 21 sources and four sizes of BERT.",
        _PLMS,
    ),
    Exhibit(
        "table-04",
        "One source at a time against MNLI, QNLI and QQP together, on BERT-base: PANDA's two fusions and two rivals, "
        "ATTEMPT and SESoM.",
        _PLMS,
    ),
    Exhibit(
        "table-05",
        "What the teacher of PANDA starts from: a random prompt, the source prompt as it is, or the source prompt "
        "trained briefly on the target (target-like). Source task: MNLI.",
        _PLMS,
    ),
    Exhibit(
        "table-06",
        "What multiplies lambda in Eq. 4: the constant one, or the similarity by E_avg, by ON, or by the paper's "
        "metric. Source task: QNLI.",
        _PLMS,
    ),
    Exhibit(
        "table-07",
        "How the student's and the teacher's predictions are compared: cross-entropy (CE), Kullback-Leibler "
        "divergence (KL) or squared distance (MSE).",
        _PLMS,
    ),
    Exhibit(
        "table-08",
        "The similarity of QNLI to each target by Eq. 2, from 50, 100, 200 and 300 sampled examples, on BERT-base.",
        _PLMS,
        similarities=True,
        reads="prompts",
    ),
    Exhibit(
        "table-09",
        "How much a similarity moves over the four sample sizes of Table VIII: its standard deviation, and the "
        "distance of the number in use (100 examples) from the mean; both averaged over the targets.",
        _PLMS,
        similarities=True,
        reads="prompts",
    ),
    Exhibit(
        "table-10",
        "The mean similarity of two tasks of one type and of two types, by three metrics. A good metric keeps the "
        "two apart.",
        _PLMS,
        similarities=True,
        reads="prompts",
    ),
    Exhibit(
        "table-11",
        "DeBERTa-v2-xlarge, OPT-350m and LLaMA2-7b, source task MNLI, eight targets.",
        _PLMS,
    ),
    Exhibit(
        "table-12",
        "How many parameters each method trains, and how long it takes on STS-B with BERT-large; transfer includes "
        "the training of the source prompt on MNLI.",
        _PLMS,
    ),
    Exhibit("table-13", _GRID, _PLMS),
    Exhibit("table-14", _GRID, _PLMS),
    Exhibit("table-15", _GRID, _PLMS),
    Exhibit("table-16", _GRID, _PLMS),
    Exhibit(
        "figure-01",
        "The average over the SuperGLUE and GLUE targets of model-tuning, prompt-tuning, and the best of vanilla PoT "
        "and of PANDA, by size of the PLM.",
        _PLMS,
    ),
    Exhibit(
        "figure-02",
        "Left: prompt-tuning against model-tuning at five scales. Right: prompts that start in different ways.",
        _PLMS,
    ),
    Exhibit(
        "figure-03",
        "A drawing of vanilla PoT and of PANDA, without numbers.",
        reads="none",
    ),
    Exhibit(
        "figure-04",
        "Scores by lambda, the factor in Eq. 4 that says how much the student listens to its teacher.",
        _PLMS,
    ),
    Exhibit("figure-05", _BY_METRIC, _PLMS, similarities=True),
    Exhibit(
        "figure-06",
        "Adapters and prefix-tuning, alone and with PANDA. Source task: MNLI.",
        _PLMS,
    ),
    Exhibit(
        "figure-07",
        "For every target the source that a metric ranks first, and the score of vanilla PoT from it.",
        _PLMS,
        similarities=True,
    ),
    Exhibit(
        "figure-08",
        "Two examples, one of CB and one of COPA, and what each method predicts for them.",
        _PLMS,
    ),
    Exhibit("figure-09", _BY_METRIC, _PLMS, similarities=True, reads="prompts"),
)

EXHIBITS = {exhibit.name: exhibit for exhibit in _DECLARED}


def get_exhibit(name: str) -> Exhibit:
    """The exhibit called `name`; a `UsageError` with the known ones if there is none."""
    if name not in EXHIBITS:
        raise unknown("exhibit", name, EXHIBITS)
    return EXHIBITS[name]
