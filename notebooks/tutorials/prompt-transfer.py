# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Prompt transfer, and what it forgets
#
# :::{admonition} Before you start
# **Time:** 45 minutes with the exercises. The notebook itself takes about 3 minutes on two fast CPU cores and up to 9 on slow
# ones, with no download.
#
# **You know:** what a soft prompt is, and a prefix ({doc}`tutorial-prompt-tuning`).
#
# **Afterwards you can**
# - train a prompt on one task and reuse it on another, by hand and with the library;
# - measure when this helps and when it does not;
# - show what happens to the first task while a related and an unrelated one are learned;
# - tell apart "forgotten" and "no longer understood by the old head".
# :::

# %% tags=["parameters"]
data: str = "practice"
plm: str = "minilm-l6"
seed: int = 0
source: str = "mnli"
far: str = "sst2"
target: str = "rte"
source_steps: int = 300
steps: int = 100

# %% tags=["hide-input"]
import pandas as pd
import torch
import torch.nn.functional as F
from IPython.display import HTML, Markdown, display
from matplotlib.pyplot import rcParams, subplots
from torch import nn

from panda_core import PrefixPrompt, Store, complete, load_plm, make_spec
from panda_core.report.charts import COLOURS
from panda_core.report.page import badges
from panda_core.tasks import get_task

rcParams["figure.dpi"] = 200  # sharp on a projector, too
HTML(badges(tier="smoke", data=data, plm=plm, seed=seed))

# %% [markdown]
# ## Two tasks that are alike
#
# The task that a prompt is trained on first is the **source task**, the task that we care about is the **target task**.
# Our source, MNLI, asks whether one text follows from another (yes, open, no), and so does our target, RTE (yes or not).
# SST-2 of the last chapter, praise or complaint, is far from both. One example of each:

# %% tags=["hide-input"]
from panda_core.data.origin import load_split

lines = []
for name in (source, target, far):
    task, row = get_task(name), load_split(get_task(name), data, "train").frame.iloc[0]
    texts = " / ".join(f"*{row[column]}*" for column in task.inputs)
    lines.append(f"- **{task.title}** ({len(task.labels)} classes): {texts} – {task.labels[row[task.label]]}")
Markdown("\n".join(lines))

# %% [markdown]
# First the source prompt $u_s$: a prefix in every layer, trained on the source alone. The store keeps the best prompt of
# a run together with its head.

# %%
store = Store()
common = {"plm": plm, "data": data, "seed": seed}
source_spec = make_spec(
    method="p-tuning-v2", sources=(source,), settings={"training.steps": str(source_steps)}, **common
)
source_record = complete(source_spec, store)
trained = store.state(source_spec)
print(f"{get_task(source).title}: {source_record.score:.1f} % accuracy after {source_steps} steps")
print({name: list(tensor.shape) for name, tensor in trained.items()})

# %% [markdown]
# ## Transfer by hand
#
# **Vanilla prompt transfer** (Section III-B of the paper; SPoT {cite:p}`vu2022spot`) is one line: the target prompt
# *starts* as a copy of the source prompt, $u_t \leftarrow u_s$. The source head stays behind, because its labels are
# those of another task. Then $u_t$ and a new head are trained on the target with Eq. 1.
#
# Our loop will do just that, and take four things from the library, so that the two can be compared number for number:
# `encoded_split` gives a task's tokenised rows, `training_batches` the order in which a run with this seed sees them,
# `collate` pads the rows of a batch to one length, and `autocast` computes in bfloat16 where the processor can.

# %%
from panda_core.data.batches import collate
from panda_core.data.encoded import encoded_split
from panda_core.heads import Head
from panda_core.tiers import Training
from panda_core.training import autocast, training_batches

frozen = load_plm(plm)
rows = {name: encoded_split(frozen, get_task(name), data, "train", 128) for name in (source, target, far)}

# %% [markdown]
# The loop of the last chapter, with what this project uses everywhere: dropout on prompt, PLM and head, a learning rate
# that falls to 0, and gradients that are cut to length 1. The line of transfer is the one marked $u_t \leftarrow u_s$.


