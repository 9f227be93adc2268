"""The methods that the paper compares, one file each. A new method is a file here and a line in `METHODS`."""

from panda_core.methods import p_tuning_v2, panda, target_like, vanilla_pot
from panda_core.methods.method import Method

__all__ = ["METHODS", "Method"]

METHODS: dict[str, Method] = {
    method.name: method for method in (p_tuning_v2.METHOD, vanilla_pot.METHOD, panda.METHOD, target_like.METHOD)
}
