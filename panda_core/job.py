"""What a method is given: the spec, the loaded PLM and data, and the results of the runs it starts from."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch

from panda_core.checkpoint import Checkpoint
from panda_core.data.encoded import Encoded, encoded_split
from panda_core.heads import Head
from panda_core.methods.method import source_task
from panda_core.model import PromptedModel
from panda_core.plms.plm import PLM
from panda_core.record import Record
from panda_core.runs import RunSpec
from panda_core.tasks import get_task
from panda_core.training import Fit, Loss, fit
from panda_core.transferability import (
    MetricName,
    activated_neurons,
    mean_token,
    representative,
    sample,
    similarity,
    task_embedding,
)
from panda_core.tuning.kinds import new_part
from panda_core.tuning.part import Part
from panda_core.tuning.whole import WholeModel


@dataclass(frozen=True)
class Outcome:
    """What a method gives back: the fit, the model's size, and the similarity where the method used one, or that of
    each of several sources. `taken_from` is the finished run whose fit it is, where nothing was trained."""

    fit: Fit
    trainable_parameters: int
    similarity: float | None = None
    similarities: dict[str, float] = field(default_factory=dict)
    taken_from: Record | None = None


@dataclass(frozen=True)
class Job:
    """One run about to be made.

    `inputs` holds the trained states (prompt and head tensors) by role, `checkpoint` the file of a run cut off before.
    `finished` gives what another run gave, or None where it was not made or would start from another prompt now.
    """

    spec: RunSpec
    plm: PLM
    inputs: dict[str, dict[str, torch.Tensor]]
    checkpoint: Checkpoint | None = None
    finished: Callable[[RunSpec], Outcome | None] = lambda run: None

    @property
    def train(self) -> Encoded:
        """The training set of the target."""
        return self._split("train")

    @property
    def validation(self) -> Encoded:
        """The validation set of the target, cut to `training.eval_examples`."""
        return self._split("validation").head(self.spec.training.eval_examples)

    def new_model(self, seed: int | None = None) -> PromptedModel:
        """A network with a random prompt and head; the same one every time, for the run's seed or for another."""
        torch.manual_seed(self.spec.seed if seed is None else seed)
        choices, data = self.spec.protocol, self.train
        prompt = new_part(self.plm, choices.prompt)
        head = Head(
            self.plm.hidden_size,
            data.format.outputs(data.task),
            data.format.reads,
            choices.optimiser.head_dropout,
        )
        plm = prompt.plm if isinstance(prompt, WholeModel) else self.plm
        return PromptedModel(plm, prompt, head, choices.optimiser.plm_dropout)

    def model_of(self, state: dict[str, torch.Tensor]) -> PromptedModel:
        """The network that another run trained, prompt and head."""
        model = self.new_model()
        model.load(state)
        return model

    def prompt_of(self, state: dict[str, torch.Tensor]) -> Part:
        """The prompt, or what was tuned in its place, that another run trained."""
        return new_part(self.plm, self.spec.protocol.prompt).loaded(state).to(self.plm.device)

    def fit(self, model: PromptedModel, loss: Loss | None = None) -> Outcome:
        """Train `model` on the target with the run's budget and seed."""
        spec = self.spec
        result = fit(
            model,
            self.train,
            self.validation,
            spec.training,
            spec.protocol.optimiser,
            spec.seed,
            loss,
            spec.label,
            self.checkpoint,
        )
        return Outcome(result, sum(p.numel() for p in model.trained().values() if p.requires_grad))

    def similarity(self, source: str, prompt: dict[str, torch.Tensor] | None) -> float:
        """How close a source task, through its trained `prompt`, is to the target, through the target's own.

        By the metric that `kd.similarity` names: Eq. 2 or a rival, or 1 where it is "constant".
        """
        metric, size = self.spec.protocol.kd.similarity, self.spec.protocol.embedding.samples
        if metric == "constant":
            return 1.0
        trained = replace(self, spec=replace(self.spec, training=self.spec.budgets[source]))
        pairs = ((trained, source, prompt), (self, self.spec.target, self.inputs["target"]))
        first, second = (job.embedding(metric, task, u, size, self.spec.seed)[0].flatten() for job, task, u in pairs)
        return similarity(first, second)

    def embedding(
        self, metric: MetricName, task: str, state: dict[str, torch.Tensor], samples: int, seed: int
    ) -> tuple[torch.Tensor, Encoded | None]:
        """A task's embedding through the prompt in `state`, and the rows that `samples` examples were drawn from.

        [D] for our metric, [2*L*D] for E_avg, booleans [L, F] for ON; the last two read no rows.
        """
        if metric == "e-avg":
            return mean_token(state["prompt"]), None
        prompt = self.prompt_of(state)
        if metric == "on":
            return activated_neurons(self.plm, prompt), None
        data = representative(replace(self, spec=replace(self.spec, target=source_task(task)))._split, samples)
        return task_embedding(self.plm, prompt, data, sample(data, samples, seed)), data

    def _split(self, split: str) -> Encoded:
        spec = self.spec
        return encoded_split(self.plm, get_task(spec.target), spec.data, split, spec.training.max_length)
