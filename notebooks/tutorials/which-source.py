# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Which source? Task embeddings and transferability
#
# :::{admonition} Before you start
# **Time:** 45 minutes with the exercises. The notebook itself takes about 3 minutes on two fast CPU cores and up to 9 on slow
# ones, with no download.
#
# **You know:** prompt transfer, and that it helps with some sources and not with others ({doc}`tutorial-transfer`).
#
# **Afterwards you can**
# - turn a task into a vector, and compute the similarity of two tasks (Eq. 2) by hand;
# - draw the space of tasks, and compare three metrics of similarity;
# - predict which source will help, *then* measure it, and say how good the prediction was.
# :::

# %% tags=["parameters"]
data: str = "practice"
plm: str = "minilm-l6"
seed: int = 0
target: str = "rte"
sources: str = "mnli qnli qqp mrpc sst2 cola"
steps: int = 80
transfer_steps: int = 40

# %% tags=["hide-input"]
from itertools import combinations

import numpy as np
import pandas as pd
import torch
from IPython.display import HTML, Markdown, display
from matplotlib.pyplot import rcParams, subplots

from panda_core import PrefixPrompt, Store, complete, load_plm, make_spec
from panda_core.data.origin import load_split
from panda_core.report.charts import COLOURS
from panda_core.report.page import badges
from panda_core.tasks import get_task
from panda_core.transferability.matrix import similarities

rcParams["figure.dpi"] = 200  # sharp on a projector, too
HTML(badges(tier="smoke", data=data, plm=plm, seed=seed))

# %% [markdown]
# ## The question
#
# A source prompt can help, do nothing, or hurt. Trying every source on the target costs a training run each. Can we look at the
# *trained prompts* and tell in advance? A number that says how well a prompt will transfer is called its
# **transferability**. The paper predicts it by the similarity of the two tasks.
#
# We need one prompt for each task, all trained with the same budget. The target needs one too: that is the run without
# transfer, which every comparison needs anyway. The paper sorts its tasks into groups; ours here are *NLI*, natural
# language inference (does one text follow from another?), *SM*, semantic matching (do two texts mean the same?), and
# *others*.

# %% tags=["hide-input"]
names = [target, *sources.split()]
store = Store()
common = {"plm": plm, "data": data, "seed": seed}
budget = {"training.steps": str(steps), "training.evaluations": "1"}
specs = {name: make_spec(method="p-tuning-v2", sources=(name,), settings=budget, **common) for name in names}
records = {name: complete(spec, store) for name, spec in specs.items()}
prompts = {name: store.state(spec)["prompt"] for name, spec in specs.items()}
pd.DataFrame(
    {
        "task": [get_task(name).title for name in names],
        "group": [get_task(name).cluster for name in names],
        "own score": [f"{record.score:.1f} {record.metric}" for record in records.values()],
    },
    index=names,
)

# %% [markdown]
# The scores are those of each task's own prompt, in percent. Matthews correlation, the usual score of CoLA, is 100 for a
# perfect answer and 0 for a guess: a low one says that this prompt has learned little.

# %% tags=["remove-input"]
own = records[target]
truth = load_split(get_task(target), data, "validation").frame[get_task(target).label].head(own.validation_size)
share, constant = own.score / 100, 100 * truth.value_counts(normalize=True).max()
known = 196 * (share * (1 - share) / own.validation_size) ** 0.5
Markdown(
    f"The target's prompt matters most, since every source is compared with it: {own.score:.1f} %, give or take "
    f"{known:.0f}, where the same answer for everything gets {constant:.1f} %. "
    + ("It has learned something about its task." if own.score > constant + 1.5 * known else
       "It has hardly begun to learn its task; keep that in mind below.")
)

# %% [markdown]
# ## A task as a vector, by hand
#
# The paper's idea: a task is *what its prompt changes*. We need a sample $\mathcal{D}$ of the task's examples, equally many
# of each class:

# %%
frozen = load_plm(plm, device="cpu")


def balanced(name, size):
    """Row numbers of `size` validation examples, classes in equal shares; any rows where there are no classes."""
    task, frame = get_task(name), load_split(get_task(name), data, "validation").frame
    if not task.labels:
        return frame.sample(min(size, len(frame)), random_state=seed).index.tolist()
    each = size // len(task.labels)
    return [i for _, part in frame.groupby(task.label) for i in part.sample(min(each, len(part)), random_state=seed).index]


