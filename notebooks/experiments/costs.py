# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What it costs
#
# Training a prompt for a frozen PLM leaves most of the network alone. A general trainer cannot make use of that; the
# training loop of this book does. This page shows what that gains, where the time goes, what PANDA's teacher adds, how much
# memory a step takes, and what the paper's own PLMs would cost.

# %% tags=["parameters", "remove-input"]
batch_size: int = 32

# %% tags=["remove-input"]
from IPython.display import HTML, Markdown

from panda_core.report import cost_page as page
from panda_core.report import exhibit_page
from panda_core.report.html import table
from panda_core.store import Store

store = Store()
benches = [bench for bench in page.benches("speed") if bench["batch_size"] == batch_size]

# %% [markdown]
# ## Speed
#
# `panda bench` trains the same prompt on the same examples, in the same number of steps, in one process. The *engines* take
# turns, and the first three steps of each turn are dropped. "PEFT + Trainer" is prefix tuning with the packages most people
# use: in the first row of each task every batch is padded to 128 tokens, which is what the authors' released code does,
# in the second to its own longest sequence, in random order. Their teacher predicts in every step, ours once, before the
# first. "Times as fast" compares the time for all steps with that of the first row. A second table compares the median step,
# too: the steps of this engine differ in their time, because a batch holds sequences of similar length, and a few long ones
# lift the mean above the median. Tokens a second are real ones, without padding.

# %% tags=["remove-input"]
HTML("".join(page.speed(bench) + page.ratios(bench) + page.provenance(bench, "speed") for bench in benches))

# %% [markdown]
# ## Where the time goes
#
# `panda bench --measure profile` shows it. Such profiles decided what was made faster, and what was left alone.

# %% tags=["remove-input"]
HTML("".join(page.profiles(bench) + page.provenance(bench, "profile") for bench in page.benches("profile")))

# %% [markdown]
# Five shortcuts. None changes the function that is trained; the first and the fourth change which examples share a batch and
# which random numbers are drawn:
#
# - **Batches of similar length.** Sequences are sorted by length within pools of 16 batches, so little is padding, and the
#   order of an epoch stays random.
# - **The layers written out.** Weights never change, so queries, keys and values are packed into wide products once, and
#   scaling is part of the weights. Nothing below the first prefix needs a gradient.
# - **The last layer only where it is read.** A head that reads [CLS] needs one token of it.
# - **Cheap dropout.** torch's CPU generator draws one number per element; 16 random bits per element are enough, and are
#   drawn in blocks. With the general generator, dropout took longer than the softmax and the activation function together.
# - **A teacher predicts once**, and only on examples that the student will see.
#
# What was left out: fused attention on a CPU, which has no dropout of its own (on a GPU it is used); rows without any padding,
# as batches of similar length leave only 5 to 10 % of it; other layouts of the weights, as the products already run at
# the processor's own rate. With those in attention they are more than half of a step, and they are what limits the gain: a general trainer
# that pads to 128 tokens does the same products on more tokens and in float32. Long texts, of which little is
# padding, gain least; short ones most.
#
# ## How exact it is
#
# In float32, with the same batches and without dropout, the loss curve equals that of the general modules to 2e-5; a test
# holds it there. A further gain comes from **bfloat16**: where the processor multiplies bfloat16 natively (recent GPUs
# and server processors), matrix products use it, and attention weights are rounded to it, while residuals, normalisation and
# heads stay in float32. Here are runs in float32 beside the same runs in bfloat16. Batches and dropout are the same, only the
# rounding differs:

# %% tags=["remove-input"]
pairs = page.precision(store)
HTML(table(pairs, "float32 beside bfloat16, P-Tuning v2, real data") if len(pairs) else "")

# %% tags=["remove-input"]
Markdown(page.tolerance(store))

# %% [markdown]
# `--set optimiser.precision=float32` turns bfloat16 off, and every record says what it was made with. Task embeddings are
# always made in float32.
#
# ## What PANDA adds to vanilla PoT
#
# A step of PANDA has a second term in its loss, and PANDA needs the teacher's predictions on every example that the student
# will see. In evaluation mode they do not change, so they are made once. The more often a run passes over its examples, the
# less they weigh. Tier `full` is the paper's schedule (Table I), tier `reduced` the budget of the runs measured in
# this book, which on larger tasks ends before it has seen every example once. The numbers say how many percent longer a
# step of PANDA takes than the same step of vanilla PoT (the median over all steps), the share of the predictions included.
# The teacher's own training is a run of its own.

# %% tags=["remove-input"]
HTML("".join(page.teachers(bench) for bench in benches))

# %% [markdown]
# ## Memory
#
# Training holds what the backward pass needs of each token of a batch. So memory grows with the tokens of a batch, and not
# with the number of runs that a process makes one after another:

# %% tags=["remove-input"]
HTML("".join(page.memory(bench) + page.provenance(bench, "memory") for bench in page.benches("memory")))

# %% [markdown]
# ## The paper's PLMs, estimated
#
# These are **estimates**. Operations are counted in every matrix product of a training step, forward and backward, from the
# published configurations, without computing anything. Seconds follow from the rate that the paper's own A100 reached in
# Table XII. Memory is what a forward pass keeps for the backward pass, with the weights of a PLM loaded in bfloat16; float32
# weights, as `panda run` loads them, take more.

# %% tags=["remove-input"]
HTML(page.estimates())

# %% [markdown]
# ## Provenance
#
# Each measurement names its command and its code above. The runs that compare float32 with bfloat16 are these:

# %% tags=["remove-input"]
HTML(exhibit_page.provenance("costs", page.twins(store), store))
