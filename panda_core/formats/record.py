"""ReCoRD: which entity of the passage fills the gap of the query? Each candidate is an example of its own."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from panda_core.formats import checks
from panda_core.formats.base import Example, Format
from panda_core.formats.classification import encode_texts
from panda_core.tasks.task import Task

GAP = "@placeholder"


class Record(Format):
    """[CLS] passage [SEP] query with one candidate in the gap [SEP]; label 1 where the candidate is an answer.

    "@highlight" in the passage marks summary points and is read as a new line with a dash. A query is scored as a
    whole: its best-scored candidate is the prediction.
    """

    def check_inputs(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        """A passage, a query with a gap, and at least one candidate entity."""
        passage, query, entities = task.inputs
        checks.check_text(frame, passage, where, may_be_empty=False)
        checks.check_text(frame, query, where, may_be_empty=False)
        gaps = frame[query].str.contains(GAP, regex=False).to_numpy(dtype=bool)
        if not gaps.all():
            checks.fail(where, int(np.argmin(gaps)), query, f"there is no {GAP} in the query")
        checks.check_words(frame, entities, where)

    def check_labels(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        """At least one answer, as text."""
        checks.check_words(frame, task.label, where)

    def prepare(self, frame: pd.DataFrame, task: Task) -> pd.DataFrame:
        """One row per candidate: passage, query, entity, the query's answers, its number, and the label 0 or 1."""
        passage, query, entities = task.inputs
        rows, queries = [], zip(frame[passage], frame[query], frame[entities], frame[task.label], strict=True)
        for number, (text, question, candidates, answers) in enumerate(queries):
            accepted = list(answers)
            rows += [
                (text, question, entity, accepted, number, int(entity in accepted))
                for entity in dict.fromkeys(candidates)
            ]
        return pd.DataFrame(rows, columns=["passage", "query", "entity", "answers", "number", "label"])

    def groups(self, frame: pd.DataFrame) -> np.ndarray:
        """Candidates of one query belong together."""
        return frame["number"].to_numpy()

    def encode(self, frame: pd.DataFrame, task: Task, tokenizer, max_length: int) -> list[Example]:
        """One sequence per candidate: the passage, then the query with the candidate in its gap."""
        passages = [text.replace("@highlight", "\n-") for text in frame["passage"]]
        queries = [query.replace(GAP, entity) for query, entity in zip(frame["query"], frame["entity"], strict=True)]
        ids, types = encode_texts(tokenizer, [passages, queries], max_length)
        labels = frame["label"].tolist()
        return [Example((ids[i],), (types[i],) if types else None, labels[i]) for i in range(len(labels))]

    def predictions(
        self, rows: Sequence[torch.Tensor], examples: Sequence[Example], frame: pd.DataFrame, task: Task
    ) -> pd.DataFrame:
        """One line per query: its answers, the best-scored candidate, and that one's probability of being right.

        Candidates are compared by the difference of their logits: probabilities near 1 are equal once rounded.
        """
        logits = torch.cat(list(rows))
        probability = logits.softmax(dim=-1)[:, 1].tolist()
        scored = frame.assign(
            margin=(logits[:, 1] - logits[:, 0]).tolist(), probability=[round(value, 6) for value in probability]
        )
        best = scored.loc[scored.groupby("number", sort=True)["margin"].idxmax()]
        return pd.DataFrame(
            {
                "reference": best["answers"].tolist(),
                "prediction": best["entity"].tolist(),
                "probability": best["probability"].tolist(),
            }
        )
