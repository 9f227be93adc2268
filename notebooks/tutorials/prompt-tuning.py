# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Prompt-tuning a frozen language model
#
# :::{admonition} Before you start
# **Time:** 45 minutes with the exercises. The notebook itself takes about 3 minutes on two fast CPU cores and up to 9 on slow
# ones, with no download.
#
# **You know:** PyTorch, and what a Transformer is.
#
# **Afterwards you can**
# - write a soft prompt by hand, in front of a language model whose weights never change;
# - put a prompt into *every* layer, and say what that changes;
# - count what is trained, and check a number that the paper prints;
# - test how much the start of a prompt matters, and tell it from luck.
# :::

# %% tags=["parameters"]
data: str = "practice"
plm: str = "minilm-l6"
seed: int = 0
steps: int = 80

# %% tags=["hide-input"]
import pandas as pd
import torch
import torch.nn.functional as F
from IPython.display import HTML, Markdown, display
from matplotlib.pyplot import rcParams, subplots
from torch import nn

from panda_core import Store, complete, load_plm, make_spec
from panda_core.report.charts import COLOURS
from panda_core.report.page import badges

rcParams["figure.dpi"] = 200  # sharp on a projector, too
HTML(badges(tier="smoke", data=data, plm=plm, seed=seed))

# %% [markdown]
# These six chapters build the method of one paper from nothing: *PANDA: Prompt Transfer Meets Knowledge Distillation for
# Efficient Model Adaptation* {cite:p}`zhong2024panda`. "The paper" always means this one, and the numbers of equations,
# tables and figures are its own.
#
# Labels like those above stand on every page with measurements. They say how long was trained, on which data, with which model and
# which random seed. "Tier smoke" is the shortest of three budgets and the label warns of it: enough to see how things
# work and to find effects that are large, too short to rank methods that are close. "Practice data" are short sentences
# that the project makes up itself; they train in seconds. To run this chapter on the real data sets, set `data` to "real" in
# the cell of parameters above, or give it to the command that runs a chapter and prints where the executed copy is:
#
# ```sh
# .venv/bin/panda notebook prompt-tuning -p data real
# ```
#
# Real data is loaded from the hub, or from the folder that the environment variable `PANDA_DATA` names ({doc}`/book/data`).
#
# ## A model that never changes
#
# A *pretrained language model* (PLM) has read a lot of text and turns a sentence into vectors. To make it do a task,
# say telling praise from complaint, one can train all of its weights. **Prompt-tuning** does not touch them: they are
# *frozen*. It trains a few free vectors that the model reads together with the sentence, as if they were words. These
# vectors are the **soft prompt**: *soft*, because they need not be the vectors of any real word.
#
# `load_plm` gives the PLM; inside is an ordinary `BertModel` of the library `transformers`.

# %%
frozen = load_plm(plm, device="cpu")
bert, tokenizer = frozen.model, frozen.tokenizer
size = sum(weights.numel() for weights in bert.parameters())
free = sum(weights.numel() for weights in bert.parameters() if weights.requires_grad)
print(f"{type(bert).__name__} with {size:,} weights, of which {free} can be trained")

# %% [markdown]
# Our task is SST-2: is a sentence favourable (1) or not (0)?

# %%
from panda_core.data.origin import load_split
from panda_core.tasks import get_task

task = get_task("sst2")
rows = {split: load_split(task, data, split).frame for split in ("train", "validation")}
rows["train"][["sentence", "label"]].head()

# %% [markdown]
# There are two places for the soft prompt. We build both by hand: first (a), vectors before the input, then (b), in every layer.
#
# <img src="../../book/_static/figures/soft-prompt.svg" class="dark-light" width="340" alt="A soft prompt at the input. P trained vectors u_1 to u_P stand before the vectors of the tokens 'the film was fun'. All of them go up through the frozen layers 1 to L. The mean over the tokens goes to a trained head f."> <img src="../../book/_static/figures/prefix.svg" class="dark-light" width="340" alt="A prefix in every layer. Only the vectors of the tokens enter at the bottom. Beside each frozen layer 1 to L stands a trained box with P keys and P values, which points into that layer. The mean over the tokens goes to a trained head f.">
#
# ## A soft prompt by hand
#
# The PLM $\mathcal{M}$ begins by looking up one vector for each token of a sentence $\tilde{x}$; together they are
# $e(\tilde{x})$. We put the prompt $u$, $P = 20$ free vectors, in front of them and let the PLM go on from
# $(u, e(\tilde{x}))$:

