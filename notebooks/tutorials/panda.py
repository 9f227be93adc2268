# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # PANDA: let the source prompt teach
#
# :::{admonition} Before you start
# **Time:** 60 minutes with the exercises. The notebook itself takes about 3 minutes on two fast CPU cores and up to 9 on slow
# ones, with no download.
#
# **You know:** that transfer overwrites what it starts from ({doc}`tutorial-transfer`), and the similarity of two tasks
# ({doc}`tutorial-which-source`).
#
# **Afterwards you can**
# - name PANDA's three prompts: source, target-like teacher, student;
# - compute its loss, Eq. 3 and 4, line by line, and train a student by hand;
# - say what the weight $\lambda$ does, from a sweep;
# - read what a teacher knows beyond the right answer, on single examples.
# :::

# %% tags=["parameters"]
data: str = "practice"
plm: str = "minilm-l6"
seed: int = 0
source: str = "mnli"
target: str = "rte"
source_steps: int = 240
steps: int = 80

# %% tags=["hide-input"]
import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from IPython.display import HTML, Markdown, display
from matplotlib.pyplot import rcParams, subplots
from torch import nn

from panda_core import PrefixPrompt, Store, complete, load_plm, make_spec
from panda_core.report.charts import COLOURS, HATCHES
from panda_core.report.page import badges
from panda_core.runs import inputs
from panda_core.tasks import get_task

rcParams["figure.dpi"] = 200  # sharp on a projector, too
HTML(badges(tier="smoke", data=data, plm=plm, seed=seed))

# %% [markdown]
# ## The idea
#
# Vanilla transfer *starts* from the source prompt and overwrites it. PANDA {cite:p}`zhong2024panda` leaves it alone and
# lets it **teach**. To make one network imitate another is called *knowledge distillation*
# {cite:p}`hinton2015distilling`: the **teacher** says, for each example, how probable it finds each class, and the
# **student** is trained to say the same, beside being trained on the labels.
#
# Three prompts take part, all in front of the same frozen PLM:
#
# 1. the **source prompt** $u_s$, trained on the source task;
# 2. the **target-like teacher** $u_s^*$: the source prompt, trained *briefly* on the target (one epoch if it is small).
#    It must speak the target's labels, and should not forget the source;
# 3. the **student** $u_r$: a prompt that starts at random, and is trained for the full budget.
#
# "At random" is the point: the student's prompt never held what the source knows, so it has nothing to forget; all it
# gets of the source comes through the teacher's answers.
#
# The library knows all this as the method `panda`. `inputs` lists the runs that it starts from; the target's own prompt
# is among them, because the similarity of Eq. 2 needs it.

# %%
store = Store()
names = {name: get_task(name).title for name in (source, target)}
common = {"plm": plm, "data": data, "seed": seed, "target": target}


def spec_of(method, **settings):
    """What to run on the target, with the budgets of this chapter and the given changes."""
    budgets = {"training.steps": str(steps), "training.evaluations": "2"}
    if method == "p-tuning-v2":
        return make_spec(method=method, settings=budgets | settings, **common)
    of_source = {"source.steps": str(source_steps), "source.evaluations": "1"}
    return make_spec(method=method, sources=(source,), settings=budgets | of_source | settings, **common)


panda = spec_of("panda")
record = complete(panda, store)
needed = inputs(panda)
made = {role: complete(spec, store) for role, spec in needed.items()}
pd.DataFrame(
    {"run": one.spec.label.split(" (")[0], "steps": one.steps, "score (%)": one.score} for one in made.values()
).set_axis(list(made))

# %% [markdown]
# ## Eq. 3 and 4, line by line
#
# Take the first eight examples of the target, the teacher, and a student that has not been trained yet. Three helpers:
# `batch_of` makes a batch of rows, `network` puts the prompt and the head of a trained run together again, and `logits` is
# what the two say about a batch, before the softmax.

# %%
from panda_core.data.batches import collate
from panda_core.data.encoded import encoded_split

