"""What a task is: the row of Table I, its columns in the hub's schema, its labels and where it can be had."""

from dataclasses import dataclass
from typing import Literal

FormatName = Literal["classification", "regression", "multiple-choice", "record", "span", "tagging", "srl"]
MetricName = Literal["accuracy", "f1", "matthews", "pearson-spearman", "answer-f1", "span-f1", "role-f1"]


@dataclass(frozen=True)
class Hub:
    """Where the parquet files of a task are on the hub.

    `revision` is a commit, set only where public sources name it. `branch` is the hub's own parquet conversion,
    needed where the main branch holds a loading script; there the configuration is a folder. `confirmed_by` says
    which public source shows id, configuration, splits and columns; an empty one means that they are not confirmed.
    """

    id: str
    config: str | None = None
    revision: str | None = None
    branch: str | None = None
    confirmed_by: str = ""


@dataclass(frozen=True)
class Licence:
    """A corpus whose text cannot be had freely: what to ask whom for, and the files that a licensee then has."""

    ask: str
    files: str
    stand_in: str


@dataclass(frozen=True)
class Task:
    """One task. Fields from `group` to `metric` are printed in Table I and Section IV-A of the paper.

    `inputs` are the columns that are read. `template` makes one or two texts of them, as format strings over column
    names; by default each column is a text. `may_be_empty` are the columns in which an empty text is no error.
    `label` is the label column and `labels` its values in the order of the label integers (none for regression and
    spans). `rows` are the official sizes of (train, validation), None where not known. `train` and `validation` are
    the hub's names of the splits. `cluster` is the group of Section IV-E; `cluster_note` says whether it is printed.

    For regression, `scale` has the least and the greatest label, where there are such. For spans, `unanswerable` allows
    questions without an answer (SQuAD v2.0), and `stride` is the number of tokens that windows over a long passage
    share; 0 cuts the passage instead.

    `stands_in_for` names the licensed task that an open one replaces; such a task, and one with `in_table_1` False,
    is not part of the paper and borrows its rates. `note` is for readers.
    """

    name: str
    title: str
    group: Literal["SuperGLUE", "GLUE", "Others"]
    type: str
    roles: tuple[Literal["source", "target"], ...]
    train_size: str
    lr: float
    batch_size: int
    epochs: int
    metric: MetricName
    format: FormatName
    inputs: tuple[str, ...]
    label: str
    labels: tuple[str, ...]
    rows: tuple[int | None, int | None]
    hub: Hub | None
    licence: str
    citation: str
    cluster: Literal["NLI", "SM", "QA", "NER", "SRL", "others"]
    cluster_note: str
    template: tuple[str, ...] = ()
    may_be_empty: tuple[str, ...] = ()
    train: str = "train"
    validation: str = "validation"
    scale: tuple[float, float] | None = None
    unanswerable: bool = False
    stride: int = 0
    licensed: Licence | None = None
    in_table_1: bool = True
    stands_in_for: str = ""
    note: str = ""

    def split_name(self, split: str) -> str:
        """The hub's name of `split`, which is "train" or "validation"."""
        return self.validation if split == "validation" else self.train

    def same_type(self, other: "Task") -> bool:
        """Whether two tasks are of the same type (Section IV-E): of one group, and in the rest group of one type."""
        return self.cluster == other.cluster and (self.cluster != "others" or self.type == other.type)