# %%
P = 20
words = bert.get_input_embeddings()  # the layer that looks up the vector of each token


def with_soft_prompt(prompt, ids, mask):
    """What the PLM says about each of B sentences of T tokens, [B, D], when it reads `prompt` [P, D] first."""
    front = prompt.expand(len(ids), -1, -1)  # the same prompt for every sentence, [B, P, D]
    whole = torch.cat([front, words(ids)], dim=1)  # (u, e(x)), [B, P + T, D]
    visible = torch.cat([mask.new_ones(len(ids), P), mask], dim=1)  # every token may look at the prompt
    hidden = bert(inputs_embeds=whole, attention_mask=visible).last_hidden_state
    return frozen.represent(hidden[:, P:], mask)  # one vector for each sentence, read from its own tokens


# %% [markdown]
# `represent` is what this PLM was made to give: the mean over the tokens of the sentence for the MiniLMs, the processed
# first token `[CLS]` for BERT.
#
# A **head** $f$, one linear layer, turns this vector into a score for each class. Trained are $u$ and $f$, nothing else.
# The loss is the cross-entropy, Eq. 1, where $\overline{\mathcal{M}}$ is the frozen PLM, fed with vectors in place of
# tokens:
#
# $$\mathcal{L}_{ce}(u, f) = - \sum_i \log P\left(y_i \mid e(\tilde{x}_i); \overline{\mathcal{M}}, u, f\right)$$
#
# In code the sum is a mean, as usual, so that the size of a batch does not change the size of a step.


# %%
def tokenised(frame):
    encoded = tokenizer(frame["sentence"].tolist(), padding=True, truncation=True, max_length=128, return_tensors="pt")
    return encoded["input_ids"], encoded["attention_mask"]


def train(read, prompt, head, lr=0.03):
    """Minimise Eq. 1 over prompt and head; gives the loss of each step."""
    optimiser, losses = torch.optim.AdamW([prompt, *head.parameters()], lr=lr, weight_decay=0.0), []
    for step in range(steps):
        frame = rows["train"].sample(16, random_state=seed + step)
        scores = head(read(prompt, *tokenised(frame)))
        loss = F.cross_entropy(scores, torch.tensor(frame["label"].tolist()))  # Eq. 1
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses


torch.manual_seed(seed)
prompt = nn.Parameter(0.02 * torch.randn(P, words.embedding_dim))  # u
head = nn.Linear(frozen.hidden_size, len(task.labels))  # f
curves = {"soft prompt at the input": train(with_soft_prompt, prompt, head)}

# %% [markdown]
# That is all of prompt-tuning. The library has the same prompt as `TokenPrompt`. Does it agree with ours?

# %%
from panda_core.tuning.tokens import TokenPrompt

ids, mask = tokenised(rows["validation"].head(8))
with torch.no_grad():
    by_hand = with_soft_prompt(prompt, ids, mask)
    by_library = frozen.represent(frozen.encode(ids, mask, prompt=TokenPrompt(prompt)), mask)
torch.testing.assert_close(by_hand, by_library, atol=1e-5, rtol=1e-4)
print(f"largest difference: {(by_hand - by_library).abs().max():.1e}")

# %% [markdown]
# And which words has it learned? For each of the $P$ vectors we look for the token whose vector points in the most similar
# direction (the cosine of the angle is 1 for the same direction, 0 for a right angle):

# %%
cosines = F.normalize(prompt.detach(), dim=1) @ F.normalize(words.weight, dim=1).T  # [P, tokens that the PLM knows]
nearest = cosines.max(dim=1)
tokens = tokenizer.convert_ids_to_tokens(nearest.indices.tolist())
good, great = words(torch.tensor(tokenizer.convert_tokens_to_ids(["good", "great"])))
pd.DataFrame({"nearest token": tokens, "cosine": nearest.values.tolist()}).head().round(2)

