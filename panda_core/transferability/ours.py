"""The paper's own metric (Section III-C.1): what a prompt does to the representations of a task's own examples."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import torch

from panda_core.data.batches import collate, evaluation_batches
from panda_core.data.encoded import Encoded
from panda_core.plms.plm import PLM
from panda_core.prompts import PrefixPrompt


def representative(split: Callable[[str], Encoded], size: int) -> Encoded:
    """Where `size` examples of a task are drawn from; `split` gives its "validation" and its "train" set.

    The validation set, the training set where that is smaller than `size`, and both together where this is smaller
    too (Section IV-D, "sampling numbers").
    """
    validation = split("validation")
    if len(validation.examples) >= size:
        return validation
    train = split("train")
    if len(train.examples) >= size:
        return train
    return replace(
        train,
        examples=validation.examples + train.examples,
        frame=pd.concat([validation.frame, train.frame], ignore_index=True),
        provenance={**train.provenance, "and": validation.provenance},
    )


def sample(data: Encoded, size: int, seed: int) -> list[int]:
    """Positions of `size` random examples; classes take turns, so that they are balanced as far as they reach.

    Without classes (regression, tagging) the sample is plain random.
    """
    order = np.random.default_rng(seed).permutation(len(data.examples))
    labels = [data.examples[i].label for i in order]
    if not data.task.labels or isinstance(labels[0], list):
        return order[:size].tolist()
    turn: dict[int, int] = {}
    ranked = []
    for i, label in zip(order.tolist(), labels, strict=True):
        turn[label] = turn.get(label, 0) + 1
        ranked.append((turn[label], i))
    return [i for _, i in sorted(ranked, key=lambda pair: pair[0])[:size]]


@torch.no_grad()
def task_embedding(plm: PLM, prompt: PrefixPrompt, data: Encoded, index: list[int]) -> torch.Tensor:
    """The task embedding [D]: the mean over the examples of h^p - h^m, the PLM's representation with and without
    the prompt, on the task's own data. Sequences count one each (two for an example of COPA).

    It is computed in float32 on every device: bfloat16 would blur the difference of two close vectors."""
    prompt.eval()
    plm.eval()
    device, total, count = plm.device, torch.zeros(plm.hidden_size), 0
    lengths = [data.examples[i].length for i in index]
    for positions in evaluation_batches(lengths, 64):
        batch = collate(data.examples, [index[i] for i in positions], data.format, data.pad_id).to(device)
        prompted, bare = (
            plm.read(batch.input_ids, batch.attention_mask, batch.token_type_ids, prompt=u) for u in (prompt, None)
        )
        total += (prompted - bare).sum(dim=0).cpu()
        count += len(batch.input_ids)
    return total / count


def similarity(source: torch.Tensor, target: torch.Tensor) -> float:
    """Eq. 2: the cosine of two task embeddings [D]; 0 where one of them is zero."""
    return float(torch.nn.functional.cosine_similarity(source.double(), target.double(), dim=0))
