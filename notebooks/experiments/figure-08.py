# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Figure 8: the case study
#
# What each method predicts for two validation examples, as printed; and for any example of CB and COPA, what was predicted here
# and how sure the model was.

# %% tags=["parameters", "remove-input"]
exhibit: str = "figure-08"

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.report import cases
from panda_core.report import exhibit_page as page
from panda_core.report.html import table
from panda_core.store import Store

store = Store()
runs = page.runs_of(exhibit, store)
HTML(page.head(exhibit, runs))

# %% [markdown]
# ## As printed

# %% tags=["remove-input"]
shown = table(cases.printed_table(), "The printed predictions", ("Example", "Source task"))
HTML(cases.quotation("cb", 34) + cases.quotation("copa", 14) + shown + page.printed_in(exhibit))

# %% [markdown]
# ## Pick an example
#
# The number is its place in the official validation set, counted from 0. The probability is what the model gave to its own
# prediction. Of each PLM the first seed is shown.

# %% tags=["remove-input"]
HTML((cases.explorer(runs, store) if len(runs) else "") + page.measured_from(runs))

# %% [markdown]
# ## What it says

# %% tags=["remove-input"]
Markdown(cases.reading(runs, store))

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
