# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The claims of the paper
#
# Every claim with the paper's own evidence, what its printed tables say, what was measured here, and a verdict by one rule.

# %% tags=["parameters", "remove-input"]
exhibit: str = "claims"

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.paper.claims import RULE, ledger
from panda_core.report import exhibit_page as page
from panda_core.report import ledger_page, ledger_words, measured
from panda_core.report.html import table
from panda_core.store import Store

store = Store()
runs = page.runs_of(exhibit, store)
rows = ledger(store)
HTML(f"<p>{page.labels(runs)}</p>")

# %% tags=["remove-input"]
Markdown(ledger_words.summary(rows))

# %% [markdown]
# ## How to read it
#
# *In the printed tables* is arithmetic on the paper's own numbers; where these are the cells of the grid tables, our own
# statistic and rule are applied to them, too. *Measured here* is counted so that a positive value speaks for
# the claim. The PLMs and budgets are not the paper's: "not supported" says that the claim was not seen here, not that it is wrong
# there.
#
# **The interval** is a 95 % t interval over the target tasks. Seeds are averaged within a pair of source and target, pairs within
# a target; the targets' means then vary by the luck of examples and seeds, and by the tasks themselves. Not in it is what all
# targets share: the luck of the source prompts, the choice of the sources, the PLM. Each row says on how many targets and seeds it
# rests. The intervals of the exhibit pages resample the validation examples alone; most are narrower. Where a claim is about
# several comparisons at once, the interval is that of the least of them: its lower end is the lowest of theirs, its upper end the
# lowest of theirs too, each at the level that their number takes. Shares ("consistently") have the interval of resampled targets
# or sources, which is wide on the side of 50 %.
#
# {doc}`The audit <audit>` takes the text at its word: there "all" is every row, and "with scale" every step. A claim that holds
# here can therefore differ there.

# %% tags=["remove-input"]
Markdown(f"**The rule.** {RULE}")

# %% tags=["remove-input"]
panda = runs[(runs["method"] == "panda") & (runs["settings"] == "{}")]
parts = (
    ledger_words.chance(rows), ledger_words.weight_of_one_target(rows), ledger_words.weight_of_shares(rows),
    ledger_words.weight_of_selection(measured.of("table-02", store)), ledger_words.weight_of_teachers(panda),
)
Markdown("\n\n".join(filter(None, parts)))

# %% [markdown]
# ## The ledger

# %% tags=["remove-input"]
HTML(table(ledger_page.ledger_table(rows), "Claims, statistics and verdicts", ("Verdict", "In the printed tables")))

# %% [markdown]
# ## Provenance

# %% tags=["remove-input"]
HTML(page.provenance(exhibit, runs, store))
