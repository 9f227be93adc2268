# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Figure 2: prompt-tuning by scale and by start
#
# The figure prints no numbers. Its left part is worked out from the tables; its right part, how a prompt starts, is measured.

# %% tags=["parameters", "remove-input"]
exhibit: str = "figure-02"

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.experiments import EXPERIMENTS
from panda_core.paper import printed
from panda_core.report import charts, reading, scales, variants
from panda_core.report import exhibit_page as page
from panda_core.report.html import table
from panda_core.store import Store

store = Store()
runs = page.runs_of(exhibit, store)
HTML(page.head(exhibit, runs))

# %% [markdown]
# ## Left: prompt-tuning against model-tuning, from the printed tables

# %% tags=["remove-input"] mystnb={"image": {"alt": "Bar chart of mean scores of model-tuning and two kinds of prompt-tuning for five sizes of BERT. The numbers are in the table below."}}
targets = EXPERIMENTS[exhibit].targets
means = scales.printed_means(targets)[list(scales.ALONE.values())]
figure = charts.bars(means, "mean score (percent)")

# %% tags=["remove-input"]
rows = means.rename_axis("PLM").reset_index()
HTML(table(rows, "Mean over nine targets, from the printed tables") + page.printed_in(*printed.GRIDS.values()))

# %% [markdown]
# ## Measured here: methods and starts

# %% tags=["remove-input"]
shown = variants.SHOWN[exhibit]
rows = variants.rows(exhibit, runs, store)
HTML(table(rows, f"Mean over nine targets; differences to: {shown.base.label(exhibit)}") + page.measured_from(runs))

# %% [markdown]
# ## What it says

# %% tags=["remove-input"]
Markdown(f"{scales.reading(means, targets)} {reading.variants(exhibit, runs, store)}")

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
