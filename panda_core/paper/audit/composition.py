"""What the gains are made of: PANDA against vanilla PoT and against no transfer, over all 945 printed cells.

`gains()` has one line per PLM, source and target; every other number here is a mean over some of its lines.
"""

import pandas as pd

from panda_core.paper import printed
from panda_core.tasks import get_task

# Score in percent of predicting the most frequent class of the validation set, from its label counts; a Matthews
# correlation of a constant prediction is 0. Not known for STS-B and CoNLL04, where there is no class to predict.
MAJORITY = {
    "cb": 100 * 28 / 56, "copa": 55.0, "wsc": 100 * 66 / 104, "rte": 100 * 146 / 277, "wic": 50.0,
    "cola": 0.0, "mrpc": 100 * 279 / 408,
}  # fmt: skip


ITSELF, SAME, OTHER = "the target itself", "a task of its type", "a task of another type"


def relation(source: str, target: str) -> str:
    """How a source is related to a target by their types (Section IV-E): `ITSELF`, `SAME` or `OTHER`."""
    if source == target:
        return ITSELF
    return SAME if get_task(source).same_type(get_task(target)) else OTHER


def gains() -> pd.DataFrame:
    """plm, source, target, none, vanilla, panda (percent), and in points: over_vanilla, over_none, vanilla_over_none.

    `relation` is that of source and target (see there), `group` the source's group.
    `collapsed`: vanilla PoT is at the majority class or within half a point above it, where that is known, and no
    transfer is not: it is the transfer that failed.
    """
    frame, group = printed.pairs(), printed.clusters()
    majority = frame["target"].map(MAJORITY)
    return frame.assign(
        over_vanilla=frame["panda"] - frame["vanilla"],
        over_none=frame["panda"] - frame["none"],
        vanilla_over_none=frame["vanilla"] - frame["none"],
        relation=[relation(s, t) for s, t in zip(frame["source"], frame["target"], strict=True)],
        group=frame["source"].map(group),
        collapsed=(frame["vanilla"] <= majority + 0.5) & (frame["none"] > majority + 0.5),
    )


def summary(by: str) -> pd.DataFrame:
    """Per value of a column of `gains`: pairs, mean of the three gains, and the share of pairs with PANDA above."""
    groups = gains().groupby(by, sort=False)
    table = groups[["over_vanilla", "vanilla_over_none", "over_none"]].mean()
    table.insert(0, "pairs", groups.size())
    table["share_above_vanilla"] = groups["over_vanilla"].agg(lambda g: 100 * (g > 1e-9).mean())
    table["share_above_none"] = groups["over_none"].agg(lambda g: 100 * (g > 1e-9).mean())
    return table.reset_index()


def rows() -> pd.DataFrame:
    """The 105 rows of the grid tables: plm, source, vanilla, panda, none and the gain of the printed averages."""
    averages = printed.averages()
    wide = averages.query("source != ''").pivot(index=["plm", "source"], columns="method", values="value").reset_index()
    none = averages.query("method == 'p-tuning-v2'").set_index("plm")["value"]
    tuned = averages.query("method == 'model-tuning'").set_index("plm")["value"]
    return pd.DataFrame(
        {
            "plm": wide["plm"], "source": wide["source"], "vanilla": wide["vanilla-pot"], "panda": wide["panda"],
            "none": wide["plm"].map(none), "model_tuning": wide["plm"].map(tuned),
            "gain": (wide["panda"] - wide["vanilla-pot"]).round(1),
        }
    )  # fmt: skip


def choices() -> pd.DataFrame:
    """Per PLM, the mean over the targets by how the source is chosen: each of `vanilla_` and `panda_` with

    `mean` (any source, on average), `best` (the one source with the best average), `oracle` (for each target its
    best source); and none, model_tuning.
    """
    cells, by_plm = gains(), rows().groupby("plm", sort=False)
    best = cells.groupby(["plm", "target"], sort=False)[["vanilla", "panda"]].max().groupby("plm", sort=False).mean()
    columns = {"none": by_plm["none"].first(), "model_tuning": by_plm["model_tuning"].first()}
    for method in ("vanilla", "panda"):
        columns[f"{method}_mean"] = cells.groupby("plm", sort=False)[method].mean()
        columns[f"{method}_best"] = by_plm[method].max()
        columns[f"{method}_oracle"] = best[method]
    return pd.DataFrame(columns).loc[list(printed.GRIDS)].rename_axis("plm").reset_index()


def similarity_and_gain() -> pd.DataFrame:
    """The nine pairs with a printed similarity (Table VIII, QNLI, 100 samples, BERT-base), beside their gains."""
    similarity = printed.values("table-08").query("variant == '100'").set_index("target")["value"]
    frame = gains().query("plm == 'bert-base' and source == 'qnli'").copy()
    return frame.assign(similarity=frame["target"].map(similarity)).sort_values("similarity", ascending=False)


def case_similarity_and_gain() -> pd.DataFrame:
    """The four pairs with a similarity in Figure 8 (BERT-large), beside their gains."""
    lines = printed.texts("figure-08").drop_duplicates(["source", "target"])
    similarity = lines.set_index(["source", "target"])["similarity"].astype(float)
    frame = gains().query("plm == 'bert-large'").set_index(["source", "target"])
    return frame.loc[similarity.index].assign(similarity=similarity).sort_values("similarity", ascending=False)
