# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Many sources
#
# :::{admonition} Before you start
# **Time:** 45 minutes with the exercises. The notebook itself takes about 3 minutes on two fast CPU cores and up to 9 on slow
# ones, with no download.
#
# **You know:** PANDA with one source: teacher, student, Eq. 2 to 4 ({doc}`tutorial-panda`).
#
# **Afterwards you can**
# - fuse several teachers early (Eq. 5) and late (Eq. 6), by hand and with the library;
# - say why the fused "probabilities" of the paper do not add up to one, and what that does;
# - measure whether one source helps, and whether more of them help more.
# :::

# %% tags=["parameters"]
data: str = "practice"
plm: str = "minilm-l6"
seed: int = 0
sources: str = "qqp mnli sst2"
target: str = "mrpc"
weight: float = 1.0
source_steps: int = 100
steps: int = 50

# %% tags=["hide-input"]
import pandas as pd
import torch
from IPython.display import HTML, Markdown, display
from matplotlib.pyplot import rcParams, subplots
from torch import nn

from panda_core import PrefixPrompt, Store, complete, load_plm, make_spec
from panda_core.report.charts import COLOURS
from panda_core.report.page import badges
from panda_core.runs import inputs
from panda_core.tasks import get_task

rcParams["figure.dpi"] = 200  # sharp on a projector, too
HTML(badges(tier="smoke", data=data, plm=plm, seed=seed))

# %% [markdown]
# ## Several teachers
#
# PANDA trains a student under one teacher. With $n$ sources there are $n$ teachers, each the source prompt trained
# briefly on the target, and $n$ similarities $sim_1, \dots, sim_n$. Two ways to make one teacher of them
# (Section III-C.3):
#
# - **early fusion** averages the *prompts*, and the average is the teacher;
# - **late fusion** lets every teacher speak, and averages *what they say*.
#
# The paper's $\lambda$ of 0.05 is so gentle that after a short training the choice of teachers would hardly show. Here the
# parameter `weight` turns it up, for all runs alike. To save time, students are scored twice only, and similarities are
# taken from 50 examples instead of 100; exercise 3 of {doc}`tutorial-which-source` shows how to find out what a smaller
# sample changes.

# %%
store = Store()
names, task = sources.split(), get_task(target)
common = {"plm": plm, "data": data, "seed": seed, "target": target}


def run(method, *chosen, **settings):
    """The record of a run on the target, with the budgets of this chapter and the given changes."""
    budgets = {"training.steps": str(steps), "training.evaluations": "2"}
    if chosen:
        budgets |= {"source.steps": str(source_steps), "source.evaluations": "1"}
        budgets |= {"kd.weight": str(weight), "embedding.samples": "50"}
    changed = {key.replace("__", "."): str(value) for key, value in settings.items()}
    return complete(make_spec(method=method, sources=chosen, settings=budgets | changed, **common), store)


alone = run("p-tuning-v2")
early, late = run("panda-early", *names), run("panda-late", *names)
needed = inputs(early.spec)
sims = {name: max(early.similarities[name], 0.0) for name in names}  # a negative one counts as none
teachers = {name: complete(needed[f"teacher {name}"], store) for name in names}
pd.DataFrame(
    {"similarity (Eq. 2)": sims, "teacher's score (%)": {name: one.score for name, one in teachers.items()}}
).rename_axis("source").round(3)

# %% tags=["remove-input"]
trusted, best = max(names, key=sims.get), max(names, key=lambda name: teachers[name].score)
Markdown(
    "Both fusions weigh a teacher by its similarity, not by how good it is. "
    + (f"Here the two disagree: {get_task(trusted).title} counts most, and {get_task(best).title} is the best teacher by "
       f"{teachers[best].score - teachers[trusted].score:.1f} points. " if trusted != best else
       f"Here {get_task(best).title} counts most and is the best teacher, too. ")
    + ("How much the made-up sources really share with their targets is known ({doc}`/book/executed/practice-suite`)."
       if data == "practice" else "")
)

# %% [markdown]
# ## Early fusion, by hand
#
# Eq. 5 weighs each prompt by its similarity and divides by the *number* of sources:
#
# $$u_{s_{all}} = \frac{1}{n} \sum_i sim_i \cdot u_{s_i}$$
#
# A teacher also has a head. The paper does not say what becomes of it; this project fuses the heads with the same weights,
# because each belongs to its prompt ({doc}`/book/open-choices`).

