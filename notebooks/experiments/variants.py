# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Methods and variants compared
#
# Mean scores over the targets. In a printed cell the small number in brackets is the difference to the row that the table
# names. A measured cell has its 95 % interval and the number of seeds in brackets, and below them its difference to that
# row, with an interval of its own. Both are over the validation examples; printed numbers are taken as they are, without the error
# that they have themselves.

# %% tags=["parameters", "remove-input"]
exhibit: str = "table-05"

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.report import exhibit_page as page
from panda_core.report import reading, variants
from panda_core.report.html import table
from panda_core.store import Store

store = Store()
runs = page.runs_of(exhibit, store)
HTML(page.head(exhibit, runs))

# %% [markdown]
# ## Printed and measured

# %% tags=["remove-input"]
shown = variants.SHOWN[exhibit]
rows = variants.rows(exhibit, runs, store)
HTML(table(rows, f"Mean over the targets; differences to: {shown.base.label(exhibit)}") + page.sources(exhibit, runs))

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