frozen = load_plm(plm)
rows = encoded_split(frozen, get_task(target), data, "train", 128)
classes = get_task(target).labels
states = {role: store.state(spec) for role, spec in needed.items()}  # what each of these runs trained


def batch_of(index):
    return collate(rows.examples, index, rows.format, rows.pad_id).to(frozen.device)


def network(state):
    """Prompt and head of a trained run."""
    head = nn.Linear(frozen.hidden_size, len(classes))
    head.load_state_dict({name: state[f"head.linear.{name}"] for name in ("weight", "bias")})
    return PrefixPrompt.from_flat(state["prompt"]).to(frozen.device).eval(), head.to(frozen.device)


def logits(batch, prompt, head):
    """What prompt and head say about each example, [B, C]."""
    return head(frozen.read(batch.input_ids, batch.attention_mask, batch.token_type_ids, prompt=prompt))


# %%
torch.manual_seed(seed)
teacher = network(states["teacher"])
student = PrefixPrompt.normal(20, frozen.prefix_width, std=0.02), nn.Linear(frozen.hidden_size, len(classes))
student = [part.to(frozen.device) for part in student]
batch = batch_of(list(range(8)))
with torch.no_grad():
    said_by_teacher, said_by_student = logits(batch, *teacher), logits(batch, *student)

# %% [markdown]
# The teacher's and the student's distributions over the classes, $P_{te}$ and $P_{st}$, and their squared distance, which
# is Eq. 3 (as a mean over the examples, like the cross-entropy beside it):
#
# $$\mathcal{L}_{kd}(u_r, f) = \sum_i \left( P_{te}(y_i \mid u_s^*) - P_{st}(y_i \mid u_r) \right)^2$$

# %%
P_te = said_by_teacher.softmax(dim=-1)  # [8, C]
P_st = said_by_student.softmax(dim=-1)  # [8, C]
L_kd = (P_te - P_st).square().sum(dim=-1).mean()  # Eq. 3
for name, distribution in {"teacher": P_te, "student": P_st}.items():
    print(f"{name}, first example:", {y: round(p, 3) for y, p in zip(classes, distribution[0].tolist(), strict=True)})
print(f"L_kd = {L_kd:.4f}")

# %% [markdown]
# The labels still count. Eq. 4 adds both signals; $\lambda$ says how much the teacher may count at most, and the
# similarity of source and target, $sim$, how much it counts for this source:
#
# $$\mathcal{L}_{all}(u_r, f) = \mathcal{L}_{ce}(u_r, f) + \lambda \cdot sim \cdot \mathcal{L}_{kd}(u_r, f)$$

# %%
sim, weight = max(record.similarity, 0.0), 0.05  # Eq. 2, a negative one counts as none; the paper's lambda
L_ce = F.cross_entropy(said_by_student, batch.labels)  # Eq. 1
L_all = L_ce + weight * sim * L_kd  # Eq. 4
print(f"L_all = {L_ce:.4f} + {weight} x {sim:.3f} x {L_kd:.4f} = {L_all:.4f}")

# %%
from panda_core.losses import distillation_loss, panda_loss, soft_predictions
from panda_core.protocol import KDProtocol

kd = KDProtocol()
library = distillation_loss(said_by_student, soft_predictions(said_by_teacher, rows.format, kd), rows.format, kd)
torch.testing.assert_close(L_kd, library)
torch.testing.assert_close(L_all, panda_loss(L_ce, library, weight, sim))
print("by hand and library agree on Eq. 3 and 4")

# %% [markdown]
# ## A student by hand
#
# The loop is that of {doc}`tutorial-transfer` with a random start and Eq. 4 for the loss. The teacher is frozen, so what
# it says about an example never changes; a fast program asks it once for each example and writes the answers down, as the
# library does. Ours asks again for each batch, which is slower and easier to read.

# %%
from panda_core.heads import Head
from panda_core.tiers import Training
from panda_core.training import training_batches


