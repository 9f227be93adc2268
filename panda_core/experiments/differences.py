"""Where paper, released code and this project differ: runs with each other reading and with the usual one."""

from dataclasses import replace

from panda_core.experiments.exhibits import EXHIBITS
from panda_core.experiments.experiment import Experiment, Parameters
from panda_core.experiments.study import Study
from panda_core.paper.differences import Point, points


def _parts(point: Point) -> tuple[tuple[Experiment, Parameters], ...]:
    usual = Parameters(
        plms=(point.plm,), sources=point.sources, methods=(point.method,), seeds=(0,), data="real", tier="reduced"
    )
    return tuple(
        (EXHIBITS[point.experiment], parameters)
        for parameters in (usual, replace(usual, settings=point.settings, protocol=point.protocol))
    )


DIFFERENCES = Study("differences", tuple(part for point in points() if point.measurable for part in _parts(point)))