# %%
def transfer(start, steps, task=target, watch=None, beta=0.0, precision="auto"):
    """Train a prompt that starts as `start`, and a new head, on `task`; gives the prompt.

    `watch(step, prompt, head)` may look on after each step; `beta` is for exercise 4.
    """
    torch.manual_seed(seed)
    torch.randn(20, frozen.prefix_width)  # the library draws a random prompt first; so our head starts like its head
    prompt = PrefixPrompt(start, dropout=0.1).to(frozen.device)  # u_t <- u_s
    head = Head(frozen.hidden_size, len(get_task(task).labels), "sequence", dropout=0.1).to(frozen.device)
    trained = [prompt.flat, *head.parameters()]
    adam = torch.optim.AdamW(trained, lr=0.03, weight_decay=0.0)
    budget = Training(lr=0.03, batch_size=16, steps=steps)
    torch.manual_seed(seed)
    for step, index in enumerate(training_batches(rows[task], budget, seed)):
        if watch:
            watch(step, prompt, head)
        frozen.train(), prompt.train(), head.train()  # the PLM's own dropout is on, its weights stay
        batch = collate(rows[task].examples, index, rows[task].format, rows[task].pad_id).to(frozen.device)
        with autocast(frozen.device, precision):
            read = frozen.read(batch.input_ids, batch.attention_mask, batch.token_type_ids, prompt=prompt)
            loss = F.cross_entropy(head(read), batch.labels)  # Eq. 1
        if beta:
            loss = loss + beta * (prompt.flat - start.to(frozen.device)).square().sum()
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        adam.param_groups[0]["lr"] = 0.03 * (1 - step / steps)
        adam.step()
    if watch:
        watch(steps, prompt, head)
    return prompt.flat.detach().cpu()


# %% [markdown]
# The library's method is called `vanilla-pot` (PoT is short for prompt transfer). If our loop is right, then after a few
# steps both prompts are the same numbers, dropout included, because both draw their random numbers in the same order. A
# `Job` is what `complete` hands to a method: what to run, on which PLM, starting from what.


# %%
from panda_core.job import Job
from panda_core.methods import METHODS


def spec_of(method, *sources, **settings):
    """What to run on the target: the budgets of this chapter and the given changes."""
    budgets = {"training.steps": str(steps)}
    if sources:
        budgets["source.steps"] = str(source_steps)
    return make_spec(method=method, sources=sources, target=target, settings=budgets | settings, **common)


few = 5
exact = {"training.steps": str(few), "training.evaluations": "1", "optimiser.precision": "float32"}
short = spec_of("vanilla-pot", source, **exact)
by_library = METHODS["vanilla-pot"].train(Job(short, frozen, {"source": trained})).fit.best["prompt"]
by_hand = transfer(trained["prompt"], few, precision="float32")
torch.testing.assert_close(by_hand, by_library, atol=1e-5, rtol=1e-4)
print(f"after {few} steps the prompt moved by {(by_hand - trained['prompt']).norm():.3f}; "
      f"by hand and library differ by {(by_hand - by_library).norm():.1e}")

# %% [markdown]
# ## When does it help?
#
# Three prompts for the same target, with the same budget: from random numbers (P-Tuning v2), from the related source, and
# from the unrelated one. Each is scored four times, and once more after the first *epoch* (one pass over the training set)
# where the training is longer than that.

# %% tags=["hide-input"] mystnb={"image": {"alt": "Line chart of validation accuracy on the target against steps for three prompts: from a random start, from the related source and from the unrelated one. The scores are in the table below."}}
names = {name: get_task(name).title for name in (source, far, target)}
runs = {
    "from random": complete(spec_of("p-tuning-v2"), store),
    f"from {names[source]}": complete(spec_of("vanilla-pot", source), store),
    f"from {names[far]}": complete(spec_of("vanilla-pot", far), store),
}
figure, axis = subplots(figsize=(6.4, 3.6), layout="constrained")
for (name, record), colour, marker in zip(runs.items(), COLOURS, "osD", strict=False):
    axis.plot([p.step for p in record.curve], [p.score for p in record.curve], color=colour, marker=marker, label=name)
