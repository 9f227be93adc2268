"""SESoM: a sample-specific ensemble of source models (Peng et al. 2023).

Carried over from generated label words to a classification head: a source head has labels of another task, so a
"source model" is the teacher that PANDA would have from that source, by default the target-like network: the source
prompt and a head, trained briefly on the target. Keys are made from its logits, which are also what is summed up; where
it predicts a sequence, a key is made from their maximum over the tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from panda_core.methods.method import SEVERAL, TRANSFERABLE, Method
from panda_core.methods.panda import teacher_run

if TYPE_CHECKING:
    from panda_core.job import Job, Outcome


def train(job: Job) -> Outcome:
    """Train the attention over the frozen source models on the target by Eq. 1."""
    import torch

    from panda_core.tuning.ensemble import Ensemble

    members = [job.model_of(job.inputs[f"teacher {source}"]) for source in job.spec.sources]
    attention, task = job.spec.protocol.attention, job.train
    torch.manual_seed(job.spec.seed)
    return job.fit(Ensemble(members, task.format.outputs(task.task), attention.size, attention.lr_ratio))


METHOD = Method(
    name="sesom",
    title="SESoM",
    sources=SEVERAL,
    protocol=("teacher", "attention"),
    kinds=TRANSFERABLE,
    inputs=lambda spec: {f"teacher {source}": teacher_run(spec, source) for source in spec.sources},
    train=train,
)
