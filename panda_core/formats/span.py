"""Spans: where in the passage does the answer start, and where does it end? (SQuAD)"""

from collections.abc import Sequence
from numbers import Integral

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F

from panda_core.data.batches import Batch
from panda_core.formats import checks
from panda_core.formats.base import Example, Format
from panda_core.formats.classification import room_before, shortened
from panda_core.tasks.task import Task

# The logit of a padded position: its probability is 0 in float32, and unlike -inf it can be subtracted.
MASKED = -1e4

_BEST = 20  # starts and ends that are combined, as in the official example code of BERT
_LONGEST = 30  # tokens of the longest answer, likewise


class Span(Format):
    """[CLS] question [SEP] passage [SEP], with one start and one end logit per token.

    Cut at `max_length` tokens, as the paper says of all inputs, so that answers further on cannot be found: about a
    fifth of them at 128 tokens, hardly any at 384. With a task's `stride` the passage is read in windows of that
    length instead, which share `stride` tokens (the released code has windows of 384 with stride 128). A window
    without the answer is labelled with its first token, as are questions without an answer.
    """

    reads = "tokens"

    def outputs(self, task: Task) -> int:
        """Two logits per token: start and end."""
        return 2

    def check_labels(self, frame: pd.DataFrame, task: Task, where: str) -> None:
        """Answers are {"text": [...], "answer_start": [...]}, and each text stands where its start says."""
        for row, (answers, context) in enumerate(zip(frame[task.label], frame[task.inputs[1]], strict=True)):
            if not isinstance(answers, dict) or not {"text", "answer_start"} <= set(answers):
                checks.fail(where, row, task.label, f"{checks.shown(answers)} is not a text and answer_start")
            given, starts = answers["text"], answers["answer_start"]
            if not all(isinstance(found, (list, tuple, np.ndarray)) for found in (given, starts)):
                checks.fail(where, row, task.label, f"{checks.shown(answers)} does not hold two lists")
            if len(given) != len(starts):
                checks.fail(where, row, task.label, f"{len(given)} texts but {len(starts)} starts")
            if len(given) == 0 and not task.unanswerable:
                checks.fail(where, row, task.label, "there is no answer")
            for text, start in zip(given, starts, strict=True):
                if not (isinstance(text, str) and isinstance(start, Integral)):
                    checks.fail(where, row, task.label, f"{checks.shown(text)} at {checks.shown(start)} is no answer")
                if start < 0 or not text or context[start : start + len(text)] != text:
                    what = f"the answer {checks.shown(text)} does not stand at character {start} of the passage"
                    checks.fail(where, row, task.label, what)

    def encode(self, frame: pd.DataFrame, task: Task, tokenizer, max_length: int) -> list[Example]:
        """One sequence per window of the passage, each with the question before it."""
        question, context = (frame[column].tolist() for column in task.inputs)
        # some questions of SQuAD start with many spaces
        question = shortened([text.lstrip() for text in question], tokenizer, room_before(tokenizer, max_length))
        encoded = tokenizer(
            question, context, truncation="only_second", max_length=max_length, stride=task.stride,
            return_overflowing_tokens=task.stride > 0, return_offsets_mapping=True,
        )
        owners = encoded.get("overflow_to_sample_mapping", range(len(question)))
        types = encoded.get("token_type_ids")
        windows: list[list[int]] = [[] for _ in question]
        for window, owner in enumerate(owners):
            windows[owner].append(window)
        examples = []
        for own, answers in zip(windows, frame[task.label], strict=True):
            offsets = tuple(_passage_offsets(encoded, window) for window in own)
            labels = [position for window in offsets for position in _positions(window, answers)]
            examples.append(
                Example(
                    tuple(encoded["input_ids"][window] for window in own),
                    tuple(types[window] for window in own) if types else None,
                    labels,
                    offsets=offsets,
                )
            )
        return examples

    def collate_labels(self, examples: Sequence[Example], length: int) -> torch.Tensor:
        """First and last token of the answer in every window, [S, 2]."""
        return torch.tensor([position for example in examples for position in example.label]).view(-1, 2)

    def rows(self, output: torch.Tensor, batch: Batch) -> torch.Tensor:
        """From start and end logits of every token [S, T, 2] to [2 * S, T]: a window's starts, then its ends."""
        padding = (batch.attention_mask == 0).unsqueeze(1)
        return output.transpose(1, 2).masked_fill(padding, MASKED).flatten(0, 1)

    def row_labels(self, batch: Batch) -> torch.Tensor:
        """The gold position of each row, [2 * S]: start and end in turn."""
        return batch.labels.flatten()

    def rows_per_example(self, batch: Batch) -> list[int]:
        """Two rows per window."""
        return (2 * batch.sequences).tolist()

    def stack(self, parts: Sequence[torch.Tensor], like: torch.Tensor) -> torch.Tensor:
        """Each part comes with the padding of the batch it was computed in, and gets that of `like` instead."""
        width = like.shape[1]
        return torch.cat([F.pad(part, (0, width - part.shape[1]), value=MASKED) for part in parts]).to(like.device)

    def predictions(
        self, rows: Sequence[torch.Tensor], examples: Sequence[Example], frame: pd.DataFrame, task: Task
    ) -> pd.DataFrame:
        """`reference` lists the accepted answers (none where there is no answer), `prediction` is a text.

        The best of the n best starts and ends. A question is predicted to have no answer ("") only where the task
        allows it, if the first token scores higher than the best span in each window.
        """
        predicted = [
            _answer(row, example, context, task.unanswerable)
            for row, example, context in zip(rows, examples, frame[task.inputs[1]], strict=True)
        ]
        references = [[str(text) for text in answers["text"]] for answers in frame[task.label]]
        return pd.DataFrame({"reference": references, "prediction": predicted})


