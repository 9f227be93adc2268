# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Table X: same and different types of task
#
# Mean similarities, times 100, over pairs of tasks of one type and of two. Measured on the tasks that all metrics have on a PLM, so
# that the metrics compare; the intervals are 95 % bootstrap intervals over the tasks.

# %% tags=["parameters", "remove-input"]
exhibit: str = "table-10"

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.report import exhibit_page as page
from panda_core.report import similarity_page
from panda_core.report.html import table
from panda_core.report.similarity import embedded, matrices
from panda_core.store import Store

store = Store()
runs = page.runs_of(exhibit, store)
HTML(page.head(exhibit, runs))

# %% [markdown]
# ## Printed and measured

# %% tags=["remove-input"]
found = matrices(store)
HTML(table(similarity_page.type_means(found), "Mean similarity (x 100), a task with itself left out", ("Metric",)) + page.sources(exhibit, embedded(store)))

# %% [markdown]
# ## What it says

# %% tags=["remove-input"]
Markdown(similarity_page.reading_types(found))

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
