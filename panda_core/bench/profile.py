"""Where the time of a training step goes: torch's profiler over a round of this project's engine."""

from collections import defaultdict

from torch.profiler import ProfilerActivity, profile, record_function

from panda_core.bench.engines import ENGINES, Work

# A word in the name of torch's operation -> what it is for; the first that fits counts.
_KINDS = {
    "softmax": "softmax",
    "gelu": "GELU",
    "layer_norm": "layer normalisation",
    "bmm": "products in attention",
    "addmm": "products with the PLM's weights",
    "aten::mm": "products with the PLM's weights",
    "copy": "conversions and copies",
    "cat": "conversions and copies",
    "mul": "dropout masks and scaling",
    "random": "random numbers",
    "add": "sums",
    "sum": "sums",
    "Optimizer": "optimiser",
    "_foreach": "optimiser",
}


def shares(work: Work) -> dict[str, float]:
    """Kind of operation -> its share of the time of a round; they sum to 1, and Python is in "everything else"."""
    with profile(activities=[ProfilerActivity.CPU]) as found, record_function("round"):
        ENGINES["panda"](work)  # what no operation takes is the round's own time
    spent: dict[str, float] = defaultdict(float)
    for event in found.key_averages():
        kind = next((kind for word, kind in _KINDS.items() if word in event.key), "everything else")
        spent[kind] += event.self_cpu_time_total
    whole = sum(spent.values())
    return {kind: time / whole for kind, time in sorted(spent.items(), key=lambda pair: -pair[1])}
