"""Tagging: one label per word, read at the word's first subword (NER)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from panda_core.data.batches import Batch
from panda_core.errors import WorkError
from panda_core.formats.base import Example, Format
from panda_core.tasks.task import Task

IGNORED = -100


class Tagging(Format):
    """[CLS] words [SEP]; words cut off at the maximum length are predicted as outside any span."""

    reads = "tokens"

    def check_inputs(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        for row, (words, tags) in enumerate(zip(frame[task.inputs[0]], frame[task.label], strict=True)):
            if len(words) == 0:
                raise WorkError(f"{where}: row {row}, column {task.inputs[0]}: there are no words")
            if len(words) != len(tags):
                raise WorkError(f"{where}: row {row}: {len(words)} words in {task.inputs[0]} but {len(tags)} tags")

    def check_labels(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        known = {*task.labels, *range(len(task.labels))}
        for row, tags in enumerate(frame[task.label]):
            for tag in tags:
                if tag not in known:
                    raise WorkError(
                        f"{where}: row {row}, column {task.label}: {tag!r} is not a tag of {task.name} "
                        f"({', '.join(task.labels)})"
                    )

    def encode(self, frame: pd.DataFrame, task: Task, tokenizer, max_length: int) -> list[Example]:
        number = {tag: i for i, tag in enumerate(task.labels)}
        sentences = [list(words) for words in frame[task.inputs[0]]]
        encoded = tokenizer(sentences, is_split_into_words=True, truncation=True, max_length=max_length)
        examples = []
        for i, tags in enumerate(frame[task.label]):
            tags = [number.get(tag, tag) for tag in tags]
            labels, words = [], []
            for word in encoded.word_ids(i):
                if word is None or (words and words[-1] == word):
                    labels.append(IGNORED)
                else:
                    labels.append(int(tags[word]))
                    words.append(word)
            types = encoded.get("token_type_ids")
            examples.append(
                Example((encoded["input_ids"][i],), (types[i],) if types else None, labels, tuple(words))
            )
        return examples

    def collate_labels(self, examples: Sequence[Example], length: int) -> torch.Tensor:
        padded = np.full((len(examples), length), IGNORED)
        for i, example in enumerate(examples):
            padded[i, : len(example.label)] = example.label
        return torch.from_numpy(padded)

    def rows(self, output: torch.Tensor, batch: Batch) -> torch.Tensor:
        """From logits of every token [B, T, C] to those of first subwords [R, C], sentence by sentence."""
        return output[batch.labels != IGNORED]

    def row_labels(self, batch: Batch) -> torch.Tensor:
        return batch.labels[batch.labels != IGNORED]

    def rows_per_example(self, batch: Batch) -> list[int]:
        return (batch.labels != IGNORED).sum(dim=1).tolist()

    def predictions(
        self, rows: Sequence[torch.Tensor], examples: Sequence[Example], frame: pd.DataFrame, task: Task
    ) -> pd.DataFrame:
        """`reference` and `prediction` are lists of tag names over all words of the sentence."""
        number = {tag: i for i, tag in enumerate(task.labels)}
        references = [[task.labels[number.get(tag, tag)] for tag in tags] for tags in frame[task.label]]
        predictions = []
        for row, example, reference in zip(rows, examples, references, strict=True):
            tags = ["O"] * len(reference)
            for word, label in zip(example.words, row.argmax(dim=-1).tolist(), strict=True):
                tags[word] = task.labels[label]
            predictions.append(tags)
        return pd.DataFrame({"reference": references, "prediction": predictions})