chosen = {name: balanced(name, 100) for name in names}

# %% [markdown]
# Let the PLM read each example twice: alone, which gives the vector $h^m$ (*m* for model), and with the task's prompt,
# which gives $h^p$. The mean of the differences is the **task embedding**:
#
# $$\hat{h} = \frac{1}{|\mathcal{D}|} \sum_{x \in \mathcal{D}} \left( h^p(x) - h^m(x) \right)$$
#
# and the similarity of two tasks is the cosine of the angle between their embeddings, which is Eq. 2:
#
# $$sim(\hat{h}_s, \hat{h}_t) = \frac{\hat{h}_s \cdot \hat{h}_t}{\lVert \hat{h}_s \rVert \, \lVert \hat{h}_t \rVert}$$
#
# In the code `encode` gives the hidden states of all tokens, and `represent` makes one vector of them.


# %%
@torch.no_grad()
def embedding_by_hand(name, index):
    """The task embedding [D], and the mean of h^p alone."""
    task = get_task(name)
    frame = load_split(task, data, "validation").frame.loc[index]
    texts = [frame[column].tolist() for column in task.inputs]
    read = frozen.tokenizer(*texts, padding=True, truncation=True, max_length=128, return_tensors="pt")
    prompt = PrefixPrompt.from_flat(prompts[name]).eval()
    with_prompt = frozen.represent(frozen.encode(**read, prompt=prompt), read["attention_mask"])  # h^p, [100, D]
    alone = frozen.represent(frozen.encode(**read), read["attention_mask"])  # h^m, [100, D]
    return (with_prompt - alone).mean(dim=0), with_prompt.mean(dim=0)


def cosine(a, b):
    """Eq. 2."""
    return (a @ b / (a.norm() * b.norm())).item()


by_hand, prompted = {}, {}
for name in names:
    by_hand[name], prompted[name] = embedding_by_hand(name, chosen[name])
pd.DataFrame({f"similarity to {target} (Eq. 2)": {name: cosine(by_hand[name], by_hand[target]) for name in names}}).round(3)

# %% [markdown]
# The larger the number, the better the source should be. The library's `task_embedding` and
# `similarity`, on the same rows:

# %%
from panda_core import similarity, task_embedding
from panda_core.data.encoded import encoded_split

for name in names[:2]:
    encoded = encoded_split(frozen, get_task(name), data, "validation", 128)
    library = task_embedding(frozen, PrefixPrompt.from_flat(prompts[name]), encoded, chosen[name])
    torch.testing.assert_close(by_hand[name], library, atol=1e-5, rtol=1e-3)
assert abs(similarity(by_hand[names[1]], by_hand[target]) - cosine(by_hand[names[1]], by_hand[target])) < 1e-6
print("by hand and library agree on", ", ".join(names[:2]))

# %% [markdown]
# ## The space of tasks
#
# An embedding has as many numbers as a hidden state of the PLM, too many to draw. Since only directions count, we give
# all embeddings length one and look at the two directions in which they differ most (*principal components*).

# %% tags=["hide-input"] mystnb={"image": {"alt": "Scatter plot of the task embeddings on their first two principal components, one labelled point per task, with a colour and a marker for each group of tasks."}}
unit = torch.stack([vector / vector.norm() for vector in by_hand.values()]).numpy()
centred = unit - unit.mean(axis=0)
u, s, _ = np.linalg.svd(centred, full_matrices=False)
points, share = u[:, :2] * s[:2], s[:2] ** 2 / (s**2).sum()
groups = list(dict.fromkeys(get_task(name).cluster for name in names))
figure, axis = subplots(figsize=(6.4, 4.4), layout="constrained")
for number, group in enumerate(groups):
    members = [i for i, name in enumerate(names) if get_task(name).cluster == group]
    axis.scatter(*points[members].T, s=70, color=COLOURS[number % 5], marker="osD^v"[number % 5], label=group)
for name, (x, y) in zip(names, points, strict=True):
    axis.annotate(get_task(name).title, (x, y), xytext=(6, 6), textcoords="offset points", fontsize="small")
axis.set(xlabel=f"first component ({share[0]:.0%} of the spread)", ylabel=f"second component ({share[1]:.0%})")
axis.margins(0.18)
axis.legend(title="group", frameon=False)
axis.grid(alpha=0.3)

