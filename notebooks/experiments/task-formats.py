# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What a model reads: one example of each task
#
# A task's rows become *token sequences*: lists of word pieces, with special marks around each text. This page takes one
# row of each task, cuts it into tokens as for training (at 128 of them), and writes the tokens out again. What is in
# capital letters or rare characters may look different from the original, since that is how the model sees it.
#
# A sequence holds one text or two; here a bar ( ‖ ) stands between the two. A task with choices has one sequence for
# each choice. Long texts are shortened to their first and last words, marked by “…”. For words with tags, the tags
# that are not O (“outside”) are shown; B begins a span and I continues it.

# %% tags=["parameters"]
plm: str = "minilm-l6"
row: int = 0

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.plms.loading import load_plm
from panda_core.report.examples import examples, origins
from panda_core.report.html import table
from panda_core.tasks import TABLE_1, TASKS

model = load_plm(plm)
HTML(f'<p><span class="panda-badge about">{plm}</span></p>')

# %% [markdown]
# ## Practice data
#
# The practice task that stands for each of the paper's 21 tasks, written by this project:

# %% tags=["remove-input"]
HTML(table(examples(model, TABLE_1, "practice", row), "Practice examples as the model reads them", ("Format",)))

# %% [markdown]
# ## Real data
#
# Short quotations from the data sets that were at hand when this page was made, in the same formats, with their open
# stand-ins. The rows themselves are not part of this book.

# %% tags=["remove-input"]
here, away = origins(TASKS)
HTML(table(examples(model, here, "real", row), "Real examples as the model reads them", ("Format",)) if here else "")

# %% tags=["remove-input"]
Markdown(f"Not at hand here: {', '.join(TASKS[name].title for name in away)}." if away else "All tasks were at hand.")
