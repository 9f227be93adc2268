"""Tables VIII and IX: similarities by number of sampled examples, and their spread."""

import pandas as pd

from panda_core.experiments import EXPERIMENTS
from panda_core.paper import printed
from panda_core.paper.audit.similarities import by_samples as printed_by_samples
from panda_core.report.comparison import plm_title, source_title
from panda_core.report.html import Markup, mean_with_interval
from panda_core.report.similarity import USED, by_samples
from panda_core.store import Store
from panda_core.tasks import and_stand_ins, get_task


def rows(exhibit: str, store: Store) -> pd.DataFrame:
    """The printed table and ours below it."""
    return _table_8(store) if exhibit == "table-08" else _table_9(store)


def _table_8(store: Store) -> pd.DataFrame:
    own = by_samples(store, "qnli")
    parts = [
        printed_by_samples().reset_index().assign(plm="bert-base", where="as printed").rename(columns={"n": "samples"})
    ]
    frame = pd.concat([*parts, own.assign(where="measured here")], ignore_index=True)
    shown = pd.DataFrame({"PLM": [f"{plm_title(p)}, {w}" for p, w in zip(frame["plm"], frame["where"], strict=True)],
                          "Examples": frame["samples"].astype(int)})  # fmt: skip
    for target in printed.TARGETS:
        shown[get_task(target).title] = [_three(value) for value in frame[target]]
    return shown


def _table_9(store: Store) -> pd.DataFrame:
    from panda_core.transferability.measure import sampling_spread

    lines = [
        (
            f"{plm_title(line.plm)}, as printed",
            source_title(line.source),
            _five(float(line.standard_deviation)),
            _five(float(line.abs_ours_minus_avg)),
        )
        for line in printed.texts("table-09").itertuples()
    ]
    for source in (name for declared in EXPERIMENTS["table-09"].sources for name in and_stand_ins((declared,))):
        for plm, part in by_samples(store, source).groupby("plm"):
            table = part.set_index("samples")[list(printed.TARGETS)].dropna(axis=1)
            if len(table) > 1 and USED in table.index and table.shape[1]:
                both = sampling_spread(table.to_numpy(), list(table.index).index(USED))
                means = (mean_with_interval(pd.Series(by_target), 5, sign=False) for by_target in both)
                lines.append((f"{plm_title(plm)}, measured here", source_title(source), *means))
    names = ["PLM", "Source", "Standard deviation", "Distance of 100 examples from the mean"]
    return pd.DataFrame(lines, columns=names)


def _three(value: float) -> object:
    return None if pd.isna(value) else Markup(f"{value:.3f}".replace("-", "−"), value)


def _five(value: float) -> Markup:
    return Markup(f"{value:.5f}", value)


def reading(exhibit: str, store: Store) -> str:
    """How far the similarities move with the sample, printed and measured."""
    return _reading_8(store) if exhibit == "table-08" else _reading_9(store)


def _reading_8(store: Store) -> str:
    above = printed_by_samples().loc[[100, 200, 300]]
    words = [
        "As printed, between 100 and 300 examples a similarity of QNLI moves by "
        f"{(above.max() - above.min()).mean():.3f} on "
        f"average and {(above.max() - above.min()).max():.3f} at most."
    ]
    own = by_samples(store, "qnli")
    for plm, part in own.groupby("plm"):
        table = part.set_index("samples")[list(printed.TARGETS)].dropna(axis=1)
        large = table[table.index >= USED]
        if len(large) > 1 and large.shape[1]:
            moved = large.max() - large.min()
            words.append(
                f"Measured here on {plm_title(plm)}: {mean_with_interval(moved, 3, sign=False).html} on average over "
                f"{len(moved)} targets, {moved.max():.3f} at most."
            )
    return " ".join(words if len(words) > 1 else [*words, "Nothing was measured for other sample sizes yet."])


def _reading_9(store: Store) -> str:
    words = []
    for plm, part in _table_9(store).groupby("PLM", sort=False):
        spreads = zip(part["Source"], part["Standard deviation"], strict=True)
        listed = ", ".join(f"{spread.html} from {source}" for source, spread in spreads)
        words.append(f"{plm}: over the sample sizes the standard deviation of a similarity is {listed}.")
    return " ".join(words if len(words) > 1 else [*words, "Nothing was measured for other sample sizes yet."])
