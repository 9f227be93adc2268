# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The practice suite: what it teaches, and whether it can be trusted
#
# The practice suite is a set of 21 small tasks that this project writes itself, one for each task of the paper and in
# the same format ({doc}`/book/data` tells where it is used). A suite that other chapters teach from should keep three
# promises, and this page measures them:
#
# 1. Each target task can be learned: P-Tuning v2, a trained prompt without any transfer, does clearly better than the
#    *majority*, which is the score of always giving the most frequent answer.
# 2. No target is so easy that nothing is left to gain.
# 3. A prompt from a related source task helps more than one from an unrelated one.

# %% tags=["parameters"]
examples: int = 2

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.report import practice, practice_transfer
from panda_core.report.html import heatmap, table
from panda_core.report.page import provenance
from panda_core.store import Store

store = Store()
learned, learned_records, learned_missing = practice.learned(store)
own, own_records, own_missing = practice.sources(store)
short, short_records, short_missing = practice.transferred(store)
records = [*learned_records, *own_records, *short_records]
HTML(practice.head(records, [*learned_missing, *own_missing, *short_missing]))

# %% [markdown]
# ## What is known beforehand
#
# Each practice task is made of *latent skills*, which are declared with it: to compare what two texts say of one thing,
# to know what leads to what, to see that different words mean the same, to find the person that a pronoun means, to find
# names, to find who did what to whom, to hold two texts side by side, and a few that only one task has. A task's skills
# are weights that add up to 1. What a source and a target share, the sum over the skills of the smaller weight, says
# beforehand how much the source should help: 1 is the same skill, 0 is nothing in common. The paper groups its tasks into
# *clusters* by their type; most tasks of one cluster share skills here, and also words and kinds of sentences. All this is
# known from how the sentences are made; whether a model profits as announced is measured further down.

# %% tags=["remove-input"]
HTML(heatmap([practice.shared_skill()], ("Show",), "Shared latent skill of each source and target, by construction", "Source"))

# %% [markdown]
# ## Some examples

# %% tags=["remove-input"]
HTML(table(practice.samples(examples), "Training examples of the targets, as generated"))

# %% [markdown]
# ## Can it be learned?
#
# P-Tuning v2 on each target with three seeds. The interval (95 %) tells how far the mean of the seeds would move with
# other validation examples of the same kind; the single seeds are shown beside it. A score is the best of a run's
# evaluations on the validation set, as in the paper, which flatters it. Where the score is a correlation, or
# counts names found, always giving the same answer earns nothing: there the majority is 0.

# %% tags=["remove-input"]
HTML(table(practice.learned_table(learned), "P-Tuning v2 against the majority"))

# %% tags=["remove-input"] mystnb={"image": {"alt": "Score of P-Tuning v2 on each practice target with its interval, and the score of the majority. The numbers are in the table above."}}
figure = practice.plot_learned(learned)

# %% tags=["remove-input"]
Markdown(practice.describe_learned(learned))

# %% [markdown]
# ## Does a related source help more?
#
# A start from another task's prompt matters most where there is little time to learn. So four targets, one of each
# cluster that has targets but *others*, are trained for a short time only, once from a random prompt (P-Tuning v2) and once from the prompt
# of each of five sources of the same clusters (vanilla transfer). The gain is the difference of the two.
#
# The sources first: a prompt that did not learn its own task has little to carry over. That is why question answering
# has two: BoolQ learns next to nothing in the steps of a source. SQuAD was chosen beside it for its score on its own
# task, before anything was known of its transfers.

# %% tags=["remove-input"]
HTML(table(practice.learned_table(own, practice_transfer.SOURCES, "Source"), "The sources on their own tasks"))

# %% tags=["remove-input"]
Markdown(practice_transfer.describe_sources(own))

# %% [markdown]
# And what they gave to the targets:

# %% tags=["remove-input"]
HTML(heatmap(practice_transfer.layers(short), ("Show",), "Gain of vanilla transfer over P-Tuning v2, in points", "Source"))

# %% [markdown]
# The test is *paired*: gains are compared seed by seed, and each interval is made of differences on the same resampled
# validation examples (a paired bootstrap). The mean gain from sources of the target's own cluster is set against that
# from the others; only where the whole interval and every seed are on one side of zero is one kind said to help more.

# %% tags=["remove-input"]
HTML(table(practice_transfer.kin_table(short), "Gain from the target's own cluster against gain from others"))

# %% tags=["remove-input"]
Markdown(practice_transfer.describe(short))

# %% [markdown]
# Each pair of source and target by itself, and whether the gains are those that the declared skills announce. One skill
# was not declared beforehand: that inference and semantic matching, and WiC, all hold two texts side by side was added
# after MNLI had turned out to help MRPC, and QQP RTE. So those two pairs cannot confirm it.

# %% tags=["remove-input"]
HTML(table(practice_transfer.gains_table(short), "Gains with their intervals", ("Same cluster",)))

# %% tags=["remove-input"]
Markdown(practice_transfer.describe_declared(short))

# %% [markdown]
# ## Budget and provenance
#
# All runs of this page are made by `panda grid practice`.

# %% tags=["remove-input"]
HTML(practice.budget() + provenance({f"{record.spec.label}, {record.steps} steps": record for record in records}))
