"""Tasks that are not in the paper: open stand-ins for licensed corpora, and SQuAD v2.0.

They keep their own names, are sources only, and borrow the rates of the task they go with.
"""

from dataclasses import replace

from panda_core.tasks.labels import EWT_ROLES, NOT_IN_PAPER, WNUT17_TYPES, bio
from panda_core.tasks.others import OTHERS
from panda_core.tasks.task import Hub, Task

_TABLE_1 = {task.name: task for task in OTHERS}


def _beside(like: str, /, **changes) -> Task:
    """A task outside Table I that borrows the rates of the task `like`."""
    return replace(
        _TABLE_1[like], train_size="", in_table_1=False, licensed=None, cluster_note=NOT_IN_PAPER,
        train="train", validation="validation", **changes,
    )


STAND_INS = (
    _beside(
        "conll05", name="propbank_ewt_srl", title="PropBank EWT SRL", stands_in_for="conll05",
        labels=bio(*EWT_ROLES), rows=(39854, 4882), licence="CC BY-SA 4.0", citation="palmer2005propbank",
        note="PropBank's annotation of the English Web Treebank on UD English-EWT's sentences and splits",
    ),
    _beside(
        "ontonotes", name="wnut17", title="WNUT-17", stands_in_for="ontonotes", labels=bio(*WNUT17_TYPES),
        rows=(3394, 1009),
        hub=Hub(
            "leondz/wnut_17", "wnut_17", branch="refs/convert/parquet",
            confirmed_by="a public script that reads this branch; columns in the token classification guide of "
            "huggingface/transformers",
        ),
        licence="CC BY 4.0", citation="derczynski2017wnut17", note="",
    ),
    replace(
        _beside(
            "ontonotes", name="uner_ewt", title="UNER EWT", stands_in_for="ontonotes",
            labels=bio("PER", "ORG", "LOC"), rows=(2001, 2077),
            hub=Hub(
                "universalner/universal_ner", "en_ewt", branch="refs/convert/parquet",
                confirmed_by="the card of the data set, all but the branch",
            ),
            licence="CC BY-SA 4.0", citation="mayhew2024uner",
            note="trained on its development set and evaluated on its test set, which are the files at hand",
        ),
        train="validation", validation="test",
    ),
    _beside(
        "squad", name="squad_v2", title="SQuAD v2.0", unanswerable=True, rows=(130319, 11873),
        hub=Hub(
            "rajpurkar/squad_v2", "squad_v2", revision="3ffb306f725f7d2ce8394bc1873b24868140c412",
            confirmed_by="the history of the card of the data set; file names and sizes in public scripts that load it",
        ),
        citation="rajpurkar2018squad2", note="with questions that the passage does not answer",
    ),
)