def train_student(steps, weight):
    """The student's prompt after `steps` steps on Eq. 4 with lambda = `weight`."""
    torch.manual_seed(seed)
    prompt = PrefixPrompt.normal(20, frozen.prefix_width, std=0.02, dropout=0.1).to(frozen.device)  # u_r
    head = Head(frozen.hidden_size, len(classes), "sequence", dropout=0.1).to(frozen.device)
    trained = [prompt.flat, *head.parameters()]
    adam = torch.optim.AdamW(trained, lr=0.03, weight_decay=0.0)
    torch.manual_seed(seed)
    for step, index in enumerate(training_batches(rows, Training(lr=0.03, batch_size=16, steps=steps), seed)):
        batch = batch_of(index)
        with torch.no_grad():
            frozen.eval()
            P_te = logits(batch, *teacher).softmax(dim=-1)
        frozen.train(), prompt.train(), head.train()  # dropout is for the student alone
        said = logits(batch, prompt, head)
        L_kd = (P_te - said.softmax(dim=-1)).square().sum(dim=-1).mean()  # Eq. 3
        loss = F.cross_entropy(said, batch.labels) + weight * sim * L_kd  # Eq. 4
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        adam.param_groups[0]["lr"] = 0.03 * (1 - step / steps)
        adam.step()
    return prompt.flat.detach().cpu()


# %% [markdown]
# The check, as in {doc}`tutorial-transfer`: a few steps by hand and a few in the library must end at the same prompt. The
# weight $\lambda$ is large here, so that a mistake in the teacher's term would show.

# %%
from panda_core.job import Job
from panda_core.methods import METHODS

few, strong = 4, 5.0
exact = {"training.steps": str(few), "training.evaluations": "1", "optimiser.precision": "float32", "kd.weight": str(strong)}
by_library = METHODS["panda"].train(Job(spec_of("panda", **exact), frozen, states)).fit.best["prompt"]
by_hand = train_student(few, strong)
torch.testing.assert_close(by_hand, by_library, atol=1e-4, rtol=1e-3)
print(f"after {few} steps by hand and library differ by {(by_hand - by_library).norm():.1e}, "
      f"of a prompt of length {by_hand.norm():.1f}")

# %% [markdown]
# ## How much should the teacher count?
#
# The paper sets $\lambda = 0.05$ and finds in its Figure 4 that a large one hurts. Is that so here? We sweep it. Since
# $\mathcal{L}_{kd}$ is at most 2, the default is a gentle nudge. With $\lambda = 0$ PANDA is plain P-Tuning v2 (exercise
# 2), so that run serves for both.

# %%
weights = (0.0, 0.05, 1.0, 20.0)
sweep = {0.0: complete(spec_of("p-tuning-v2"), store)}
sweep |= {w: complete(spec_of("panda", **{"kd.weight": str(w)}), store) for w in weights[1:]}
vanilla = complete(spec_of("vanilla-pot"), store)
teacher_record = complete(needed["teacher"], store)

# %% tags=["hide-input"] mystnb={"image": {"alt": "Line chart of the student's best validation score against lambda, with lines for vanilla transfer and for the teacher. The numbers are in the table below."}}
figure, axis = subplots(figsize=(6.4, 3.8), layout="constrained")
axis.plot(weights, [one.score for one in sweep.values()], color=COLOURS[2], marker="D", label="PANDA's student")
axis.axhline(vanilla.score, color=COLOURS[3], linestyle="-.", label="vanilla transfer")
axis.axhline(teacher_record.score, color="#777777", linestyle=":", label=f"the teacher ({teacher_record.steps} steps)")
axis.set_xscale("symlog", linthresh=0.05)
axis.set_xticks(weights, [f"{w:g}" for w in weights])
axis.set_xlim(-0.01, 2 * weights[-1])
axis.minorticks_off()
axis.set(xlabel="λ (0 is P-Tuning v2)", ylabel=f"{names[target]} validation accuracy (%)")
axis.legend(frameon=False)
axis.grid(alpha=0.3)

