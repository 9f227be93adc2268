"""ATTEMPT: attention over several source prompts, anew for each example (Asai et al. 2022).

Carried over from soft tokens to a prefix in every layer: an example has one set of weights, which is used in all of
them, and prompts are pooled over their positions and layers. The two texts of a multiple-choice example are weighted
each on its own, and prefix dropout is put on the mixed prompt. As in the authors' code, the target prompt takes part in
the mixture and starts from a source prompt; here that of the source with the largest training set (theirs is MNLI's).
Left out: sharing the attention between several target tasks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from panda_core.errors import UsageError
from panda_core.methods.method import SEVERAL, Method, source_run, source_task
from panda_core.tasks.sizes import train_rows

if TYPE_CHECKING:
    from panda_core.job import Job, Outcome
    from panda_core.runs import RunSpec


def _inputs(spec: RunSpec) -> dict[str, RunSpec]:
    if spec.protocol.prompt.length == 0:
        raise UsageError("attempt mixes prompts, and prompt.length=0 leaves none; give one position or more")
    return {f"source {source}": source_run(spec, source) for source in spec.sources}


def train(job: Job) -> Outcome:
    """Train target prompt, attention and head on the target by Eq. 1; the source prompts are frozen."""
    import torch

    from panda_core.tuning.attentive_prefix import AttentivePrefix

    model, choices = job.new_model(), job.spec.protocol
    prompts = {source: job.inputs[f"source {source}"]["prompt"] for source in job.spec.sources}
    first = max(prompts, key=lambda source: train_rows(source_task(source), job.spec.data))
    model.prompt = AttentivePrefix(
        prompts[first],
        torch.stack(list(prompts.values())),
        job.plm.model.config.num_hidden_layers,
        job.plm.model.get_input_embeddings().embedding_dim,
        choices.attention.size,
        choices.attention.lr_ratio,
        choices.prompt.dropout,
    ).to(job.plm.device)
    return job.fit(model)


METHOD = Method(
    name="attempt",
    title="ATTEMPT",
    sources=SEVERAL,
    protocol=("attention",),
    inputs=_inputs,
    train=train,
)
