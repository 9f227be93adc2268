"""How much is trained: the budget of a run on each tier. A tier's name stays with every number that it gives."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt

from panda_core.tasks import Task

Tier = Literal["smoke", "reduced", "full"]


@dataclass(frozen=True)
class Training:
    """The rates and the budget of one training run.

    Either `epochs` or `steps` is set. With `epochs` the model is evaluated after each; with `steps` at `evaluations`
    evenly spaced steps, and after the first epoch. `eval_examples` caps the validation set (None: all of it).
    `max_length` is in tokens, special ones included, the prefix not.
    """

    lr: Annotated[float, Gt(0)]
    batch_size: Annotated[int, Gt(0)]
    epochs: Annotated[int, Gt(0)] | None = None
    steps: Annotated[int, Gt(0)] | None = None
    evaluations: Annotated[int, Gt(0)] = 10
    eval_examples: Annotated[int, Gt(0)] | None = None
    max_length: Annotated[int, Ge(8)] = 128


# Learning rates of what is not a prompt: Table I prints those of prompts alone, at which these diverge.
_RATES = {"mlp-prefix": 1e-3, "adapter": 1e-3, "model": 5e-5}


def training_for(task: Task, tier: Tier, kind: str = "prefix") -> Training:
    """The budget of `task` on `tier`, with a rate for what is tuned (`prompt.kind`).

    `full` is Table I. `reduced` is one recipe for every task and method: its rates were chosen once, on source
    tasks (the chapter on open choices tells how). `smoke` only proves that everything runs.
    """
    if tier == "full":
        return Training(lr=_RATES.get(kind, task.lr), batch_size=task.batch_size, epochs=task.epochs)
    rate, is_target = _RATES.get(kind, 3e-2), "target" in task.roles
    if tier == "reduced":
        return Training(
            lr=rate,
            batch_size=16,
            steps=350 if is_target else 800,
            evaluations=6,
            eval_examples=None if is_target else 1000,
        )
    return Training(lr=rate, batch_size=16, steps=60 if is_target else 160, evaluations=4, eval_examples=200)