# %%
n = len(names)
states = {name: store.state(needed[f"teacher {name}"]) for name in names}
shares = {name: sims[name] / n for name in names}
by_hand = {part: sum(shares[name] * states[name][part] for name in names) for part in states[names[0]]}  # Eq. 5

# %%
from panda_core.distillation import fused, source_weights

library = fused(list(states.values()), source_weights(list(sims.values()), early.spec.protocol.fusion))
for part, tensor in by_hand.items():
    torch.testing.assert_close(tensor, library[part])
print("by hand and library agree on", ", ".join(by_hand))

# %% [markdown]
# ## Late fusion, by hand
#
# Eq. 6 fuses what the teachers predict instead:
#
# $$P_{te_{all}}(y_i \mid U_s) = \frac{1}{n} \sum_j sim_j \cdot P_{te}(y_i \mid u_{s_j})$$
#
# The distillation loss of Eq. 3 then takes $P_{te_{all}}$ for the teacher, and $sim$ no longer stands in Eq. 4, because it
# has been used. On eight examples:

# %%
from panda_core.data.batches import collate
from panda_core.data.encoded import encoded_split
from panda_core.losses import distillation_loss, soft_predictions

frozen = load_plm(plm, device="cpu")
rows = encoded_split(frozen, task, data, "train", 128)
batch = collate(rows.examples, list(range(8)), rows.format, rows.pad_id)


@torch.no_grad()
def logits(state):
    """What prompt and head say about the eight examples, [8, C]."""
    read = frozen.read(batch.input_ids, batch.attention_mask, batch.token_type_ids, PrefixPrompt.from_flat(state["prompt"]).eval())
    return nn.functional.linear(read, state["head.linear.weight"], state["head.linear.bias"])


said = {name: logits(states[name]) for name in names}
P_all = sum(shares[name] * said[name].softmax(dim=-1) for name in names)  # Eq. 6
student = torch.randn(8, len(task.labels), generator=torch.Generator().manual_seed(seed))  # any logits will do
L_kd = (P_all - student.softmax(dim=-1)).square().sum(dim=-1).mean()  # Eq. 3 with P_all

# %%
kd = late.spec.protocol.kd
library = sum(shares[name] * soft_predictions(said[name], rows.format, kd) for name in names)
torch.testing.assert_close(P_all, library)
torch.testing.assert_close(L_kd, distillation_loss(student, library, rows.format, kd))
print("first example:", [round(p, 3) for p in P_all[0].tolist()], "sum", round(P_all[0].sum().item(), 3))

# %% tags=["remove-input"]
total = sum(shares.values())
Markdown(
    f"Look at the sum: the fused prediction adds up to **{total:.2f}**, the mean of the similarities, and not to 1. So it is "
    "no distribution. Eq. 6 divides by $n$ and not by the sum of the similarities. Exercise 1 asks what that does."
)

# %% [markdown]
# ## Whose advice is good?
#
# A student is pulled towards what its teacher says. So how often are the fused teachers right? A teacher fused late is *n*
# networks that vote; one fused early is a single network that nobody has ever trained. (`predict_rows` gives the logits of
# each example, `evaluate` the accuracy.)

# %%
from panda_core.heads import Head
from panda_core.model import PromptedModel
from panda_core.training import evaluate, predict_rows

checked = encoded_split(frozen, task, data, "validation", 128).head(teachers[names[0]].validation_size)


def network(state):
    """Prompt, PLM and head as one model."""
    model = PromptedModel(frozen, PrefixPrompt.from_flat(state["prompt"]), Head(frozen.hidden_size, len(task.labels), "sequence", 0.0), False)
    model.load(state)
    return model


def accuracy(probabilities):
    truth = torch.tensor([example.label for example in checked.examples])
    return 100 * (probabilities.argmax(dim=-1) == truth).float().mean().item()


votes = {}
for name in names:
    found = predict_rows(network(states[name]), checked, "auto")
    votes[name] = torch.cat([found[i] for i in range(len(checked.examples))]).softmax(dim=-1)
advice = {f"teacher from {name}": accuracy(votes[name]) for name in names}
advice["fused late (Eq. 6)"] = accuracy(sum(shares[name] * votes[name] for name in names))
advice["fused early (Eq. 5)"] = evaluate(network(by_hand), checked, "auto")[0]
pd.DataFrame({"accuracy (%)": advice}).round(1)