# %% tags=["remove-input"]
closest = {
    name: max((other for other in names if other != name), key=lambda other: cosine(by_hand[name], by_hand[other]))
    for name in names
}
at_home = [name for name in names if get_task(name).cluster == get_task(closest[name]).cluster]
Markdown(
    "Do tasks of a group lie together? The drawing shows two directions of many; by Eq. 2, which sees them all, the closest "
    "task of each is: "
    + ", ".join(f"{get_task(name).title} – {get_task(other).title}" for name, other in closest.items())
    + f". For {len(at_home)} of {len(names)} it is one of the same group."
)

# %% [markdown]
# ## Three metrics
#
# Two metrics are older than the paper's, and need no examples at all:
#
# - **$E_{avg}$** {cite:p}`vu2022spot` compares the prompts themselves: the cosine of the two prompts, each averaged over
#   its $P$ positions.
# - **ON**, overlap of neurons {cite:p}`su2022transferability`: which outputs inside the PLM's feed-forward layers does the
#   prompt switch on (above zero), with no text behind it? Two prompts are alike if they switch on the same ones.
#
# All prompts here started from the same random numbers, because they share a seed. What is left of that start in the
# prompts makes them alike for $E_{avg}$, whatever the tasks are; exercise 4 compares two prompts of different seeds.
#
# $E_{avg}$ is one line by hand; `similarities` computes each metric for all pairs of tasks. (For Eq. 2 it draws 100
# examples of its own, so that its numbers differ a little from those above; exercise 3 asks how much that matters.)

# %%
metrics = {"Eq. 2": "ours", "E_avg": "e-avg", "ON": "on"}
found = {title: similarities(tasks=names, metric=name, settings=budget, store=store, **common) for title, name in metrics.items()}
matrices = {title: pd.DataFrame(one.mean, names, names) for title, one in found.items()}

e_avg = cosine(prompts[names[1]].mean(dim=0), prompts[target].mean(dim=0))
assert abs(e_avg - matrices["E_avg"].loc[names[1], target]) < 1e-5

# %% tags=["hide-input"] mystnb={"image": {"alt": "Three heatmaps of similarity between all pairs of tasks, by Equation 2, by E_avg and by ON, on one colour scale from -1 to 1. The target's column is in the table below."}}
figure, axes = subplots(2, 2, figsize=(6.4, 6.2), layout="constrained")
for axis, (title, matrix) in zip(axes.flat, matrices.items(), strict=False):
    image = axis.imshow(matrix, cmap="RdBu", vmin=-1, vmax=1)
    axis.set_title(title)
    axis.set_xticks(range(len(names)), names, rotation=90)
    axis.set_yticks(range(len(names)), names)
axes[1, 1].set_axis_off()
_ = figure.colorbar(image, ax=axes[1, 1], location="left", fraction=0.3, label="similarity (cosine)")

# %%
column = pd.DataFrame({title: matrix[target].drop(target) for title, matrix in matrices.items()})
column.sort_values("Eq. 2", ascending=False).round(3)

# %% tags=["remove-input"]
spread = {title: column[title].max() - column[title].min() for title in metrics}
kinds = {title: one.by_type() for title, one in found.items()}
alike = sum(get_task(a).cluster == get_task(b).cluster for a, b in combinations(names, 2))
Markdown(
    "How far apart a metric puts the most and the least similar source: "
    + ", ".join(f"{title} {value:.2f}" for title, value in spread.items())
    + f". Mean similarity of tasks of the same group ({alike} pairs) and of different groups, as in Table X of the paper: "
    + "; ".join(f"{title} {same:.2f} and {different:.2f}" for title, (same, different) in kinds.items()) + "."
)

# %% [markdown]
# ## Predict, then verify
#
# The prediction is on record: the column Eq. 2 of the last table. Now the measurement: start from each source prompt, train on the target for a short
# while, and take the score after the first *epoch* (one pass over the training set), or at the end where the training is
# shorter than that. That is what the paper compares its predictions with, because later on the source may be forgotten.
# The same training from a random prompt shows which sources help at all.

# %%
from panda_core.record import first_epoch
from panda_core.transferability.measure import rank_correlation

short = {"training.steps": str(transfer_steps), "training.evaluations": "1"}
of_source = {"source.steps": str(steps), "source.evaluations": "1"}
measured = {}
for name in sources.split():
    spec = make_spec(method="vanilla-pot", sources=(name,), target=target, settings=short | of_source, **common)
    measured[name] = first_epoch(complete(spec, store).curve).score