# %% tags=["remove-input"]
Markdown(
    f"Over all {P} vectors the nearest token has a cosine of {nearest.values.min():.2f} to {nearest.values.max():.2f}. "
    f"For comparison, *good* and *great* have {F.cosine_similarity(good, great, dim=0):.2f}. "
    + ("The prompt is not a sentence in disguise." if nearest.values.max() < F.cosine_similarity(good, great, dim=0) else "")
)

# %% [markdown]
# ## A prompt in every layer
#
# A prompt at the input has to survive all layers of attention before it reaches the head. **Prefix-tuning**
# {cite:p}`li2021prefix` and **P-Tuning v2** {cite:p}`liu2022ptuning` give every layer a prompt of its own. In
# attention, a token asks a *query* and compares it with the *keys* of all tokens; the best matches hand over their
# *values*. So a layer needs no prompt words, only $P$ extra keys and $P$ extra values. Such a prompt is called a
# **prefix**. It is one matrix with a row for each of the $P$ positions; each row holds a key and a value of width $D$ for
# each of the $L$ layers, that is $2 \cdot L \cdot D$ numbers, cut into pieces for the $H$ heads *of attention* (which have
# nothing to do with the head $f$).
#
# `transformers` lets us hand over keys and values as a *cache*, as if the model had already read $P$ tokens:

# %%
from transformers import DynamicCache

L, H = bert.config.num_hidden_layers, bert.config.num_attention_heads
D = bert.config.hidden_size


