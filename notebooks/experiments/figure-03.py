# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Figure 3: the two ways to transfer
#
# The figure is a drawing without numbers. {doc}`/book/method` has our own drawing of the same, with the equations and the code
# beside it.

# %% tags=["parameters", "remove-input"]
exhibit: str = "figure-03"

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.report import exhibit_page as page
from panda_core.store import Store

store = Store()
runs = page.runs_of(exhibit, store)
HTML(page.head(exhibit, runs))

# %% tags=["remove-input"]
Markdown("There is nothing to measure in this figure.")

# %% [markdown]
# ## Provenance

# %% tags=["remove-input"]
HTML(page.provenance(exhibit, runs, store))