axis.set(xlabel="training step on the target", ylabel=f"{names[target]} validation accuracy (%)")
axis.legend(title="prompt starts", frameon=False)
axis.grid(alpha=0.3)

# %% [markdown]
# Is a difference more than the luck of these validation examples? Both prompts answered the same ones, so we can draw the
# examples anew, many times, and look how the *difference* moves (a *paired* bootstrap, after the one of
# {doc}`tutorial-prompt-tuning`). The table has the range that holds 95 of 100 draws; where 0 lies outside, it is more than
# that luck.

# %% tags=["hide-input"]
from panda_core.intervals import bootstrap_difference

alone = runs["from random"]
gains = {
    name: (record.score - alone.score,
           *bootstrap_difference(get_task(target), store.predictions(record.spec), store.predictions(alone.spec)))
    for name, record in runs.items() if record is not alone
}
pd.DataFrame(
    {
        f"step {alone.curve[0].step} (%)": {name: f"{record.curve[0].score:.1f}" for name, record in runs.items()},
        "best (%)": {name: f"{record.score:.1f}" for name, record in runs.items()},
        "against random": {name: f"{gain:+.1f} ({low:+.1f} to {high:+.1f})" for name, (gain, low, high) in gains.items()},
    }
).reindex(runs).fillna("").rename_axis("prompt starts")

# %% tags=["remove-input"]
def verdict(name):
    gain, low, high = gains[name]
    found = "helped" if low > 0 else "hurt" if high < 0 else "cannot be told from a random start"
    lead = runs[name].curve[0].score - alone.curve[0].score
    return f"Starting {name} {found} ({gain:+.1f} points); at the first look, after step {alone.curve[0].step}, it was {lead:+.1f} points."


Markdown(
    " ".join(verdict(name) for name in gains)
    + " This is the paper's first problem: *transfer is sensitive to the similarity of the two tasks*. The next chapter, "
    "{doc}`tutorial-which-source`, tries to predict it."
)

# %% [markdown]
# ## What does it forget?
#
# The second problem: the target prompt starts as the source prompt, and every training step overwrites it. So let us keep
# the source head, and while the prompt learns *another* task, test it on the *source*. We do so for the related task and,
# for comparison, for the unrelated one. (`PromptedModel` joins PLM, prompt and head; `evaluate` gives its accuracy.)

# %%
from panda_core.model import PromptedModel
from panda_core.training import evaluate

size = source_record.validation_size
checks = {name: encoded_split(frozen, get_task(name), data, "validation", 128).head(size) for name in rows}
old_head = Head(frozen.hidden_size, len(get_task(source).labels), "sequence", dropout=0.0)
old_head.linear.load_state_dict({name: trained[f"head.linear.{name}"] for name in ("weight", "bias")})


def score(name, prompt, head):
    """Accuracy in percent of prompt and head on the validation examples of a task."""
    model = PromptedModel(frozen, PrefixPrompt(prompt.flat), head, plm_dropout=False)
    return evaluate(model, checks[name], "auto")[0]


def learn(task, beta=0.0):
    """Scores on the source and on `task` while the source prompt learns it, every fifth of the way; and the prompt."""
    seen = []

    def watch(step, prompt, head):
        if step in {round(steps * part / 5) for part in range(6)}:
            seen.append((step, score(source, prompt, old_head), score(task, prompt, head)))

    prompt = transfer(trained["prompt"], steps, task, watch, beta)
    return pd.DataFrame(seen, columns=["step", "source", "learned"]).set_index("step"), prompt


learned = {task: learn(task) for task in (target, far)}

# %% tags=["hide-input"] mystnb={"image": {"alt": "Line chart of accuracy on the source task while the source prompt is trained on the related and on the unrelated task. First and last values are in the table below."}}
chance = checks[source].frame[get_task(source).label].value_counts(normalize=True).max() * 100
figure, axis = subplots(figsize=(6.4, 3.6), layout="constrained")
for (task, (scores, _)), colour, marker in zip(learned.items(), (COLOURS[0], COLOURS[3]), "os", strict=True):
    axis.plot(scores.index, scores["source"], color=colour, marker=marker, label=f"while it learns {names[task]}")
