"""Every choice that the paper leaves open, as named fields, and two presets of them.

`PAPER` reads the paper as printed, `RELEASED_CODE` does what the authors' repository does. The chapter "What the
paper leaves open" lists each field with the reason for its value. On the command line a preset is chosen with
`--protocol released-code`, and a field is set alone, e.g. `--set kd.weight=0.1`.
"""

from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Interval

Share = Annotated[float, Interval(ge=0, lt=1)]
Precision = Literal["auto", "float32", "bfloat16"]
Kind = Literal["prefix", "mlp-prefix", "tokens", "adapter", "model"]

# The fields of `PromptProtocol` that each kind reads.
_READ: dict[str, tuple[str, ...]] = {
    "prefix": ("length", "init", "init_std", "dropout"),
    "mlp-prefix": ("length", "dropout", "mlp_size"),
    "tokens": ("length", "init", "init_std", "embedded_twice"),
    "adapter": ("init_std", "adapter_size"),
    "model": (),
}


@dataclass(frozen=True)
class PromptProtocol:
    """What is tuned beside the head, by default a prefix of `length` positions in every layer (Section IV-B).

    `kind`: "prefix", the same made by a small network in training ("mlp-prefix"), "tokens" before the embeddings, an
    "adapter" in every layer, or the whole "model". `init`: random numbers, half of them zero ("sparse"), or all zero
    ("constant"), as in Figure 2 (right). `mlp_size`: the hidden layer behind an mlp-prefix. `embedded_twice`: the
    embedding layer is applied a second time to the embedded text, as the released code does. `adapter_size`: the
    width of an adapter's bottleneck.
    """

    length: Annotated[int, Ge(0)] = 20
    init_std: Annotated[float, Ge(0)] = 0.02
    dropout: Share = 0.1
    kind: Kind = "prefix"
    init: Literal["normal", "sparse", "constant"] = "normal"
    mlp_size: Annotated[int, Gt(0)] = 512
    embedded_twice: bool = False
    adapter_size: Annotated[int, Gt(0)] = 64

    def read(self) -> "PromptProtocol":
        """The same with every field that the kind does not read at its default."""
        return PromptProtocol(kind=self.kind, **{name: getattr(self, name) for name in _READ[self.kind]})


@dataclass(frozen=True)
class OptimiserProtocol:
    """AdamW; `plm_dropout` keeps the PLM's own dropout on while a prompt is trained.

    `schedule`: the rate falls linearly to 0, or "by-format": on tagging, semantic roles and spans it is multiplied by
    0.95 after each epoch instead. `precision` of matrix products: with "auto" bfloat16 where the device computes in
    it, else float32.
    """

    weight_decay: Annotated[float, Ge(0)] = 0.0
    max_grad_norm: Annotated[float, Gt(0)] = 1.0
    plm_dropout: bool = True
    head_dropout: Share = 0.1
    precision: Precision = "auto"
    schedule: Literal["linear", "by-format"] = "linear"


@dataclass(frozen=True)
class HeadProtocol:
    """What a head on a whole sequence reads, and Eq. 2 with it: the PLM's own representation, or one of these."""

    reads: Literal["own", "pooler", "cls", "mean", "last"] = "own"


@dataclass(frozen=True)
class KDProtocol:
    """The distillation term of Eq. 3 and its weight in Eq. 4.

    `match`: what the student matches of the teacher, its predicted distribution as printed, or its logits.
    `weight`: lambda. `similarity`: what multiplies lambda in Eq. 4, our metric (Eq. 2), its rivals of Table VI or one.
    `clamp_negative`: a negative similarity counts as 0. `loss`: the distance of Eq. 3 or its rivals of Table VII, with
    `temperature`. `over_classes`: squared distances are summed over the classes, or averaged. `divide_by_batch`: the
    mean over a batch is divided by its size once more.
    """

    match: Literal["probabilities", "logits"] = "probabilities"
    weight: Annotated[float, Ge(0)] = 0.05
    similarity: Literal["ours", "e-avg", "on", "constant"] = "ours"
    clamp_negative: bool = True
    loss: Literal["mse", "kl", "ce"] = "mse"
    temperature: Annotated[float, Gt(0)] = 1.0
    over_classes: Literal["sum", "mean"] = "sum"
    divide_by_batch: bool = False


@dataclass(frozen=True)
class TeacherProtocol:
    """The teacher; by default the target-like network (Section III-C.2), trained briefly on the target.

    Tasks below `small_task` training examples get `small_epochs` epochs, the others `large_steps` steps; never
    more than the student's own steps. `prompt` names the rivals of Table V: the source prompt or a random one, frozen,
    with a head trained on the target; or vanilla transfer to the end ("vanilla-pot"). `dropout`: the teacher predicts
    with dropout, anew for each batch.
    """

    small_task: Annotated[int, Gt(0)] = 20_000
    small_epochs: Annotated[int, Gt(0)] = 1
    large_steps: Annotated[int, Gt(0)] = 1000
    prompt: Literal["target-like", "source", "random", "vanilla-pot"] = "target-like"
    dropout: bool = False


@dataclass(frozen=True)
class EmbeddingProtocol:
    """The sample D of Section III-C.1: `samples` validation examples, balanced over the classes.

    The training set is sampled where the validation set is smaller than `samples`.
    """

    samples: Annotated[int, Gt(0)] = 100


@dataclass(frozen=True)
class FusionProtocol:
    """How n sources are weighted in Eq. 5 and 6: sim_i / n as "printed", or sim_i over their sum ("normalised")."""

    weights: Literal["printed", "normalised"] = "printed"


@dataclass(frozen=True)
class AttentionProtocol:
    """The sub-network of ATTEMPT and SESoM: the width of its bottleneck, and its rate as a multiple of training.lr."""

    size: Annotated[int, Gt(0)] = 100
    lr_ratio: Annotated[float, Gt(0)] = 1.0


@dataclass(frozen=True)
class Protocol:
    """All groups together; see each group for its fields.

    A group added later has its default value here and not a factory: only then does it leave the ids of earlier runs
    as they were.
    """

    prompt: PromptProtocol = field(default_factory=PromptProtocol)
    optimiser: OptimiserProtocol = field(default_factory=OptimiserProtocol)
    kd: KDProtocol = field(default_factory=KDProtocol)
    teacher: TeacherProtocol = field(default_factory=TeacherProtocol)
    embedding: EmbeddingProtocol = field(default_factory=EmbeddingProtocol)
    head: HeadProtocol = HeadProtocol()
    fusion: FusionProtocol = FusionProtocol()
    attention: AttentionProtocol = AttentionProtocol()


PAPER = Protocol()

RELEASED_CODE = replace(
    PAPER,
    prompt=PromptProtocol(embedded_twice=True),
    optimiser=OptimiserProtocol(schedule="by-format"),
    kd=KDProtocol(
        match="logits", weight=0.01, similarity="constant", over_classes="mean", divide_by_batch=True
    ),
    teacher=TeacherProtocol(prompt="vanilla-pot", dropout=True),
    head=HeadProtocol(reads="pooler"),
)

PRESETS = {"paper": PAPER, "released-code": RELEASED_CODE}
