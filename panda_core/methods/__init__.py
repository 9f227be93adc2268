"""The methods that the paper compares, one file each. A new method is a file here and a line in `METHODS`."""

from panda_core.methods import frozen_teacher, p_tuning_v2, panda, panda_fusion, target_like, vanilla_pot
from panda_core.methods.method import SEVERAL, Method

__all__ = ["METHODS", "SEVERAL", "Method"]

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        p_tuning_v2.METHOD,
        vanilla_pot.METHOD,
        panda.METHOD,
        panda_fusion.EARLY,
        panda_fusion.LATE,
        target_like.METHOD,
        frozen_teacher.SOURCE,
        frozen_teacher.RANDOM,
    )
}
