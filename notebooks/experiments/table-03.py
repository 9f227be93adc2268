# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Table III: average scores at four scales
#
# Nine sources, four sizes of BERT; the full tables are XIII to XVI.

# %% tags=["parameters", "remove-input"]
exhibit: str = "table-03"

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.experiments import EXPERIMENTS
from panda_core.report import comparison, reading
from panda_core.report import exhibit_page as page
from panda_core.report.html import table
from panda_core.store import Store

store = Store()
runs = page.runs_of(exhibit, store)
HTML(page.head(exhibit, runs))

# %% [markdown]
# ## As printed

# %% tags=["remove-input"]
HTML(table(comparison.printed_by_plm(exhibit), "Vanilla PoT and PANDA, mean over nine targets (percent)"))

# %% [markdown]
# ## Measured here

# %% tags=["remove-input"]
rows = comparison.average_rows(None, runs, store, EXPERIMENTS[exhibit].sources)
HTML(table(rows, "The same sources, open stand-ins beside licensed ones"))

# %% [markdown]
# ## What it says

# %% tags=["remove-input"]
Markdown(reading.scales(runs, store))

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