# %% [markdown]
# ## Do more sources help?
#
# Add the sources one by one, the most similar first, and train a student each time.

# %%
order = sorted(names, key=sims.get, reverse=True)
students = {
    title: [run(method, *order[:count]) for count in range(1, n + 1)]
    for title, method in {"early (Eq. 5)": "panda-early", "late (Eq. 6)": "panda-late"}.items()
}
grown = pd.DataFrame(
    {title: [record.score for record in records] for title, records in students.items()},
    index=pd.Index(range(1, n + 1), name="sources"),
)

# %% [markdown]
# The bars of the chart are 95 % intervals: how far each score would move with other validation examples.

# %% tags=["hide-input"] mystnb={"image": {"alt": "Line chart of the student's validation score with intervals against the number of sources, for early and late fusion, with a line for no source. The scores are in the table below."}}
from panda_core.intervals import bootstrap_difference, bootstrap_interval

figure, axis = subplots(figsize=(6.4, 3.8), layout="constrained")
for (title, records), colour, marker, shift in zip(students.items(), COLOURS, "os", (-0.03, 0.03), strict=False):
    ranges = [bootstrap_interval(task, store.predictions(record.spec)) for record in records]
    bars = [[record.score - low, high - record.score] for record, (low, high) in zip(records, ranges, strict=True)]
    axis.errorbar(grown.index + shift, grown[title], yerr=list(zip(*bars, strict=True)), color=colour, marker=marker, capsize=4, label=title)
axis.axhline(alone.score, color="#777777", linestyle=":", label="no source (P-Tuning v2)")
axis.set_xticks(grown.index, ["\n+ ".join(order[:count]) for count in grown.index])
axis.set(xlabel="sources", ylabel=f"{task.title} validation accuracy (%)")
figure.legend(loc="outside upper center", ncols=3, frameon=False, fontsize="small")
axis.grid(alpha=0.3)

# %%
grown.round(1)

# %% tags=["remove-input"]
def compared(every, other, words):
    """The difference of two runs in points, with its 95 % interval, and what it allows to say."""
    low, high = bootstrap_difference(task, store.predictions(every.spec), store.predictions(other.spec))
    found = "better" if low > 0 else "worse" if high < 0 else "which may be chance"
    return f"{every.score - other.score:+.1f} points against {words} ({low:+.1f} to {high:+.1f}), {found}"


parts = [
    f"{title[0].upper()}{title[1:]}: with {n} sources the student scores {compared(records[-1], records[0], 'one source')}; "
    f"{compared(records[-1], alone, 'no source')}."
    for title, records in students.items()
]
Markdown(
    " ".join(parts) + " Two things would pull in opposite directions: another teacher may know something new, and with the "
    "division by $n$ every further source that is less similar makes the fused one fainter. "
    f"A student that starts at random and has {steps} steps may also have no time to follow anybody's advice."
)

# %% [markdown]
# :::{admonition} What could go wrong
# :class: warning
# - **Prompts are averaged, heads are not.** A head reads what its own prompt produced; exercise 2 tries whether it matters.
# - **Source prompts are averaged instead of target-like ones.** The paper allows both. A source prompt brings no head for
#   the target's labels; one has to be trained first, which is what `teacher.prompt=source` does.
# - **One source, two rules.** With one source this is not quite the PANDA of {doc}`tutorial-panda`: the similarity weakens
#   the teacher here, and the loss there.
# - **The similarity is used twice.** Eq. 5 and 6 have it in the weights; leave it out of Eq. 4.
# - **"More sources" also means more computing.** Each costs a source prompt, a teacher and a similarity.
# :::
#
# ## Exercises
#
# **1. A sum below one.** Find the distribution $p$ that comes closest to a fused prediction $t$ whose sum is
# $S < 1$, i.e. the minimum of $\lVert t - p \rVert^2$ over distributions. What does the missing mass do to the student?
# Derive it (Lagrange), then check it by gradient descent.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
t = P_all[0].double()
by_formula = t + (1 - t.sum()) / len(t)
z = torch.zeros_like(t, requires_grad=True)
adam = torch.optim.Adam([z], lr=0.05)
for _ in range(2000):
    loss = (t - z.softmax(dim=-1)).square().sum()
    adam.zero_grad()
    loss.backward()
    adam.step()