without = complete(make_spec(method="p-tuning-v2", target=target, settings=short, **common), store)
random_start = first_epoch(without.curve).score

# %% [markdown]
# How good is a *ranking*? **Spearman's correlation** is the ordinary correlation of the ranks: 1 if the order is right,
# 0 if there is no relation, -1 if it is upside down. By hand:

# %%
scores = pd.Series(measured)
spearman = {title: column[title].rank().corr(scores.rank()) for title in metrics}
for title in metrics:
    library = rank_correlation(column[title], measured)
    assert library is None or abs(library - spearman[title]) < 1e-6

# %% tags=["hide-input"] mystnb={"image": {"alt": "Scatter plot of the measured score on the target after the first epoch against the predicted similarity by Equation 2, one labelled point per source. The values are in the table below."}}
figure, axis = subplots(figsize=(6.4, 4.0), layout="constrained")
for number, group in enumerate(groups):
    members = [name for name in measured if get_task(name).cluster == group]
    axis.scatter(column.loc[members, "Eq. 2"], scores[members], s=70, color=COLOURS[number % 5],
                 marker="osD^v"[number % 5], label=group)
for name in measured:
    axis.annotate(get_task(name).title, (column.loc[name, "Eq. 2"], scores[name]), xytext=(6, 6),
                  textcoords="offset points", fontsize="small")
axis.axhline(random_start, color="#777777", linestyle=":", label="from a random prompt")
axis.set(xlabel="predicted: similarity to the target (Eq. 2)",
         ylabel=f"measured: {get_task(target).title}, {without.metric} after one epoch, or at the end (%)")
axis.margins(0.18)
axis.legend(frameon=False, fontsize="small")
axis.grid(alpha=0.3)

# %% tags=["remove-input"]
both = pd.DataFrame({"predicted, Eq. 2": column.loc[scores.index, "Eq. 2"].round(2), "measured (%)": scores.round(1)})
both.rename(lambda name: get_task(name).title).rename_axis("Source")

# %% tags=["remove-input"]
best = scores.idxmax()
picks = {title: column[title].idxmax() for title in metrics}
helpful = [get_task(name).title for name in scores.index if scores[name] > random_start]
p, n = scores[best] / 100, without.validation_size
Markdown(
    f"From a random prompt, the target reaches {random_start:.1f} %; above it: {', '.join(helpful) or 'no source'}. The best "
    f"source was **{get_task(best).title}** ({scores[best]:.1f} %, give or take {200 * (p * (1 - p) / n) ** 0.5:.1f}). "
    + " ".join(
        f"{title} would have chosen {get_task(pick).title} ({scores[pick]:.1f} %), rank correlation "
        + ("unknown." if pd.isna(spearman[title]) else f"{spearman[title]:+.2f}.")
        for title, pick in picks.items()
    )
    + (" Similarity says how alike two tasks are, not how well the source was learned: compare the two sources' own scores "
       "in the first table." if picks["Eq. 2"] != best else "")
    + f" With {len(scores)} sources, one seed and a short training, none of these rank correlations is firm; Figure 5 of the "
    "paper does this with 21 sources and 9 targets, {doc}`/book/executed/figure-05` shows what was measured here."
)

# %% [markdown]
# :::{admonition} What could go wrong
# :class: warning
# - **Prompts trained for very different times** are not comparable: an untrained prompt changes little, and the direction
#   of a small change is mostly noise.
# - **A source that has not learned its own task** cannot help, however similar. Look at the scores in the first table.
# - **A target that has not learned its own task.** Its prompt stands in every similarity, so it has to be more than noise.
# - **Unbalanced samples.** With 90 % of one class, the embedding describes that class more than the task.
# - **Low precision.** $h^p - h^m$ can be a small difference of large numbers, and bfloat16 keeps about three digits of each.
#   The library computes it in float32.
# - **Looking before predicting.** If you choose the metric after seeing the transfer scores, the prediction is none.
# :::
#
# ## Exercises
#
# **1. Both ways?** Is the similarity of source to target the same as of target to source? Could transfer be? Answer from
# the formula, then check the matrices.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
for matrix in matrices.values():
    assert np.allclose(matrix, matrix.T)
    assert np.allclose(np.diag(matrix), 1, atol=1e-6)
Markdown(
    "A cosine does not care about the order, so the similarity is the same both ways, for all three metrics. Transfer need "
    "not be: a large task may teach a small one a lot, and gain nothing in return. So no symmetric metric can predict the "
    "direction of a transfer."
)