# %%
found = {"teacher": store.predictions(needed["teacher"])} | {w: store.predictions(one.spec) for w, one in sweep.items()}
says = {name: torch.tensor(np.stack(frame["probabilities"])) for name, frame in found.items()}  # [validation examples, C]
distance = {w: (says[w] - says["teacher"]).square().sum(dim=-1).mean().item() for w in weights}
pd.DataFrame(
    {
        "weight of the teacher, λ sim": {f"{w:g}": w * sim for w in weights},
        "distance from the teacher (Eq. 3)": {f"{w:g}": distance[w] for w in weights},
        "best score (%)": {f"{w:g}": one.score for w, one in sweep.items()},
    }
).rename_axis("λ").round(3)

# %% tags=["remove-input"]
from panda_core.intervals import bootstrap_difference

base, strongest = sweep[0.0].score, max(one.score for one in sweep.values())


def against(w, other):
    """The difference of two students in points, with its 95 % interval, and what it allows to say."""
    low, high = bootstrap_difference(get_task(target), found[w], found[other])
    gain = sweep[w].score - sweep[other].score
    word = "better" if low > 0 else "worse" if high < 0 else "not to be told apart"
    return f"{gain:+.1f} points ({low:+.1f} to {high:+.1f}), {word}"


largest = bootstrap_difference(get_task(target), found[weights[-1]], found[weights[-2]])
Markdown(
    f"Against λ = 0, with 95 % intervals over the {len(found[0.0])} examples: "
    + "; ".join(f"λ = {w:g} {against(w, 0.0)}" for w in weights[1:])
    + f". From λ = {weights[-2]:g} to {weights[-1]:g} it is {against(weights[-1], weights[-2])}. "
    + ("So the largest λ hurts here, as the paper says. " if largest[1] < 0 else
       "So a large λ does not clearly hurt here, unlike in the paper. ")
    + (f"The teacher ({teacher_record.score:.1f} %) is better than each of these students, which have only {steps} steps: "
       "there is little that they could lose by listening. " if teacher_record.score > strongest else "The teacher is no better than the best student. ")
    + f"Vanilla transfer is at {vanilla.score:.1f} %: it starts with the source prompt, the students at random. The distance "
    f"from the teacher is {', '.join(f'{distance[w]:.3f}' for w in weights)} along the sweep. "
    "{doc}`/book/executed/figure-04` has the paper's sweep beside measurements with more steps."
)

# %% [markdown]
# ## Dark knowledge
#
# A label says which class is right, and no more. A teacher says how nearly right the others are, and so which examples are
# clear and which are borderline; Hinton et al. called this **dark knowledge**. With two classes, as here, all of it is how
# sure the teacher is; with three there is also *which* other class comes next (CB has three: `-p target cb`). The mean of the teacher's distributions, by
# true class:

# %% tags=["hide-input"]
truth = found["teacher"]["reference"].to_numpy()
means = pd.DataFrame(
    [says["teacher"][truth == c].mean(dim=0).tolist() for c in range(len(classes))],
    pd.Index([f"true: {name}" for name in classes]), [f"says {name}" for name in classes],
)
means.round(2)

# %% [markdown]
# And on single examples of the validation set: the teacher, the student without a teacher (λ = 0) and the student that
# had to listen most. For each class we take the example on which the teacher is surest, and the one on which it is least
# sure, among those that it gets right.

# %% tags=["hide-input"] mystnb={"image": {"alt": "Stacked bar charts of the probabilities of the classes, given by the teacher, the student without and the student with a teacher, for a clear and a borderline example of each class. The texts are in the table below."}}
shown = encoded_split(frozen, get_task(target), data, "validation", 128).head(len(truth)).frame
right = says["teacher"].argmax(dim=-1).numpy() == truth
cases = []
for c in range(len(classes)):
    members = [i for i in range(len(truth)) if truth[i] == c and right[i]]
    if members:
        members.sort(key=lambda i: says["teacher"][i].max().item())
        cases += [members[-1], members[0]]
