"""The rows of Table II that choose the source for each target: the best of all, and the best of three by a metric."""

import pandas as pd

from panda_core.paper import printed
from panda_core.report.comparison import SHOWN, plm_title
from panda_core.report.similarity import METRICS, matrices, ranked, sources_of_targets
from panda_core.store import Store
from panda_core.tasks import get_task

FIRST = 3  # sources that a metric ranks first and of which the best counts
# The paper's name of a row -> the method, and the metric that ranks the sources: none where all of them count.
CHOICES = {
    "oracle-vanilla": ("vanilla-pot", ""),
    "eavg-top3-vanilla": ("vanilla-pot", "e-avg"),
    "oracle-panda": ("panda", ""),
    "ours-top3-panda": ("panda", "ours"),
}


def rows(plm: str, runs: pd.DataFrame, store: Store) -> pd.DataFrame:
    """Score on each target by choice of the source: as printed on `plm`, where it is, and measured on every PLM.

    Measured choices are among the sources other than the target, at the seeds that all of them were run with.
    """
    lines = []
    known = set(printed.values(printed.GRIDS[plm])["method"])
    for name in CHOICES:
        if name in known:
            values = {target: printed.cell(plm, name, target) for target in (*printed.TARGETS, printed.AVERAGE)}
            lines.append((*_titles(name), f"{plm_title(plm)}, as printed", *values.values()))
    similar = matrices(store)
    for name, (method, metric) in CHOICES.items():
        best: dict[str, dict[str, float]] = {}
        for own, target, part in sources_of_targets(runs[runs["method"] == method]):
            scores = part.groupby("source")["score"].mean()
            if metric:
                values = similar.get((own, metric), pd.DataFrame())
                scores = ranked(part, values[target])["score"].head(FIRST) if target in values else scores.iloc[:0]
            if not metric or len(scores) == FIRST:
                best.setdefault(own, {})[target] = scores.max()
        for own, found in best.items():
            scores = pd.Series(found, dtype=float).reindex(list(printed.TARGETS))
            average = scores.mean() if scores.notna().all() else None
            lines.append((*_titles(name), f"{plm_title(own)}, measured here", *scores, average))
    titles = [get_task(target).title for target in printed.TARGETS]
    return pd.DataFrame(lines, columns=["Method", "Best of", "PLM", *titles, "Average"])


def _titles(name: str) -> tuple[str, str]:
    """The method of a row, and the sources of which the best counts."""
    method, metric = CHOICES[name]
    return SHOWN[method], f"first {FIRST} by {METRICS[metric]}" if metric else "all (ORACLE)"
