# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Predicted transferability at several scales
#
# The paper shows these heatmaps without numbers. Below are ours, on the prompts that were trained here.

# %% tags=["parameters", "remove-input"]
exhibit: str = "figure-09"

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
# ## Mean similarity by scale
#
# The mean over every two different tasks that the metric knows on all PLMs, so that the PLMs compare.

# %% tags=["remove-input"]
rows = similarity_page.scale_means(found)
HTML(table(rows, "Mean similarity of two tasks") + page.measured_from(embedded(store)))

# %% [markdown]
# ## What it says

# %% tags=["remove-input"]
Markdown(similarity_page.reading_scales(found))

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
