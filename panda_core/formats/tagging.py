"""Tagging: one label per word, read at the word's first subword (named entities, semantic roles)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from panda_core.data.batches import Batch
from panda_core.formats import checks
from panda_core.formats.base import Example, Format
from panda_core.formats.classification import room_before, shortened
from panda_core.tasks.task import Task

IGNORED = -100


class Tagging(Format):
    """[CLS] words [SEP]; tags are names or numbers.

    Words cut off at the maximum length, and words of which the tokenizer makes nothing, are predicted as outside any
    span.
    """

    reads = "tokens"

    def check_inputs(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        """Every row holds at least one word."""
        checks.check_words(frame, task.inputs[0], where)

    def check_labels(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        """As many tags as words, and each one declared."""
        checks.check_tags(frame, task.label, task.inputs[0], task.labels, task.name, where)

    def tokens(self, frame: pd.DataFrame, task: Task, tokenizer, max_length: int):
        """The tokenizer's encoding of every row; the sentence is its first sequence."""
        sentences = [_spaced(words, tokenizer) for words in frame[task.inputs[0]]]
        return tokenizer(sentences, is_split_into_words=True, truncation=True, max_length=max_length)

    def encode(self, frame: pd.DataFrame, task: Task, tokenizer, max_length: int) -> list[Example]:
        """One sequence per sentence; a word's first subword carries its tag, every other token is ignored."""
        number = {tag: i for i, tag in enumerate(task.labels)}
        encoded = self.tokens(frame, task, tokenizer, max_length)
        types = encoded.get("token_type_ids")
        examples = []
        for i, tags in enumerate(frame[task.label]):
            labels, words, last = [], [], None
            for word, part in zip(encoded.word_ids(i), encoded.sequence_ids(i), strict=True):
                if part != 0 or word == last:
                    labels.append(IGNORED)
                else:
                    labels.append(int(number.get(tags[word], tags[word])))
                    words.append(word)
                    last = word
            examples.append(
                Example((encoded["input_ids"][i],), (types[i],) if types else None, labels, tuple(words))
            )
        return examples

    def collate_labels(self, examples: Sequence[Example], length: int) -> torch.Tensor:
        """Tag numbers [B, T]; -100 where nothing is predicted."""
        padded = np.full((len(examples), length), IGNORED)
        for i, example in enumerate(examples):
            padded[i, : len(example.label)] = example.label
        return torch.from_numpy(padded)

    def rows(self, output: torch.Tensor, batch: Batch) -> torch.Tensor:
        """From logits of every token [B, T, C] to those of first subwords [R, C], sentence by sentence."""
        return output[batch.labels != IGNORED]

    def row_labels(self, batch: Batch) -> torch.Tensor:
        """The gold tag of each row, [R]."""
        return batch.labels[batch.labels != IGNORED]

    def loss(self, rows: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """Eq. 1 over the words of the batch; 0 where the tokenizer makes nothing of any of them."""
        return super().loss(rows, labels) if len(rows) else rows.sum()

    def rows_per_example(self, batch: Batch) -> list[int]:
        """As many rows as words of the sentence were read."""
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


class SemanticRoles(Tagging):
    """[CLS] words [SEP] predicate word [SEP]: the roles of one given predicate, tagged on the words of the sentence.

    The column `index` holds the predicate's position, counted from 0. A long sentence is cut, the predicate word
    after the separator only where it is longer than half of the sequence. The predicate word is a segment of its own.
    """

    def check_inputs(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        """Every row holds words and the position of one of them."""
        words, index = task.inputs
        checks.check_words(frame, words, where)
        positions = pd.to_numeric(frame[index], errors="coerce").to_numpy(dtype=float)
        lengths = np.fromiter(map(len, frame[words]), int, len(frame))
        good = (positions >= 0) & (positions < lengths) & (positions == np.floor(positions))
        if not good.all():
            row = int(np.argmin(good))
            what = f"{checks.shown(frame[index].iloc[row])} is not the position of one of the {lengths[row]} words"
            checks.fail(where, row, index, what)

    def tokens(self, frame: pd.DataFrame, task: Task, tokenizer, max_length: int):
        """The sentence, then the predicate word as a second sequence."""
        sentences = [_spaced(words, tokenizer) for words in frame[task.inputs[0]]]
        words = [words[int(i)] for words, i in zip(sentences, frame[task.inputs[1]], strict=True)]
        predicates = [[word] for word in shortened(words, tokenizer, room_before(tokenizer, max_length))]
        return tokenizer(
            sentences, predicates, is_split_into_words=True, truncation="only_first", max_length=max_length
        )


def _spaced(words: Sequence[str], tokenizer) -> list[str]:
    """Words as a tokenizer reads them inside a sentence: to a byte-level one the space before a word is part of it."""
    return [f" {word}" for word in words] if getattr(tokenizer, "add_prefix_space", None) is False else list(words)
