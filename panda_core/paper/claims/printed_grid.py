"""The printed grid tables in the place of records, so that statistics of the measured side can be taken of them."""

from functools import lru_cache

import pandas as pd

from panda_core.paper import printed

PRINTED = "as printed"  # given to a statistic in the place of a store


@lru_cache
def runs() -> pd.DataFrame:
    """The cells of Tables II and XIII to XVI like `measured.of`, as runs of one seed without similarities."""
    grid = printed.grid().query("target != @printed.AVERAGE")
    ids = grid["plm"].str.cat(grid[["method", "source", "target"]], sep="-")
    return pd.DataFrame(
        {
            "id": ids, "plm": grid["plm"], "method": grid["method"], "source": grid["source"], "target": grid["target"],
            "seed": 0, "variant": "", "score": grid["value"], "similarity": float("nan"), "first": float("nan"),
        }
    ).reset_index(drop=True)  # fmt: skip
