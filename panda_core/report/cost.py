"""What an exhibit takes to run in full: a rough estimate of GPU hours, from arithmetic and one time that the paper
prints."""

from panda_core.experiments import EXPERIMENTS, Parameters
from panda_core.grid.cost import steps
from panda_core.grid.dag import dag
from panda_core.paper import printed
from panda_core.runs import RunSpec
from panda_core.tasks.sizes import train_rows

# Parameters outside the embeddings, which every token passes through (panda_core.plms.arithmetic counts them).
ENCODER_PARAMETERS = {
    "bert-large": 303_361_024,
    "bert-base": 85_646_592,
    "bert-medium": 25_482_752,
    "bert-small": 12_873_216,
    "bert-tiny": 413_312,
    "deberta-v2-xlarge": 687_831_552,
    "opt-350m": 303_357_952,
    "llama2-7b": 6_476_271_616,
}
TOKENS = 128  # the paper's length; shorter texts take less. A prefix meets the attention alone
# Two operations per parameter and token forward, two backward through the layers, two more where the PLM itself learns.
PROMPT_OPERATIONS, MODEL_OPERATIONS = 4, 6


def operations(spec: RunSpec) -> float:
    """Floating point operations of the training of one run, evaluations left out."""
    each = MODEL_OPERATIONS if spec.method == "model-tuning" else PROMPT_OPERATIONS
    return steps(spec) * spec.training.batch_size * TOKENS * each * ENCODER_PARAMETERS[spec.plm]


def seconds_an_example() -> float:
    """Seconds of training an example takes in Table XII: ten epochs of STS-B, P-Tuning v2 on BERT-large."""
    seconds = float(printed.texts("table-12").set_index("method").loc["p-tuning-v2", "training_time_seconds"])
    return seconds / (10 * train_rows("stsb", "real"))


def a100_rate() -> float:
    """Operations per second that the paper's own A100 reached in Table XII."""
    return TOKENS * PROMPT_OPERATIONS * ENCODER_PARAMETERS["bert-large"] / seconds_an_example()


def full_runs(exhibit: str) -> list[RunSpec]:
    """Every run of an exhibit on the paper's PLMs and schedule, source prompts and teachers included."""
    blocks = EXPERIMENTS[exhibit].blocks(Parameters(tier="full", data="real"))
    return [node.spec for node in dag(blocks).values()]


def gpu_hours(exhibit: str) -> tuple[int, float]:
    """How many runs an exhibit takes in full, and about how many hours of an A100."""
    specs = full_runs(exhibit)
    return len(specs), sum(map(operations, specs)) / a100_rate() / 3600


def command(exhibit: str) -> str:
    """The command that makes the exhibit in full."""
    return f"panda grid {exhibit} --data real --tier full"
