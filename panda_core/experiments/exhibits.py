"""The exhibits of the paper that show runs, by name: the tables in order, then the figures."""

from panda_core.experiments.ablations import ABLATIONS
from panda_core.experiments.experiment import Experiment
from panda_core.experiments.transfers import TRANSFERS

EXHIBITS: dict[str, Experiment] = {
    each.name: each
    for each in sorted((*TRANSFERS, *ABLATIONS), key=lambda experiment: (experiment.name[0] != "t", experiment.name))
}