who = {"teacher": "teacher", "λ = 0": 0.0, f"λ = {weights[-1]:g}": weights[-1]}
figure, axes = subplots(max(1, len(cases)), 1, figsize=(6.8, 1.3 * max(1, len(cases)) + 0.6), layout="constrained", sharex=True, squeeze=False)
for axis, i in zip(axes[:, 0], cases, strict=False):
    left = [0.0] * len(who)
    for c, name in enumerate(classes):
        values = [says[key][i, c].item() for key in who.values()]
        axis.barh(list(who), values, left=left, color=COLOURS[c % 5], hatch=HATCHES[c % 5], edgecolor="white", label=name)
        left = [a + b for a, b in zip(left, values, strict=True)]
    axis.set_title(f"example {i}, true class: {classes[truth[i]]}", fontsize="small", loc="left")
    axis.invert_yaxis()
axes[-1, 0].set_xlabel("probability")
if cases:
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=len(classes), frameon=False)

# %% tags=["hide-input"]
display(Markdown("\n".join(
    f"- **example {i}**, true class {classes[truth[i]]}: "
    + " / ".join(f"*{column}:* {shown.loc[i, column]}" for column in get_task(target).inputs) for i in cases
)))

# %% tags=["remove-input"]
loud = says[weights[-1]].argmax(dim=-1).numpy() == truth
quiet = says[0.0].argmax(dim=-1).numpy() == truth
sure = {key: says[key].max(dim=-1).values.mean().item() for key in ("teacher", 0.0, weights[-1])}
Markdown(
    f"Over all {len(truth)} examples the teacher gives its answer a probability of {sure['teacher']:.2f} on average, the student "
    f"with λ = 0 {sure[0.0]:.2f}, the one with λ = {weights[-1]:g} {sure[weights[-1]]:.2f}. Of the {int(right.sum())} examples that "
    f"the teacher gets right, the student gets {int((quiet & right).sum())} right without it and {int((loud & right).sum())} "
    f"when it listens most; of the {int((~right).sum())} that the teacher gets wrong, {int((quiet & ~right).sum())} and "
    f"{int((loud & ~right).sum())}."
    + (" A student that listens inherits what its teacher knows, and its mistakes."
       if (loud & right).sum() > (quiet & right).sum() and (loud & ~right).sum() < (quiet & ~right).sum() else "")
)

# %% [markdown]
# :::{admonition} What could go wrong
# :class: warning
# - **The teacher is worse than the student.** Then a large $\lambda$ drags the student down to it. Compare the dotted line
#   with the curve above.
# - **The teacher has dropout on.** In training mode it says something else each time; use evaluation mode.
# - **Gradients flow into the teacher.** Without `no_grad` PyTorch keeps all that the teacher computed, for a gradient that
#   nobody needs; and a teacher whose numbers are given to the optimiser moves towards the student.
# - **A negative similarity.** Eq. 4 as printed would *reward* disagreeing with the teacher. This project counts it as 0
#   and says so in {doc}`/book/open-choices`.
# - **Batch sums and means are mixed.** If one loss is a sum over the batch and the other a mean, $\lambda$ has another
#   meaning for each batch size.
# :::
#
# ## Exercises
#
# **1. How loud is the teacher?** What is the largest value that Eq. 3 can have for one example? What share of
# $\mathcal{L}_{all}$ did the teacher's term have for the untrained student above, with $\lambda = 0.05$?

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
certain, wrong = torch.eye(len(classes))[0], torch.eye(len(classes))[1]
assert (certain - wrong).square().sum() == 2
share = weight * sim * L_kd / L_all
assert 0 <= share < 1
Markdown(f"2, when both are certain and disagree. Here: {weight * sim * L_kd:.4f} of {L_all:.4f}, that is {share:.1%}.")

# %% [markdown]
# **2. Without a teacher.** Show that $\lambda = 0$ is P-Tuning v2, number for number: some steps by hand against as many in
# the library.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
plain = {name: value for name, value in exact.items() if name != "kd.weight"}
by_library = METHODS["p-tuning-v2"].train(Job(spec_of("p-tuning-v2", **plain), frozen, {})).fit.best["prompt"]
torch.testing.assert_close(train_student(few, 0.0), by_library, atol=1e-4, rtol=1e-3)
silent = complete(spec_of("panda", **{"kd.weight": "0"}), store)
assert silent.equal_to == sweep[0.0].id
Markdown("The random start, the order of the data and the dropout follow from the seed, and the teacher's term is zero. The "
         "library makes use of it: such a run is not trained again, its record takes the result of P-Tuning v2 and says so.")