# %% [markdown]
# **2. Why subtract $h^m$?** Compute the similarities from $h^p$ alone, and compare how far apart they put the sources.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
raw = pd.Series({name: cosine(prompted[name], prompted[target]) for name in measured})
difference = pd.Series({name: cosine(by_hand[name], by_hand[target]) for name in measured})
table = pd.DataFrame({"h^p alone": raw, "h^p - h^m": difference})
assert (table.abs() <= 1 + 1e-6).all(axis=None)
display(table.round(3))
order = {title: table[title].rank().corr(scores.rank()) for title in table}
spread = table.max() - table.min()
apart = "further apart" if spread["h^p - h^m"] > spread["h^p alone"] else "closer together"
Markdown(f"From the least to the most similar source it is {spread['h^p alone']:.2f} with $h^p$ alone and "
         f"{spread['h^p - h^m']:.2f} with the difference, so subtracting puts them {apart}. "
         "$h^p$ also holds what the PLM says about *any* text of that kind (one sentence, two sentences, a question), which "
         "is not the prompt's doing. Rank correlation with the measured transfer: "
         + ", ".join(f"{title} {value:+.2f}" for title, value in order.items())
         + f"; {len(scores)} sources cannot decide which is the better predictor.")

# %% [markdown]
# **3. How many examples?** Compute the similarity of the first source and the target from 10 and from 100 examples, each
# with three different draws. How much does it jump about? (`similarities` takes `samples` and `sample_seeds`.)

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
pair = (names[1], target)
jump = {}
for size in (10, 100):
    draws = similarities(tasks=pair, samples=(size,), sample_seeds=(1, 2, 3), settings=budget, store=store, **common)
    assert draws.values.shape == (3, 2, 2)
    jump[size] = draws.values[:, 0, 1]
Markdown("; ".join(f"{size} examples: {', '.join(f'{value:.3f}' for value in values)} (standard deviation "
                   f"{values.std():.3f})" for size, values in jump.items()) + ". Tables VIII and IX of the paper ask how far it moves from one "
         "size of the sample to another.")

# %% [markdown]
# **4. A task and itself.** Train the target's prompt once more with another seed. How similar are the two prompts of *one
# task* by the three metrics? A metric of tasks should say 1.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
from panda_core.transferability import activated_neurons, mean_token

again = make_spec(method="p-tuning-v2", sources=(target,), settings=budget, **{**common, "seed": seed + 1})
complete(again, store)
other = store.state(again)["prompt"]
encoded = encoded_split(frozen, get_task(target), data, "validation", 128)
twice = [PrefixPrompt.from_flat(flat) for flat in (prompts[target], other)]
own = {
    "Eq. 2": [task_embedding(frozen, prompt, encoded, chosen[target]) for prompt in twice],
    "E_avg": [mean_token(prompt.flat.detach()) for prompt in twice],
    "ON": [activated_neurons(frozen, prompt).flatten() for prompt in twice],
}
itself = {title: similarity(*both) for title, both in own.items()}
assert all(-1 <= value <= 1 + 1e-9 for value in itself.values())
rival = {title: matrix[target].drop(target).idxmax() for title, matrix in matrices.items()}
right = [title for title in metrics if itself[title] > matrices[title].loc[rival[title], target]]
Markdown(
    "; ".join(
        f"{title}: {itself[title]:.2f} with itself, {matrices[title].loc[rival[title], target]:.2f} with "
        f"{get_task(rival[title]).title}" for title in metrics
    )
    + f". Closer to itself than to any other task by: {', '.join(right) or 'none of them'}. The other tasks have an advantage, "
    "since their prompts share the target's start and these two do not. $E_{avg}$ compares the numbers of the prompts, which "
    "keep much of their start; ON compares what they switch on in the PLM when there is no text; only Eq. 2 asks what they "
    "do to sentences of the task."
)

# %% [markdown]
# ## Further reading
#
# $E_{avg}$ {cite:p}`vu2022spot`; overlap of neurons {cite:p}`su2022transferability`; the difference of representations,
# from which the paper takes its embedding {cite:p}`jiang2022promptbert`; which intermediate task helps a whole model
# {cite:p}`pruksachatkun2020intermediate`; the paper, Section III-C.1 and Section IV-E {cite:p}`zhong2024panda`.
