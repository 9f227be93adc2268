# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Figure 7: the source that a metric would choose
#
# The figure prints no numbers. A metric that chooses well finds a source close to the best one.

# %% tags=["parameters", "remove-input"]
exhibit: str = "figure-07"

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.report import exhibit_page as page
from panda_core.report import similarity_page
from panda_core.report.html import table
from panda_core.report.similarity import matrices
from panda_core.store import Store

store = Store()
runs = page.runs_of(exhibit, store)
HTML(page.head(exhibit, runs))

# %% [markdown]
# ## Measured here

# %% tags=["remove-input"]
found = matrices(store)
chosen = similarity_page.chosen_sources(found, runs[runs["source"] != ""])
HTML(
    table(similarity_page.choices(chosen), "Means over the targets (percent), with the 95 % interval of the difference")
    + table(chosen, "Vanilla PoT from the source that each metric ranks first (percent)", ("PLM", "Metric", "Target"))
    + page.measured_from(runs if len(chosen) else runs.iloc[:0])
)

# %% [markdown]
# ## What it says

# %% tags=["remove-input"]
Markdown(similarity_page.reading_chosen(chosen))

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
