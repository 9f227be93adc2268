# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Methods side by side
#
# Every method of the paper on the same PLM, with the same sources, the same targets and the same number of steps on the
# target. The sources are MNLI, QNLI and SST-2, the targets CB, RTE, MRPC and CoLA, all real data. {doc}`/book/method` says
# what each method does.

# %% tags=["parameters", "remove-input"]
exhibit: str = "methods"

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.report import exhibit_page as page
from panda_core.report import side_by_side
from panda_core.report.html import table
from panda_core.store import Store

store = Store()
runs = page.runs_of(exhibit, store)
HTML(f"<p>{' '.join(page.measured_labels(runs))}</p><p>{side_by_side.about()}</p>")

# %% [markdown]
# ## Scores
#
# A score is the best evaluation on the validation set, in percent, with its 95 % interval in brackets: how far it would
# move with other validation examples of the same kind (a bootstrap). Where a method gave one answer throughout, that is the
# same score on every resample. One seed was run, and the intervals do not cover the
# choice of the seed. On CoLA, whose score is a correlation, an answer that is always the same gives 0. The last columns
# say what a method costs: how many numbers it trains, how long that took, and how long it took together with everything
# that the method starts from, such as source prompts and teachers. The runs were not timed side by side, so small
# differences in time mean nothing.

# %% tags=["remove-input"]
HTML(table(side_by_side.scores(runs, store), "Every method at the same number of steps; best score in percent (95 % interval)") + page.measured_from(runs))

# %% [markdown]
# ## Against no transfer
#
# Each method less P-Tuning v2, which trains a prefix on the target alone. Both are scored on the same resampled validation
# examples, so an interval that does not hold 0 says that the difference is more than the luck of these examples.

# %% tags=["remove-input"]
HTML(table(side_by_side.differences(runs, store), "Difference to P-Tuning v2 in points (95 % interval)") + page.measured_from(runs))

# %% [markdown]
# ## The two protocol presets
#
# The paper leaves choices open, and its released code makes some that the text does not say. `PAPER` reads the text, and
# `RELEASED_CODE` does what the code does ({doc}`/book/open-choices`). For this PLM the second also changes what the head
# reads, in every method: the pooled [CLS] in place of the mean of the tokens. Methods with several sources and PANDA on other
# methods are no part of the released code.

# %% tags=["remove-input"]
HTML(table(side_by_side.presets(runs, store), "RELEASED_CODE beside PAPER, and the change in points (95 % interval)") + page.measured_from(runs))

# %% [markdown]
# ## What was seen

# %% tags=["remove-input"]
Markdown(side_by_side.reading(runs, store))

# %% [markdown]
# ## Provenance

# %% tags=["remove-input"]
HTML(page.provenance(exhibit, runs, store))