def _passage_offsets(encoded, window: int) -> np.ndarray:
    """[T, 2] characters of the passage where each token starts and ends, -1 outside the passage."""
    offsets = np.array(encoded["offset_mapping"][window], dtype=np.int32).reshape(-1, 2)
    inside = np.array([part == 1 for part in encoded.sequence_ids(window)])
    return np.where(inside[:, None], offsets, -1).astype(np.int32)


def _positions(offsets: np.ndarray, answers: dict) -> tuple[int, int]:
    """First and last token of the first answer in a window, (0, 0) where it is not wholly inside."""
    if len(answers["text"]) == 0:
        return 0, 0
    start = int(answers["answer_start"][0])
    end = start + len(answers["text"][0])
    covering = np.flatnonzero((offsets[:, 0] < end) & (offsets[:, 1] > start))
    if len(covering) == 0 or offsets[covering[0], 0] > start or offsets[covering[-1], 1] < end:
        return 0, 0
    return int(covering[0]), int(covering[-1])


def _answer(rows: torch.Tensor, example: Example, context: str, unanswerable: bool) -> str:
    best, text, nothing = -np.inf, "", np.inf
    for window, offsets in enumerate(example.offsets):
        starts, ends = rows[2 * window : 2 * window + 2, : len(offsets)].numpy()
        nothing = min(nothing, starts[0] + ends[0])
        inside = np.flatnonzero(offsets[:, 0] >= 0)
        if len(inside) == 0:
            continue
        first = inside[np.argsort(-starts[inside], kind="stable")[:_BEST]]
        last = inside[np.argsort(-ends[inside], kind="stable")[:_BEST]]
        scores = starts[first][:, None] + ends[last][None, :]
        length = last[None, :] - first[:, None]
        scores = np.where((length >= 0) & (length < _LONGEST), scores, -np.inf)
        i, j = np.unravel_index(np.argmax(scores), scores.shape)
        if scores[i, j] > best:
            best, text = scores[i, j], context[offsets[first[i], 0] : offsets[last[j], 1]]
    return "" if unanswerable and nothing > best else text
