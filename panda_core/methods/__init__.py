"""The methods that the paper compares. A new method is a file here and a line in `METHODS`."""

from panda_core.methods import (
    attempt,
    frozen_teacher,
    imported,
    no_transfer,
    panda,
    panda_fusion,
    sesom,
    target_like,
    vanilla_pot,
)
from panda_core.methods.method import SEVERAL, Method

__all__ = ["METHODS", "SEVERAL", "Method"]

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        *no_transfer.BASELINES,
        vanilla_pot.METHOD,
        panda.METHOD,
        panda_fusion.EARLY,
        panda_fusion.LATE,
        attempt.METHOD,
        sesom.METHOD,
        target_like.METHOD,
        frozen_teacher.SOURCE,
        frozen_teacher.RANDOM,
        imported.METHOD,
    )
}
