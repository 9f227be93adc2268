"""Every choice that the paper leaves open, as named fields; `PAPER` reads the paper as printed.

The chapter "What the paper leaves open" lists each field with the reason for its value. On the command line a
field is set alone, e.g. `--set kd.weight=0.1`.
"""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Interval

Share = Annotated[float, Interval(ge=0, lt=1)]
Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True)
class PromptProtocol:
    """The soft prompt: a prefix of `length` positions in every layer (Section IV-B)."""

    length: Annotated[int, Ge(0)] = 20
    init_std: Annotated[float, Ge(0)] = 0.02
    dropout: Share = 0.1


@dataclass(frozen=True)
class OptimiserProtocol:
    """AdamW; `plm_dropout` keeps the PLM's own dropout on while a prompt is trained.

    `precision` of matrix products: with "auto" bfloat16 where the device computes in it, else float32.
    """

    weight_decay: Annotated[float, Ge(0)] = 0.0
    max_grad_norm: Annotated[float, Gt(0)] = 1.0
    plm_dropout: bool = True
    head_dropout: Share = 0.1
    precision: Precision = "auto"


@dataclass(frozen=True)
class KDProtocol:
    """The distillation term of Eq. 3 and its weight in Eq. 4.

    `match`: what the student matches of the teacher, its predicted distribution as printed, or its logits.
    `weight`: lambda. `similarity`: what multiplies lambda in Eq. 4, our metric (Eq. 2) or the constant one.
    `clamp_negative`: a negative similarity counts as 0.
    """

    match: Literal["probabilities", "logits"] = "probabilities"
    weight: Annotated[float, Ge(0)] = 0.05
    similarity: Literal["ours", "constant"] = "ours"
    clamp_negative: bool = True


@dataclass(frozen=True)
class TeacherProtocol:
    """The target-like network (Section III-C.2): the source prompt trained briefly on the target.

    Tasks below `small_task` training examples get `small_epochs` epochs, the others `large_steps` steps; never
    more than the student's own steps.
    """

    small_task: Annotated[int, Gt(0)] = 20_000
    small_epochs: Annotated[int, Gt(0)] = 1
    large_steps: Annotated[int, Gt(0)] = 1000


@dataclass(frozen=True)
class EmbeddingProtocol:
    """The sample D of Section III-C.1: `samples` validation examples, balanced over the classes.

    The training set is sampled where the validation set is smaller than `samples`.
    """

    samples: Annotated[int, Gt(0)] = 100


@dataclass(frozen=True)
class Protocol:
    """All groups together; see each group for its fields."""

    prompt: PromptProtocol = field(default_factory=PromptProtocol)
    optimiser: OptimiserProtocol = field(default_factory=OptimiserProtocol)
    kd: KDProtocol = field(default_factory=KDProtocol)
    teacher: TeacherProtocol = field(default_factory=TeacherProtocol)
    embedding: EmbeddingProtocol = field(default_factory=EmbeddingProtocol)


PAPER = Protocol()
