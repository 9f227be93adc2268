"""Classification of a sentence or of a pair of sentences."""

import pandas as pd

from panda_core.formats.base import Example, Format
from panda_core.tasks.task import Task


def texts(frame: pd.DataFrame, task: Task) -> list[list[str]]:
    """One or two columns of text: the task's templates filled in, or its input columns as they are."""
    columns = [frame[column].tolist() for column in task.inputs]
    if not task.template:
        return columns
    rows = [dict(zip(task.inputs, values, strict=True)) for values in zip(*columns, strict=True)]
    return [[template.format_map(row) for row in rows] for template in task.template]


def encode_texts(tokenizer, columns: list[list[str]], max_length: int) -> tuple[list, list | None]:
    """Token ids and segment ids (None where the PLM has no segments) of one or two columns of text.

    Where a pair is too long, the longer text of the two gives way, token by token.
    """
    encoded = tokenizer(*columns, truncation=True, max_length=max_length)
    return encoded["input_ids"], encoded.get("token_type_ids")


def room_before(tokenizer, max_length: int) -> int:
    """The tokens that the lesser text of a pair may have: half of the sequence, and one is left for the other text."""
    return min(max_length // 2, max_length - tokenizer.num_special_tokens_to_add(pair=True) - 1)


def shortened(texts: list[str], tokenizer, most: int) -> list[str]:
    """The texts cut after `most` tokens, so that there is room beside them.

    No character is cut in two: of one that byte-level tokens share, all of its tokens go.
    """
    encoded = tokenizer(
        texts, add_special_tokens=False, return_offsets_mapping=True, truncation=True, max_length=most + 1
    )
    return [
        text[: min(offsets[most - 1][1], offsets[most][0])] if len(offsets) > most else text
        for text, offsets in zip(texts, encoded["offset_mapping"], strict=True)
    ]


class Classification(Format):
    """[CLS] a [SEP] or [CLS] a [SEP] b [SEP], and one label."""

    def encode(self, frame: pd.DataFrame, task: Task, tokenizer, max_length: int) -> list[Example]:
        """One sequence per row: one text, or a pair of which the longer one gives way where both do not fit."""
        ids, types = encode_texts(tokenizer, texts(frame, task), max_length)
        labels = frame[task.label].tolist()
        return [
            Example((ids[i],), (types[i],) if types else None, labels[i]) for i in range(len(labels))
        ]
