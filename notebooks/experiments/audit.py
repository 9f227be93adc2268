# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The audit of the printed tables
#
# Whatever in the paper's tables can be checked by arithmetic is checked here by code, and all of it is shown: what agrees,
# what differs, and what cannot be told. A number counts as agreeing when it is as close as rounding allows. A difference is
# not an accusation: tables of more than two thousand numbers have slips, and few of those found here touch a conclusion.
# Accuracies are held to the counts of correct answers twice, by column and by cell, so that a cell which no count can give
# appears in two lines. {doc}`The claims <claims>` are read less strictly than the statements here: there "all" is more than
# 80 % of the rows.

# %% tags=["parameters", "remove-input"]
exhibit: str = "all"

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.report import ledger_page
from panda_core.report.html import badge, heatmap, table

HTML(f"<p>{badge('paper', 'paper: as printed')}</p>")

# %% [markdown]
# ## How it came out

# %% tags=["remove-input"]
HTML(table(ledger_page.audit_summary(), "Checks by kind and verdict"))

# %% [markdown]
# ## The headline: 2.3 points on average, up to 24.1

# %% tags=["remove-input"]
Markdown(ledger_page.headline())

# %% [markdown]
# ## What the gains are made of
#
# Three differences, for every source, target and PLM: PANDA less vanilla PoT is the gain that the paper reports; the other two
# compare each with *no transfer* (P-Tuning v2), and the first is their difference.

# %% tags=["remove-input"]
HTML(heatmap(ledger_page.gain_layers(), ("PLM", "Shown"), "Printed gains, sources (rows) to targets (columns), in points", "Source"))

# %% [markdown]
# ### By PLM

# %% tags=["remove-input"]
HTML(table(ledger_page.composition_table("plm"), "Mean printed gains by PLM, in points"))

# %% [markdown]
# ### By likeness of source and target
#
# Two tasks are of the same type if they are in one group of Section IV-E (two of its rest group: if Table I calls them alike).

# %% tags=["remove-input"]
HTML(table(ledger_page.composition_table("relation"), "Mean printed gains by the types of source and target, in points"))

# %% [markdown]
# ### By how the source is chosen
#
# The paper's headline is a mean over all sources. Who uses prompt transfer picks one: the one source that is best on average, or
# the best for each target. Both picks are made here with the scores that are reported, as in the paper's row *ORACLE*.

# %% tags=["remove-input"]
HTML(table(ledger_page.choices_table(), "Printed averages over the nine targets by choice of the source", ("PLM", "Source")))

# %% [markdown]
# ### By group of the source task

# %% tags=["remove-input"]
HTML(table(ledger_page.composition_table("group"), "Mean printed gains by group of the source, in points"))

# %% [markdown]
# ### By source

# %% tags=["remove-input"]
HTML(table(ledger_page.composition_table("source"), "Mean printed gains by source, in points"))

# %% [markdown]
# ### By target

# %% tags=["remove-input"]
HTML(table(ledger_page.composition_table("target"), "Mean printed gains by target, in points"))

# %% [markdown]
# ### By failed transfers

# %% tags=["remove-input"]
HTML(table(ledger_page.composition_table("collapsed"), "Mean printed gains where vanilla PoT, but not P-Tuning v2 without transfer, predicts like the most frequent class, in points"))

# %% [markdown]
# ## What does not agree
#
# Single accuracies that no count of correct answers can give are left to the last table.

# %% tags=["remove-input"]
HTML(table(ledger_page.differing(), "Checks that do not agree", ("Kind",)))

# %% [markdown]
# ## Counts of correct answers
#
# On a validation set of 56 examples an accuracy is a multiple of 1/56. Nearly all cells of the transfer tables are such
# multiples of their own validation set, which says that each is one run (or the best of some), not a mean over seeds. The rows
# of model-tuning often are not: they may be means, or come from elsewhere. Matthews correlation (CoLA), correlations (STS-B)
# and F1 (CoNLL04) are on no such grid, so nothing can be said about them.

# %% [markdown]
# ## Every check

# %% tags=["remove-input"]
HTML(table(ledger_page.audit_table(exhibit), "All checks", ("Verdict", "Kind", "Exhibit")))
