# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Table XII: parameters and time
#
# Times are of one machine each: the paper's A100 and, here, the processor named under provenance.

# %% tags=["parameters", "remove-input"]
exhibit: str = "table-12"

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.report import efficiency
from panda_core.report import exhibit_page as page
from panda_core.report.html import table
from panda_core.store import Store

store = Store()
runs = page.runs_of(exhibit, store)
HTML(page.head(exhibit, runs))

# %% [markdown]
# ## Printed and measured

# %% tags=["remove-input"]
HTML(table(efficiency.rows(runs), "Trained parameters and training time") + page.sources(exhibit, runs))

# %% [markdown]
# The printed counts of vanilla PoT and PANDA, twice that of P-Tuning v2, hold the source prompt beside the target's; ours
# are of what is trained on the target.
#
# The runs of a grid are not timed side by side: other runs share the machine with them. `panda bench --measure methods`
# lets the methods take turns in one process, on the same examples. Vanilla PoT takes the same steps as P-Tuning v2 from
# another start, so what separates these two is the noise of the measurement. The times of ten epochs, the paper's
# schedule, are the sum of that many steps, with the teacher's predictions; the teacher's own training is not in them.

# %% tags=["remove-input"]
HTML(efficiency.timed())

# %% [markdown]
# ## What it says

# %% tags=["remove-input"]
Markdown(efficiency.reading(runs))

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
