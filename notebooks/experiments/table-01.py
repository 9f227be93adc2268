# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Table I: the tasks
#
# The printed settings, the public sizes of the data sets, and what could be had here.

# %% tags=["parameters", "remove-input"]
exhibit: str = "table-01"

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.report import exhibit_page as page
from panda_core.report import tasks
from panda_core.report.html import table
from panda_core.store import Store

store = Store()
runs = page.runs_of(exhibit, store)
HTML(page.head(exhibit, runs))

# %% [markdown]
# ## Printed, public, and at hand

# %% tags=["remove-input"]
HTML(table(tasks.rows(store), "The 21 tasks", ("Group", "Kind")) + page.sources(exhibit, runs))

# %% [markdown]
# ## What it says

# %% tags=["remove-input"]
Markdown(tasks.reading())

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
