# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Figure 1: best transfer at five scales
#
# The figure prints no numbers. Those below are worked out from the tables that it is drawn from.

# %% tags=["parameters", "remove-input"]
exhibit: str = "figure-01"

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.experiments import EXPERIMENTS
from panda_core.paper import printed
from panda_core.report import charts, scales
from panda_core.report import exhibit_page as page
from panda_core.report.html import table
from panda_core.store import Store

store = Store()
runs = page.runs_of(exhibit, store)
HTML(page.head(exhibit, runs))

# %% [markdown]
# ## From the printed tables

# %% tags=["remove-input"] mystnb={"image": {"alt": "Bar chart of mean scores of five methods for five sizes of BERT. The numbers are in the table below."}}
targets = EXPERIMENTS[exhibit].targets
means = scales.printed_means(targets)
figure = charts.bars(means, "mean score (percent)")

# %% tags=["remove-input"]
rows = means.rename_axis("PLM").reset_index()
HTML(table(rows, "Mean over eight SuperGLUE and GLUE targets, from the printed tables") + page.printed_in(*printed.GRIDS.values()))

# %% [markdown]
# ## Measured here

# %% tags=["remove-input"]
measured = scales.measured_means(runs, store, targets)
HTML(table(measured, "The same from our runs; 95 % intervals, which take the choice of a best source as given") + page.measured_from(runs))

# %% [markdown]
# ## What it says

# %% tags=["remove-input"]
Markdown(f"{scales.reading(means, targets)} {scales.reading_measured(measured)}")

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
