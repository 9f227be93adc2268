"""Training on one task alone (Section III-A, Eq. 1): the baselines, which differ in what they tune beside the head.

Model-tuning tunes all of the PLM; prompt-tuning (Lester et al. 2021) tokens before the embeddings; P-Tuning v2 (Liu et
al. 2022) a prefix in every layer; prefix-tuning (Li and Liang 2021) the same, made by a small network while it is
trained; adapter (Houlsby et al. 2019) two bottlenecks in every layer. `panda_core.tuning` has a file for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from panda_core.methods.method import Method

if TYPE_CHECKING:
    from panda_core.job import Job, Outcome


def train(job: Job) -> Outcome:
    """Train the tuned part and the head on the task by Eq. 1, from a random start."""
    return job.fit(job.new_model())


BASELINES = tuple(
    Method(name=name, title=title, sources=0, kinds=(kind,), inputs=lambda spec: {}, train=train)
    for name, title, kind in (
        ("model-tuning", "Model-tuning", "model"),
        ("prompt-tuning", "Prompt-tuning", "tokens"),
        ("p-tuning-v2", "P-Tuning v2", "prefix"),
        ("prefix-tuning", "Prefix-tuning", "mlp-prefix"),
        ("adapter", "Adapter", "adapter"),
    )
)
