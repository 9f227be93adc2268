# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Predicted transferability
#
# The paper shows these heatmaps without numbers. Below are ours, on the prompts that were trained here.

# %% tags=["parameters", "remove-input"]
exhibit: str = "figure-05"

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.report import exhibit_page as page
from panda_core.report import similarity_page
from panda_core.report.html import heatmap, table
from panda_core.report.similarity import embedded, matrices
from panda_core.store import Store

store = Store()
runs = page.runs_of(exhibit, store)
HTML(page.head(exhibit, runs))

# %% [markdown]
# ## The heatmaps

# %% tags=["remove-input"]
found = matrices(store)
shown = heatmap(similarity_page.layers(found), ("PLM", "Metric"), "Similarity of every two tasks", "Task") if found else ""
HTML(shown + page.measured_from(embedded(store)))

# %% [markdown]
# ## Correlation with transfer
#
# For every target, the sources are ranked by similarity and by the score of vanilla PoT after its first epoch (at the
# end, where training stops before: CoLA and STS-B at tier reduced); the two ranks
# are compared by Spearman's correlation (1: the same order, 0: unrelated). Intervals are 95 % t intervals over the targets.

# %% tags=["remove-input"]
transfers = runs[runs["source"] != ""]
ranks = similarity_page.correlations(found, transfers)
HTML(table(ranks, "Spearman's correlation over the sources, mean over the targets") + page.measured_from(runs if len(ranks) else runs.iloc[:0]))

# %% [markdown]
# ## What it says

# %% tags=["remove-input"]
Markdown(similarity_page.reading_correlations(found, transfers))

# %% [markdown]
# ## What does not agree in the print
#
# Everything that arithmetic can check in the printed numbers was checked.

# %% tags=["remove-input"]
HTML(page.findings(exhibit))

# %% [markdown]
# ## Running it in full

# %% tags=["remove-input"]
HTML(page.full_run(exhibit))

# %% [markdown]
# ## Provenance

# %% tags=["remove-input"]
HTML(page.provenance(exhibit, runs, store))