# %% [markdown]
# **3. Which way does the teacher pull?** Derive the gradient of Eq. 3 with respect to the student's logits $z$, and check
# it with autograd. (Softmax has the Jacobian $\mathrm{diag}(p) - p p^\top$.) Where is it zero although teacher and student
# disagree?

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
z = said_by_student.clone().requires_grad_()
(P_te - z.softmax(dim=-1)).square().sum().backward()
p = z.detach().softmax(dim=-1)
jacobian = torch.diag_embed(p) - p.unsqueeze(2) * p.unsqueeze(1)  # [8, C, C]
by_formula = (jacobian @ (2 * (p - P_te)).unsqueeze(2)).squeeze(2)
torch.testing.assert_close(z.grad, by_formula, atol=1e-6, rtol=1e-4)
Markdown(
    "The gradient is $2 \\, (\\mathrm{diag}(p) - p p^\\top) \\, (p - P_{te})$. It goes to zero as the student becomes certain, "
    "$p \\to (1, 0, \\dots)$: a student that is sure and wrong learns next to nothing from it. With three or more classes "
    "there are other such places, e.g. $p = (½, ½, 0)$ and $P_{te} = (0.3, 0.3, 0.4)$: off by the same amount on every class "
    "that the student holds possible."
)

# %% [markdown]
# **4. Another distance.** Table VII of the paper tries the Kullback-Leibler divergence with a *temperature* $\tau$:
# both logits are divided by $\tau$, and the loss is multiplied by $\tau^2$. Compute it by hand for $\tau = 2$ and check it
# against the library. Then show that for a large $\tau$ it becomes half the mean squared difference of the (centred)
# logits.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
def divergence(tau):
    q, log_p = (said_by_teacher / tau).softmax(dim=-1), (said_by_student / tau).log_softmax(dim=-1)
    return tau**2 * (q * (q.log() - log_p)).sum(dim=-1).mean()


kl = KDProtocol(loss="kl", temperature=2.0)
library = distillation_loss(said_by_student, soft_predictions(said_by_teacher, rows.format, kl), rows.format, kl)
torch.testing.assert_close(divergence(2.0), library, atol=1e-5, rtol=1e-4)
gap = said_by_teacher - said_by_student
limit = (gap - gap.mean(dim=-1, keepdim=True)).square().mean(dim=-1).mean() / 2
said_by_teacher, said_by_student = said_by_teacher.double(), said_by_student.double()
torch.testing.assert_close(divergence(300.0), limit.double(), atol=1e-4, rtol=2e-2)
pd.DataFrame({f"{tau:g}": [divergence(tau).item()] for tau in (1.0, 2.0, 8.0, 300.0)} | {"limit": [limit.item()]}, ["loss"]).rename_axis(
    columns="temperature"
).round(4)

# %% [markdown]
# **5. A teacher that knows nothing.** Table V of the paper puts a random prompt in the teacher's place
# (`teacher.prompt=random`: only its head is trained). Run it with $\lambda = 20$ and compare with the target-like teacher.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
random_teacher = complete(spec_of("panda", **{"kd.weight": "20.0", "teacher.prompt": "random"}), store)
assert random_teacher.similarity == sweep[20.0].similarity  # the weight is the same, only the teacher differs
Markdown(f"Random teacher {random_teacher.score:.1f} %, target-like teacher {sweep[20.0].score:.1f} %, no teacher "
         f"{base:.1f} %. In the paper (Table V, BERT-large): 77.0, 79.4 and 77.5.")

# %% [markdown]
# ## Further reading
#
# Distillation and dark knowledge {cite:p}`hinton2015distilling`; students that outdo their teachers
# {cite:p}`furlanello2018born`; how far students match their teachers, and the limit of exercise 4
# {cite:p}`stanton2021does`; the paper {cite:p}`zhong2024panda`, Section III-C.2 and its Figure 8 for more single
# examples ({doc}`/book/executed/figure-08`).
