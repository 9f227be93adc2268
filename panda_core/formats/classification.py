"""Classification of a sentence or of a pair of sentences."""

import pandas as pd

from panda_core.formats.base import Example, Format
from panda_core.tasks.task import Task


def encode_texts(tokenizer, texts: list[list[str]], max_length: int) -> tuple[list, list | None]:
    """Token ids and segment ids (None where the PLM has no segments) of one or two columns of text."""
    encoded = tokenizer(*texts, truncation=True, max_length=max_length)
    return encoded["input_ids"], encoded.get("token_type_ids")


class Classification(Format):
    """[CLS] a [SEP] or [CLS] a [SEP] b [SEP], and one label."""

    def encode(self, frame: pd.DataFrame, task: Task, tokenizer, max_length: int) -> list[Example]:
        ids, types = encode_texts(tokenizer, [frame[c].tolist() for c in task.inputs], max_length)
        labels = frame[task.label].tolist()
        return [
            Example((ids[i],), (types[i],) if types else None, labels[i]) for i in range(len(labels))
        ]