assert (by_formula >= 0).all()
torch.testing.assert_close(z.softmax(dim=-1).detach(), by_formula, atol=1e-4, rtol=1e-3)
shown = [" and ".join(f"{value:.3f}" for value in values.tolist()) for values in (t, by_formula)]
Markdown(
    f"$p = t + (1 - S) / C$, here {shown[1]} instead of {shown[0]}: the missing mass is spread evenly over the classes. Weak "
    "sources make a teacher that hesitates, which is what label smoothing does on purpose."
)

# %% [markdown]
# **2. A prompt without its head.** Put the head of the most similar source's teacher behind the early-fused prompt. Compare the accuracy
# with that of the fused head, and explain.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
borrowed = by_hand | {part: states[order[0]][part] for part in by_hand if part.startswith("head")}
with_head = evaluate(network(borrowed), checked, "auto")[0]
assert torch.equal(borrowed["prompt"], by_hand["prompt"])
Markdown(f"Head of the {get_task(order[0]).title} teacher {with_head:.1f} %, fused head {advice['fused early (Eq. 5)']:.1f} %, "
         f"that teacher itself {advice[f'teacher from {order[0]}']:.1f} %. The fused prompt is a new prompt: neither head was "
         "trained on what it makes the PLM say"
         + (", and both pay for it." if max(with_head, advice["fused early (Eq. 5)"]) < advice[f"teacher from {order[0]}"] - 2
            else "."))

# %% [markdown]
# **3. The road between two teachers.** Early fusion takes for granted that the average of two good networks is good. Walk
# from the best teacher to the second best, $(1 - a)\,\theta_1 + a\,\theta_2$ with $a = 0, 0.25, \dots, 1$, prompt and head
# together, and measure the accuracy. Is there a valley?

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
ends = sorted(names, key=lambda name: advice[f"teacher from {name}"], reverse=True)[:2]
first, second = (states[name] for name in ends)
road = {}
for a in (0.0, 0.25, 0.5, 0.75, 1.0):
    between = {part: (1 - a) * first[part] + a * second[part] for part in first}
    road[a] = evaluate(network(between), checked, "auto")[0]
assert len(road) == 5
lowest = min(road.values())
Markdown(f"From {get_task(ends[0]).title} to {get_task(ends[1]).title}: "
         + "; ".join(f"a = {a:g}: {score:.1f} %" for a, score in road.items()) + ". " + (
    f"There is a valley, {min(road[0.0], road[1.0]) - lowest:.1f} points below the worse end."
    if lowest < min(road[0.0], road[1.0]) - 1 else "There is no valley of more than a point between these two."))

# %% [markdown]
# **4. Divide by the sum.** `fusion.weights=normalised` makes the weights add up to one. Train students with all sources and
# compare with the printed rule.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
ones = source_weights([0.6, 0.2], run("panda-late", *names, fusion__weights="normalised").spec.protocol.fusion)
assert abs(sum(ones) - 1) < 1e-9
rule = pd.DataFrame(
    {
        "printed, sim / n": [early.score, late.score],
        "normalised": [run(method, *names, fusion__weights="normalised").score for method in ("panda-early", "panda-late")],
    },
    index=["early", "late"],
)
display(rule.round(1))
share, size = early.score / 100, early.validation_size
known, (by_early, by_late) = 196 * (share * (1 - share) / size) ** 0.5, rule.diff(axis=1).iloc[:, 1]
Markdown("A prompt that is multiplied by less than one is a *weaker* prompt, so one would expect early fusion to feel the "
         "printed rule in its very teacher, and late fusion only to hesitate more. Here normalising changes early fusion by "
         f"{by_early:+.1f} and late fusion by {by_late:+.1f} points; on {size} examples each score is known to about "
         f"{known:.0f} points" + (", so these runs cannot show it." if max(abs(by_early), abs(by_late)) < known else "."))

# %% [markdown]
# ## Further reading
#
# Mixing prompts anew for each example: ATTEMPT {cite:p}`asai2022attempt`; weighing whole models for each example: SESoM
# {cite:p}`peng2023sesom`, both of them rivals in Table IV of the paper ({doc}`/book/executed/table-04`); averaging the
# weights of whole models {cite:p}`wortsman2022soups`; label smoothing {cite:p}`szegedy2016rethinking`; the paper,
# Section III-C.3 {cite:p}`zhong2024panda`.