axis.axhline(chance, color="#777777", linewidth=1, linestyle=":", label="always the commonest class")
axis.set(xlabel="training step on the new task", ylabel=f"{names[source]} validation accuracy (%)", ylim=(0, 100))
axis.legend(frameon=False, fontsize="small", loc="lower right")
axis.grid(alpha=0.3)

# %% tags=["hide-input"]
pd.DataFrame(
    {
        f"learned {names[task]}": {
            f"{names[source]} before (%)": scores["source"].iloc[0],
            "at its lowest (%)": scores["source"].min(),
            "after (%)": scores["source"].iloc[-1],
            "the new task, before (%)": scores["learned"].iloc[0],
            "the new task, after (%)": scores["learned"].iloc[-1],
        }
        for task, (scores, _) in learned.items()
    }
).T.round(1)

# %% tags=["remove-input"]
lost = {task: scores["source"].iloc[0] - scores["source"].iloc[-1] for task, (scores, _) in learned.items()}
dip = {task: scores["source"].iloc[0] - scores["source"].min() for task, (scores, _) in learned.items()}
worst = max(lost, key=lost.get)
p, n = learned[target][0]["source"].iloc[0] / 100, len(checks[source].examples)
chance_range = 200 * (p * (1 - p) / n) ** 0.5
Markdown(
    " ".join(
        f"While it learns {names[task]}, the prompt "
        + (f"loses up to {dip[task]:.1f} points" if round(dip[task], 1) else "never falls below its first score")
        + f" on {names[source]}; after {steps} steps "
        + (f"**{gone:.1f} points** are gone." if gone > 0 else f"nothing is gone ({-gone:+.1f} points).")
        for task, gone in lost.items()
    )
    + f" On {n} examples, about {chance_range:.0f} points can be chance. "
    + ("What a prompt forgets depends on what it learns next: a related task can keep the old one alive."
       if lost[far] - lost[target] > chance_range else
       "Here the unrelated task did more damage on the way than the related one." if dip[far] - dip[target] > chance_range else
       "Here the unrelated task did not clearly do more damage than the related one.")
    + (" This run hardly shows the paper's second problem, that transfer forgets the source: do not take it for granted."
       if max(lost.values()) < chance_range else
       " This is the paper's second problem: *what the prompt knew of its source is lost while it learns the target*.")
)

# %% [markdown]
# The paper's answer, in {doc}`tutorial-panda`: leave $u_s$ alone, let it *teach* a prompt that starts at random.
#
# :::{admonition} What could go wrong
# :class: warning
# - **Prompts of different length or from another PLM** cannot be copied. The library says so; by hand, PyTorch complains
#   about shapes, or worse, does not (two PLMs of the same size).
# - **The source head is copied too.** With equally many classes this even runs, with the wrong meaning: class 1
#   is "neutral" in MNLI and "contradiction" in CB.
# - **The baseline gets fewer steps.** Transfer has used the source's steps *and* the target's. All prompts here get the
#   same steps on the target; the source's come on top and are a cost of their own.
# - **The best of many evaluations is compared.** It flatters whoever is evaluated more often. Here everybody is
#   evaluated equally often, and the curves are shown.
# :::
#
# ## Exercises
#
# **1. A baseline without a model.** What accuracy has the constant answer on the target's validation set? Is every run
# above it?

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
labels = load_split(get_task(target), data, "validation").frame[get_task(target).label]
constant = 100 * labels.value_counts(normalize=True).max()
assert constant >= 100 / len(get_task(target).labels)
Markdown(f"Constant answer: {constant:.1f} %. Above it: "
         + (", ".join(name for name, record in runs.items() if record.score > constant) or "none") + ".")

# %% [markdown]
# **2. How far does a prompt travel?** Compare the distance $\lVert u_t - u_s \rVert / \lVert u_s \rVert$ between start and
# end for the two sources. The store has the prompts.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
from panda_core.runs import inputs

distances = {}
for name in list(runs)[1:]:
    spec = runs[name].spec
    u_s, u_t = store.state(inputs(spec)["source"])["prompt"], store.state(spec)["prompt"]
    distances[name] = ((u_t - u_s).norm() / u_s.norm()).item()
