# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Similarity and sample size
#
# How much the similarity of Eq. 2 depends on how many examples it is computed from. The 95 % intervals of measured means are
# t intervals over the targets. A larger sample holds the smaller ones of the same split, so that similarities move less from one
# size to the next than between samples drawn apart.

# %% tags=["parameters", "remove-input"]
exhibit: str = "table-08"

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.report import exhibit_page as page
from panda_core.report import sampling
from panda_core.report.html import table
from panda_core.store import Store

store = Store()
runs = page.runs_of(exhibit, store)
HTML(page.head(exhibit, runs))

# %% [markdown]
# ## Printed and measured

# %% tags=["remove-input"]
HTML(table(sampling.rows(exhibit, store), "Similarity by Eq. 2, printed and measured") + page.sources(exhibit, runs))

# %% [markdown]
# ## What it says

# %% tags=["remove-input"]
Markdown(sampling.reading(exhibit, store))

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
