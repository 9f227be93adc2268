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
# training loop of this book does. This page shows what it gains, where the time goes, and what the paper's own PLMs
# would cost.

# %% tags=["parameters"]
batch_size: int = 32

# %% tags=["remove-input"]
from IPython.display import HTML

from panda_core.report import costs

benches = [bench for bench in costs.benches() if bench["batch_size"] == batch_size]

# %% [markdown]
# ## Measured
#
# `panda bench` trains the same prompt on the same examples, in the same number of steps, in one process. The engines take
# turns, and the first step of each turn is dropped. "PEFT + Trainer" is prefix tuning with the packages that most people
# use: in the first row of each task every batch is padded to 128 tokens, which is what the authors' released code does,
# in the second to its own longest sequence, in random order. A teacher of theirs predicts in every step, ours
# once. "Times as fast" compares the time for all steps with that of the first row.

# %% tags=["remove-input"]
HTML("".join(costs.measured(bench) + costs.ratios(bench) for bench in benches))

# %% [markdown]
# PANDA needs the teacher's predictions before its first step, on the examples that the student will see. They do not
# change, so their cost is shared by all epochs of a run:

# %% tags=["remove-input"]
HTML("".join(costs.teachers(bench) for bench in benches))

# %% [markdown]
# ## Where the time goes
#
# This profile decided what was made faster, and what was left alone.

# %% tags=["remove-input"]
HTML("".join(costs.profiles(bench) for bench in benches))

# %% [markdown]
# Five shortcuts, none of which changes what is computed:
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
# In float32, with the same batches and without dropout, the loss curve equals that of the general modules to 2e-5; a test
# holds it there. A further gain comes from **bfloat16**: where the processor multiplies bfloat16 natively (CUDA, recent
# server processors), matrix products use it, while residuals, normalisation, softmax and heads stay in float32. Losses of
# the first steps then differ by less than 0.03, which a test holds too. `--set optimiser.precision=float32` turns it off, and
# every record says what it was made with. Task embeddings are always made in float32.
#
# What was left out: a softmax in bfloat16, which took four times as long as in float32; an allocator that keeps freed memory,
# which changed nothing; fused attention on a CPU, which has no dropout of its own (on a GPU it is used).

# %% [markdown]
# ## The paper's PLMs, estimated
#
# These are **estimates**. Operations are counted from the configurations: two for each parameter of the layers and each token
# forward, two backward. Seconds follow from the rate that the paper's own A100 reached in Table XII. Memory is what the
# forward pass of a step keeps, counted without computing anything.

# %% tags=["remove-input"]
HTML(costs.estimates())
