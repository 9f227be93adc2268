"""What a method is given: the spec, the loaded PLM and data, and the results of the runs it starts from."""

from dataclasses import dataclass, field, replace

import torch

from panda_core.data.encoded import Encoded, encoded_split
from panda_core.heads import Head
from panda_core.model import PromptedModel
from panda_core.plms.plm import PLM
from panda_core.prompts import PrefixPrompt
from panda_core.runs import RunSpec
from panda_core.tasks import get_task
from panda_core.training import Fit, Loss, fit
from panda_core.transferability import sample, similarity, task_embedding


@dataclass(frozen=True)
class Outcome:
    """What a method gives back: the fit, the model's size, and the similarity where the method used one, or that of
    each of several sources."""

    fit: Fit
    trainable_parameters: int
    similarity: float | None = None
    similarities: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Job:
    """One run about to be made. `inputs` holds the trained states (prompt and head tensors) by role."""

    spec: RunSpec
    plm: PLM
    inputs: dict[str, dict[str, torch.Tensor]]

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
        prompt = PrefixPrompt.normal(
            choices.prompt.length, self.plm.prefix_width, choices.prompt.init_std, choices.prompt.dropout
        )
        head = Head(
            self.plm.hidden_size,
            data.format.outputs(data.task),
            data.format.reads,
            choices.optimiser.head_dropout,
        )
        return PromptedModel(self.plm, prompt, head, choices.optimiser.plm_dropout)

    def model_of(self, state: dict[str, torch.Tensor]) -> PromptedModel:
        """The network that another run trained, prompt and head."""
        model = self.new_model()
        model.load(state)
        return model

    def fit(self, model: PromptedModel, loss: Loss | None = None) -> Outcome:
        """Train `model` on the target with the run's budget and seed."""
        spec = self.spec
        result = fit(
            model, self.train, self.validation, spec.training, spec.protocol.optimiser, spec.seed, loss, spec.label
        )
        return Outcome(result, sum(p.numel() for p in model.trained().values() if p.requires_grad))

    def similarity(self, source: str, prompt: dict[str, torch.Tensor] | None) -> float:
        """How close a source task, through its trained `prompt`, is to the target, through the target's own.

        By the metric that `kd.similarity` names: Eq. 2, or 1 where it is "constant".
        """
        if self.spec.protocol.kd.similarity == "constant":
            return 1.0
        return similarity(self._embedding(source, prompt), self._embedding(self.spec.target, self.inputs["target"]))

    def _embedding(self, task: str, state: dict[str, torch.Tensor]) -> torch.Tensor:
        size = self.spec.protocol.embedding.samples
        job = replace(self, spec=replace(self.spec, target=task))
        data = job._split("validation")
        if len(data.examples) < size:
            data = job._split("train")
        prompt = PrefixPrompt.from_flat(state["prompt"]).to(self.plm.device)
        return task_embedding(self.plm, prompt, data, sample(data, size, self.spec.seed))

    def _split(self, split: str) -> Encoded:
        spec = self.spec
        return encoded_split(self.plm, get_task(spec.target), spec.data, split, spec.training.max_length)
