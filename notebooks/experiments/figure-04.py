# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Figure 4: the weight of distillation
#
# The figure prints no numbers; the text says that 0.05 is best and that a large weight harms more than a small one.

# %% tags=["parameters", "remove-input"]
exhibit: str = "figure-04"

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.report import charts, reading, variants
from panda_core.report import exhibit_page as page
from panda_core.report.html import table
from panda_core.store import Store

store = Store()
runs = page.runs_of(exhibit, store)
HTML(page.head(exhibit, runs))

# %% [markdown]
# ## Measured here

# %% tags=["remove-input"] mystnb={"image": {"alt": "Line chart of the mean score against lambda, one line for each PLM. The numbers are in the table below."}}
curve = variants.curve(runs, store)
if not curve.empty:
    figure = charts.lines(curve, "lambda", "mean score (percent)")

# %% tags=["remove-input"]
shown = variants.SHOWN[exhibit]
rows = variants.rows(exhibit, runs, store)
HTML(table(rows, f"Mean over targets and sources; differences to: {shown.base.label(exhibit)}") + page.measured_from(runs))

# %% [markdown]
# ## What it says

# %% tags=["remove-input"]
Markdown(reading.variants(exhibit, runs, store))

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
