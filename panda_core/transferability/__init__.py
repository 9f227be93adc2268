"""Prompt transferability (Section III-C.1): how close two tasks are, seen through their prompts.

Each metric makes a task embedding of a task's prompt; the similarity of two tasks is the cosine of theirs.
"""

from typing import Literal

from panda_core.transferability.e_avg import mean_token
from panda_core.transferability.on import activated_neurons, layer_overlap
from panda_core.transferability.ours import representative, sample, similarity, task_embedding

MetricName = Literal["ours", "e-avg", "on"]

__all__ = [
    "MetricName",
    "activated_neurons",
    "layer_overlap",
    "mean_token",
    "representative",
    "sample",
    "similarity",
    "task_embedding",
]