assert all(distance > 0 for distance in distances.values())
Markdown(", ".join(f"{name}: {distance:.2f}" for name, distance in distances.items())
         + ". (The kept prompt is that of the best evaluation, which may be an early one.)")

# %% [markdown]
# **3. Forgotten, or misunderstood?** The old head may simply no longer fit. Take the case above in which more was lost.
# Read the vectors of 400 source examples with the overwritten prompt, and fit a *new* linear classifier to them
# (scikit-learn's `LogisticRegression`). Compare with $u_s$ and with no prompt at all.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
from sklearn.linear_model import LogisticRegression


@torch.no_grad()
def vectors(encoded, flat):
    frozen.eval()
    prompt = None if flat is None else PrefixPrompt(flat).to(frozen.device).eval()
    parts = []
    for start in range(0, len(encoded.examples), 50):
        chosen = range(start, min(start + 50, len(encoded.examples)))
        batch = collate(encoded.examples, list(chosen), encoded.format, encoded.pad_id).to(frozen.device)
        parts.append(frozen.read(batch.input_ids, batch.attention_mask, batch.token_type_ids, prompt=prompt).cpu())
    return torch.cat(parts).numpy(), encoded.frame[get_task(source).label].to_numpy()


scores, overwritten = learned[worst]
probes = {}
for name, flat in {"no prompt": None, "overwritten": overwritten, "source prompt": trained["prompt"]}.items():
    classifier = LogisticRegression(max_iter=2000).fit(*vectors(rows[source].head(400), flat))
    probes[name] = 100 * classifier.score(*vectors(checks[source], flat))
assert set(probes) == {"no prompt", "overwritten", "source prompt"}
before, after = scores["source"].iloc[0], scores["source"].iloc[-1]
fell, forgotten = before - after, max(0.0, probes["source prompt"] - probes["overwritten"])
share, size = probes["overwritten"] / 100, len(checks[source].examples)
Markdown(
    "Accuracy of a new classifier: " + ", ".join(f"{name} {value:.1f} %" for name, value in probes.items())
    + f". With its old head, the prompt that learned {names[worst]} went from {before:.1f} to {after:.1f} %. With a new head "
    f"for each, it is {forgotten:.1f} points below the source prompt: that much the prompt itself has lost"
    + (f", and the other {fell - forgotten:.1f} points are the old head, which no longer fits. " if fell > forgotten else ". ")
    + f"On {size} examples each of these numbers is known to about {196 * (share * (1 - share) / size) ** 0.5:.0f} points."
)

# %% [markdown]
# **4. Hold on to the past.** Add a penalty $\beta \lVert u_t - u_s \rVert^2$ to the loss, with $\beta = 0.05$, in the same
# case (the parameter `beta` of `transfer` and `learn` does that). What does it save, what does it cost?

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
held, _ = learn(worst, beta=0.05)
table = pd.DataFrame({"free": scores.iloc[-1], "held": held.iloc[-1]})
assert scores.iloc[0].equals(held.iloc[0])  # both start at the same place
display(table.rename(index={"source": names[source], "learned": names[worst]}).round(1))
saved, cost = held.iloc[-1] - scores.iloc[-1]
Markdown(f"With the penalty, {names[source]} ends {saved:+.1f} points and {names[worst]} {cost:+.1f} points from where free "
         "training ends. "
         + ("Memory and learning compete for the same numbers. The paper expects that what is remembered helps the target; being "
            "good at the source and being of use for the target are two things." if saved > 0 > cost else ""))

# %% [markdown]
# ## Further reading
#
# Vanilla prompt transfer: SPoT {cite:p}`vu2022spot`, and a study of its limits {cite:p}`su2022transferability`. Which
# intermediate tasks help when the whole model is trained: {cite:t}`pruksachatkun2020intermediate`. Forgetting in
# sequential fine-tuning: {cite:t}`chen2020recall`, whom the PANDA paper cites for its second problem
# {cite:p}`zhong2024panda`. In this book: {doc}`/book/executed/quickstart`.