def cache_of(prefix, size):
    """The keys and values in `prefix` [P, 2 * L * D] for each layer, the same for each of `size` sentences."""
    layers = prefix.view(P, 2 * L, H, D // H).permute(1, 2, 0, 3)  # [2L, H, P, D / H]
    layers = layers.unsqueeze(1).expand(-1, size, -1, -1, -1)  # [2L, B, H, P, D / H]
    return DynamicCache([(layers[2 * layer], layers[2 * layer + 1]) for layer in range(L)])


def with_prefix(prefix, ids, mask):
    """As `with_soft_prompt`, with keys and values for each layer in place of words."""
    visible = torch.cat([mask.new_ones(len(ids), P), mask], dim=1)
    cache = cache_of(prefix, len(ids))
    hidden = bert(ids, attention_mask=visible, past_key_values=cache, use_cache=True).last_hidden_state
    return frozen.represent(hidden, mask)


torch.manual_seed(seed)
prefix = nn.Parameter(0.02 * torch.randn(P, 2 * L * D))
head = nn.Linear(frozen.hidden_size, len(task.labels))
curves["prefix in every layer"] = train(with_prefix, prefix, head)

# %%
from panda_core import PrefixPrompt

with torch.no_grad():
    by_hand = with_prefix(prefix, ids, mask)
    by_library = frozen.represent(frozen.encode(ids, mask, prompt=PrefixPrompt.from_flat(prefix)), mask)
torch.testing.assert_close(by_hand, by_library, atol=1e-5, rtol=1e-4)
print(f"largest difference: {(by_hand - by_library).abs().max():.1e}")

# %% [markdown]
# ## Watch the loss
#
# The loss of a single step depends on its 16 sentences, so the lines show means over ten steps. Its unit is the *nat*,
# because the logarithm is the natural one; a blind guess between two classes costs $\ln 2$.

# %% tags=["hide-input"] mystnb={"image": {"alt": "Line chart of the training loss against steps for a soft prompt at the input and a prefix in every layer. The last values are in the sentence below."}}
figure, axis = subplots(figsize=(6.4, 3.6), layout="constrained")
for (name, losses), colour, style in zip(curves.items(), COLOURS, ("--", "-"), strict=False):
    smooth = pd.Series(losses).rolling(10, min_periods=1).mean()
    axis.plot(range(1, steps + 1), smooth, color=colour, linestyle=style, linewidth=2, label=name)
axis.axhline(torch.tensor(2.0).log(), color="#777777", linewidth=1, linestyle=":", label="a blind guess, ln 2")
axis.set(xlabel="training step", ylabel="cross-entropy (nats, mean of 10 steps)", ylim=(0, None))
axis.legend(frameon=False)
axis.grid(alpha=0.3)

# %% tags=["remove-input"]
last = {name: sum(losses[-10:]) / len(losses[-10:]) for name, losses in curves.items()}
Markdown("Mean loss over the last ten steps: " + ", ".join(f"{name} **{value:.2f}**" for name, value in last.items()) + ".")

# %% [markdown]
# ## Count what is trained
#
# The same with the library. `make_spec` says what is wanted, `complete` makes it and keeps a *record* in a `Store`, a
# folder; a second call with the same words reads the record. A task that is learned for itself is given as a *source*:
# SST-2 is never a target in the paper, only a task to start from (the next chapter). `settings` changes one choice at a time, here the number of steps, and for the first line
# the length of the prompt: with 0 positions only the head is trained.
#
# The score of a record is its best accuracy on sentences that were not trained on, the *validation set*, which is looked
# at a few times on the way. (The library's loop also has dropout and a learning rate that falls to 0; the next chapter
# rebuilds it.)

# %%
store = Store()


def run(method, **settings):
    """The record of training `method` on SST-2 alone."""
    chosen = {"training.steps": str(steps)} | {key.replace("__", "."): str(value) for key, value in settings.items()}
    return complete(make_spec(plm=plm, method=method, sources=("sst2",), data=data, seed=seed, settings=chosen), store)


records = {
    "head alone": run("p-tuning-v2", prompt__length=0),
    "prompt-tuning (input)": run("prompt-tuning"),
    "P-Tuning v2 (every layer)": run("p-tuning-v2"),
}
pd.DataFrame(
    {
        "trained": {name: f"{record.trainable_parameters:,}" for name, record in records.items()},
        "share of the PLM": {name: f"{record.trainable_parameters / size:.3%}" for name, record in records.items()},
        "accuracy (%)": {name: f"{record.score:.1f}" for name, record in records.items()},
    }
)

# %%
assert records["P-Tuning v2 (every layer)"].trainable_parameters == 2 * L * P * D + len(task.labels) * (D + 1)

# %% tags=["remove-input"]
alone, at_input, in_layers = (record.score for record in records.values())
Markdown(
    f"After {steps} steps the prefix is at {in_layers:.1f} %, {abs(in_layers - at_input):.1f} points "
    f"{'above' if in_layers >= at_input else 'below'} the prompt at the input and {abs(in_layers - alone):.1f} points "
    f"{'above' if in_layers >= alone else 'below'} the head alone. A prefix speaks to every layer directly, and it has "
    f"{records['P-Tuning v2 (every layer)'].trainable_parameters / records['prompt-tuning (input)'].trainable_parameters:.0f} "
    "times the numbers of a prompt at the input; in the paper's Table II (BERT-large, mean over nine tasks) it is at 77.5 %, "
    "the prompt at the input at 68.9 %. The rest of the book uses prefixes, as the paper does."
)

# %% [markdown]
# ## How far can one trust such a number?
#
# With other validation sentences of the same kind the accuracy would have come out a little different. For a share $p$ of
# $n$ examples, statistics gives the *standard error* $\sqrt{p (1 - p) / n}$; the true value lies within about two of them
# in 95 of 100 cases. The library finds the same range without a formula: it draws the $n$ predictions anew many times,
# with repetition, and looks how the score moves (the *bootstrap*).

# %%
from panda_core.intervals import bootstrap_interval

best = records["P-Tuning v2 (every layer)"]
p, n = best.score / 100, best.validation_size
error = 100 * (p * (1 - p) / n) ** 0.5
low, high = bootstrap_interval(task, store.predictions(best.spec))
assert abs((high - low) - 4 * error) < 0.25 * (4 * error) + 1  # two errors to each side
print(f"{n} examples: {100 * p:.1f} % plus or minus {2 * error:.1f}; by the bootstrap {low:.1f} to {high:.1f} %")

# %% [markdown]
# Keep this range in mind whenever two numbers are compared. It does not even contain the luck of the random start and
# of the order of the examples: exercise 5.

# %% [markdown]
# ## Does the start matter?
#
# A prompt starts as random numbers. Figure 2 (right) of the paper compares three kinds of start: *normal* (all random),
# *sparse* (many of the numbers zero: half, in the authors' released code) and *constant* (all zero). How large the random
# numbers are is not printed. This project draws them with a standard deviation of 0.02; in the authors' released code the normal start of this figure has
# 1, so we try both. Everything else is equal, the order of the data too.

# %% tags=["hide-input"] mystnb={"image": {"alt": "Line chart of validation accuracy on SST-2 against steps for a prefix with four kinds of start: normal with standard deviation 0.02 and 1, sparse, and constant. The best values are in the sentence below."}}
starts = {
    "normal, 0.02": records["P-Tuning v2 (every layer)"],
    "normal, 1": run("p-tuning-v2", prompt__init_std=1),
    "sparse, 0.02": run("p-tuning-v2", prompt__init="sparse"),
    "constant, 0": run("p-tuning-v2", prompt__init="constant"),
}
figure, axis = subplots(figsize=(6.4, 3.6), layout="constrained")
for (start, record), colour, marker in zip(starts.items(), COLOURS, "osD^", strict=False):
    axis.plot([p.step for p in record.curve], [p.score for p in record.curve], color=colour, marker=marker, label=start)
axis.set(xlabel="training step", ylabel="validation accuracy (%)")
axis.legend(title="start of the prefix", frameon=False)
axis.grid(alpha=0.3)

# %% tags=["remove-input"]
scores = {start: record.score for start, record in starts.items()}
small = [score for start, score in scores.items() if start != "normal, 1"]
Markdown(
    "Best accuracy: " + ", ".join(f"{start} **{score:.1f} %**" for start, score in scores.items())
    + f". The three small starts lie within {max(small) - min(small):.1f} points of each other; the large one is "
    f"{abs(scores['normal, 1'] - max(small)):.1f} points {'below' if scores['normal, 1'] < max(small) else 'above'} the "
    f"best of them. (The range of chance above was {2 * error:.1f} points to each side.) And if the start can be chosen, "
    "why not start from a prompt that already knows something? That is the idea of {doc}`tutorial-transfer`."
)

# %% [markdown]
# :::{admonition} What could go wrong
# :class: warning
# - **The loss stays at ln 2.** Prompts need far larger learning rates than models: 0.03 here, a thousand times what one
#   uses for all weights. Try `train(with_prefix, prefix, head, lr=3e-5)` with a new prefix and head.
# - **The attention mask is too short.** It must cover prompt *and* sentence. As soon as one sentence is padded, PyTorch stops
#   with an error about sizes.
# - **The same cache is used twice.** Attention *adds* the new tokens to it, so the second batch sees the first one's. Where
#   no sentence is padded, nothing complains. `with_prefix` makes a new cache each time.
# - **Hidden states at the wrong places.** With a soft prompt at the input, the first $P$ outputs belong to the prompt:
#   `hidden[:, P:]`. With a prefix there are none to cut off.
# - **One lucky start.** A single seed proves little; see exercise 5.
# :::
#
# The second and the third, on purpose:

# %%
one, its_mask = tokenised(rows["validation"].head(1))  # a single sentence, so nothing is padded
visible, used = torch.cat([its_mask.new_ones(1, P), its_mask], dim=1), cache_of(prefix, 1)
with torch.no_grad():
    try:
        bert(ids, attention_mask=mask, past_key_values=cache_of(prefix, len(ids)), use_cache=True)
    except RuntimeError as problem:
        print("mask too short:", problem)
    first, second = (
        frozen.represent(bert(one, attention_mask=visible, past_key_values=used, use_cache=True).last_hidden_state, its_mask)
        for _ in range(2)
    )
assert used.get_seq_length() == P + 2 * one.shape[1]
print(f"cache used twice: {used.get_seq_length()} positions in it, and the vector of the same sentence changes by "
      f"{(first - second).norm() / first.norm():.0%}")

# %% [markdown]
# ## Exercises
#
# **1. BERT-large** has 24 layers of width 1024. How many numbers are in a prefix of 20 positions? The paper's Table XII
# prints 0.98 million.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
numbers = 2 * 24 * 20 * 1024
assert f"{numbers / 1e6:.2f}" == "0.98"
Markdown(f"{numbers:,}: two (key and value) times 24 layers times 20 positions times 1024.")

# %% [markdown]
# **2. Frozen?** Show that training changed no weight of the PLM, and that none even has a gradient.

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
fresh = load_plm(plm, device="cpu").model.state_dict()
assert all(torch.equal(value, fresh[name]) for name, value in bert.state_dict().items())
assert all(parameter.grad is None for parameter in bert.parameters())
print(f"{len(fresh)} tensors, all equal to those of a freshly loaded PLM; gradients: none")

# %% [markdown]
# **3. How long a prompt?** Train prefixes of 1 and of 5 positions and compare them with 20. Is four times the length four
# times the gain?

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
lengths = {0: records["head alone"]} | {n: run("p-tuning-v2", prompt__length=n) for n in (1, 5)}
lengths[P] = records["P-Tuning v2 (every layer)"]
table = pd.DataFrame({"accuracy (%)": {n: record.score for n, record in lengths.items()}}).rename_axis("positions")
assert list(table.index) == [0, 1, 5, P]
display(table)
scored = table["accuracy (%)"]
gains = scored.diff()
Markdown(
    f"The first position brings {gains[1]:+.1f} points, the next four {gains[5]:+.1f}, the next fifteen {gains[P]:+.1f}. "
    f"Against no prompt, 5 positions gain {scored[5] - scored[0]:+.1f} and {P}, four times as many, {scored[P] - scored[0]:+.1f}."
)

# %% [markdown]
# **4. A prefix of zeros is not nothing.** Compare what the PLM says about a sentence without a prefix and with a prefix
# that is all zero. Why do they differ?

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
with torch.no_grad():
    bare = frozen.represent(frozen.encode(ids, mask), mask)
    nothing = PrefixPrompt.from_flat(torch.zeros_like(prefix))
    zeros = frozen.represent(frozen.encode(ids, mask, prompt=nothing), mask)
change = ((bare - zeros).norm() / bare.norm()).item()
assert change > 1e-3
Markdown(
    f"The vectors change by {change:.0%} of their length, for two reasons. A key of zeros scores 0, and softmax gives every "
    "score a share, so part of the attention goes to values of zero. And the sentence starts at position $P$, as if $P$ "
    "tokens stood before it, so that its position embeddings are others."
)

# %% [markdown]
# **5. Luck or start?** Train the small *normal* start with two more seeds. Is the gap between kinds of start larger than the
# gap between seeds? (A new seed also changes the order of the data.)

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
from dataclasses import replace

spec = records["P-Tuning v2 (every layer)"].spec
seeds = [complete(replace(spec, seed=seed + extra), store).score for extra in range(3)]
by_seed, by_start = max(seeds) - min(seeds), max(small) - min(small)
assert seeds[0] == scores["normal, 0.02"]  # read from the store
Markdown(
    f"Seeds: {', '.join(f'{score:.1f}' for score in seeds)}, a gap of {by_seed:.1f} points; the three small starts: a gap "
    f"of {by_start:.1f}. "
    + ("With one seed each, these kinds of start cannot be told apart from luck."
       if by_seed >= by_start else "The kind of start makes more of a difference than the draw, in these few runs.")
)

# %% [markdown]
# ## Further reading
#
# Prompt-tuning at the input {cite:p}`lester2021power`; prefixes {cite:p}`li2021prefix`; prefixes for understanding tasks
# at all scales {cite:p}`liu2022ptuning`, the baseline of the PANDA paper {cite:p}`zhong2024panda`; adapters, another
# small part to train {cite:p}`houlsby2019adapters`; BERT itself {cite:p}`devlin2019bert`. In this book:
# {doc}`/book/method`, and {doc}`/book/executed/figure-02` for the paper's figure beside measurements on more tasks.
