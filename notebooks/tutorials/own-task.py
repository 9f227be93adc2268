# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Your own task, your own PLM
#
# :::{admonition} Before you start
# **Time:** 45 minutes with the exercises. The notebook itself takes about 3 minutes on two fast CPU cores and up to 9 on slow
# ones, with no download.
#
# **You know:** prompt transfer ({doc}`tutorial-transfer`).
#
# **Afterwards you can**
# - make a target task of a CSV file of your own, in ten lines;
# - put a prompt before any BERT-like model that lies in a folder;
# - save a prompt, share it, and load it again, in this library and in PEFT;
# - start from a prompt that somebody else has trained.
# :::

# %% tags=["parameters"]
data: str = "practice"
plm: str = "minilm-l6"
seed: int = 0
csv: str = ""
text: str = "text"
label: str = "label"
source: str = "sst2"
source_steps: int = 150
steps: int = 40

# %% tags=["hide-input"]
import os
import re
import tempfile
from dataclasses import replace
from itertools import product
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import torch
from IPython.display import HTML, Markdown
from matplotlib.pyplot import rcParams, subplots

from panda_core import PandaError, PrefixPrompt, Store, complete, load_plm, make_spec
from panda_core.report.charts import COLOURS
from panda_core.report.page import badges
from panda_core.tasks import TASKS, get_task

work = Path(tempfile.mkdtemp())  # everything that this chapter writes; take a folder of your own instead
rcParams["figure.dpi"] = 200  # sharp on a projector, too
HTML(badges(tier="smoke", data=data, plm=plm, seed=seed))

# %% [markdown]
# ## A CSV file
#
# Any table with a column of text and a column of labels will do. Name yours, and its two columns, with the parameters
# `csv`, `text` and `label`:
#
# ```sh
# .venv/bin/panda notebook own-task -p csv /home/me/tickets.csv -p text message -p label team
# ```
#
# (with the whole path), or in the cell of parameters above. Without one, the cell below writes a small file of course
# feedback: is it a *complaint*, *praise*, or a *question*?

# %% tags=["hide-input"]
things = ("the lecture on attention", "the homework", "the lab session", "the reading list", "the exam", "the room",
          "the recording", "the tutor", "the textbook", "the schedule", "the project", "the second assignment")
says = {
    "complaint": ("{} took far too long", "I could not follow {}", "nobody liked {} this year", "{} was a mess"),
    "praise": ("I learned a lot from {}", "{} was worth every minute", "please keep {} as it is", "thank you for {}"),
    "question": ("where do I find {}", "will {} be moved to next week", "is {} still going to happen", "who can help me with {}"),
}
if not csv:
    csv = str(work / "feedback.csv")
    written = [(frame.format(thing), name) for name, frames in says.items() for frame, thing in product(frames, things)]
    pd.DataFrame(written, columns=[text, label]).to_csv(csv, index=False)
print(*Path(csv).read_text(encoding="utf-8").splitlines()[:4], sep="\n")

# %% [markdown]
# ## A target task in ten lines
#
# A **task** is a declaration: which columns are read, what the labels are called, how the score is counted. We take that
# of SST-2, which also reads one text, and change what differs. The rows go to a folder with one file for each split, the
# way in which the project reads every data set that it does not make up itself (`data="real"`). A third of the rows, of
# each class, is held out: the validation set.

# %%
frame = pd.read_csv(csv)[[text, label]].dropna().drop_duplicates(text)
classes = sorted(frame[label].unique())
frame[label] = frame[label].map(classes.index)
held_out = frame.groupby(label).sample(frac=1 / 3, random_state=seed)
folder = work / "data" / "feedback"
folder.mkdir(parents=True)
frame.drop(held_out.index).to_parquet(folder / "train.parquet", index=False)
held_out.to_parquet(folder / "validation.parquet", index=False)
TASKS["feedback"] = replace(get_task("sst2"), name="feedback", title="Feedback", roles=("target",), hub=None,
                            inputs=(text,), label=label, labels=tuple(map(str, classes)), rows=(None, None))

# %% [markdown]
# That is all. The task is known to everything in the library as `feedback`, for as long as this notebook runs. (To keep
# it, also for `panda run`, write such a declaration into `panda_core/tasks/others.py`.) Its runs go to a store of their
# own, because nobody else knows what `feedback` means. The environment variable `PANDA_DATA` names the folder of data
# sets; `patch.dict` sets it only while our own rows are read.

# %%
store = Store(work / "store")


def run(method, *sources, target="feedback", plm=plm, **settings):
    """The record of a run on a task of our own."""
    chosen = {"training.steps": str(steps)} | {key.replace("__", "."): str(value) for key, value in settings.items()}
    spec = make_spec(plm=plm, method=method, sources=sources, target=target, data="real", seed=seed, settings=chosen)
    with patch.dict(os.environ, PANDA_DATA=str(work / "data")):
        return complete(spec, store)


alone = run("p-tuning-v2")
print(f"{len(frame)} rows, {len(classes)} classes; accuracy {alone.score:.1f} % on {alone.validation_size} held-out rows "
      f"after {steps} steps; always the commonest class: {100 * held_out[label].value_counts(normalize=True).max():.1f} %")

# %% [markdown]
# ## Use it by hand
#
# What was trained is a prompt and a head, two small tensors. Everything else is the PLM:

# %%
frozen = load_plm(plm, device="cpu")
state = store.state(alone.spec)


@torch.no_grad()
def ask(sentences):
    """Probabilities of the classes for each sentence."""
    read = frozen.tokenizer(sentences, padding=True, truncation=True, max_length=128, return_tensors="pt")
    prompt = PrefixPrompt.from_flat(state["prompt"]).eval()
    said = frozen.represent(frozen.encode(**read, prompt=prompt), read["attention_mask"])
    logits = torch.nn.functional.linear(said, state["head.linear.weight"], state["head.linear.bias"])
    return pd.DataFrame(logits.softmax(dim=-1).tolist(), sentences, classes)


ask(["The lab session was a complete waste of time.", "Could you tell me when the exam begins?"]).round(2)

# %% [markdown]
# The store kept what the library predicted on the held-out rows. The same?

# %%
kept = store.predictions(alone.spec)
mine = ask(held_out[text].tolist())
assert (mine.to_numpy().argmax(axis=1) == kept["prediction"]).mean() > 0.97  # bfloat16 may turn a draw around
print(f"largest difference: {abs(mine.to_numpy() - pd.DataFrame(kept['probabilities'].tolist()).to_numpy()).max():.3f}")

# %% [markdown]
# ## Save, share, load
#
# A prompt of our own is saved in one line. The format is *safetensors*: numbers and names, never code, so that opening a
# stranger's file is safe.

# %%
from panda_core.prompts import load_prompt, save_prompt

path = work / "feedback.safetensors"
save_prompt(path, PrefixPrompt.from_flat(state["prompt"]), {"plm": plm, "task": "feedback"})
assert torch.equal(load_prompt(path).flat, state["prompt"])
print(f"{path.name}: {path.stat().st_size / 1024:.0f} KiB, the PLM has "
      f"{sum(p.numel() * p.element_size() for p in frozen.model.parameters()) / 2**20:.0f} MiB")

# %% [markdown]
# Others may not have this library. **PEFT**, the best-known library for small trained parts, reads a folder that
# `panda export RUN FOLDER` writes; `panda import FOLDER --plm minilm-l6` goes the other way. In Python, for a source prompt
# that we train on another task and share:

# %%
from panda_core.peft_format.imported import import_adapter
from panda_core.peft_format.writing import export_run

shared = Store()
budget = {"training.steps": str(source_steps)}
source_spec = make_spec(plm=plm, method="p-tuning-v2", sources=(source,), data=data, seed=seed, settings=budget)
source_record = complete(source_spec, shared)
adapter = export_run(source_record.id, work / "adapter", shared)
print(sorted(file.name for file in adapter.iterdir()))

# %% [markdown]
# The README in the folder has the lines that use it:

# %%
readme = re.search(r"```python\n(.*?)```", (adapter / "README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
print(readme)

# %% tags=["hide-input"]
import warnings

import transformers

from panda_core.peft_format.base import base_name
from panda_core.plms import PLMS
from panda_core.plms.loading import package_folder

transformers.utils.logging.set_verbosity_error()
warnings.simplefilter("ignore", FutureWarning)
entry = PLMS.get(plm)
base = str((package_folder(entry) / entry.package.path).parent) if entry and entry.package else base_name(plm)
print(f"on the hub: {base_name(plm)}; here: {Path(base).name}")

# %% [markdown]
# A *token* classifier for whole sentences? The head of a MiniLM is linear in the mean of the token vectors, so it may as
# well answer for each token, and the answers are averaged: that is the last line.
#
# Let us do as the README says, and compare with this library. Its lines name the PLM by its address on the hub and the
# adapter by its folder; we put in where ours are, and run them. (`exec` runs whatever a text says: only ever use it on
# lines that you have read. `transformers` would warn that the head is new; PEFT loads it right after.)

# %%
names = {}
exec(readme.replace(f'"{base_name(plm)}"', repr(base)).replace(f'"{adapter.name}', f'"{adapter}'), names)
read = frozen.tokenizer(["The music was a delight.", "I was bored."], padding=True, return_tensors="pt")
trained = shared.state(source_spec)
with torch.no_grad():
    said = frozen.read(**read, prompt=PrefixPrompt.from_flat(trained["prompt"]).eval())
    ours = torch.nn.functional.linear(said, trained["head.linear.weight"], trained["head.linear.bias"])
theirs = names["logits"](read)
torch.testing.assert_close(theirs, ours, atol=1e-4, rtol=1e-3)
print(f"largest difference of the logits: {(theirs - ours).abs().max():.1e}")

# %% [markdown]
# ## Start from a stranger's prompt
#
# `import_adapter` keeps the prompt of a PEFT folder in our store and gives an id. A source that is written `TASK@ID` is
# that prompt: nothing of the source task is needed any more, neither its data nor its training.
#
# A good start matters most where there is little to learn from. So we keep four training rows of each class, and the same
# held-out rows to be scored on:

# %%
key = import_adapter(adapter, frozen, store)


def fewer(name, each, draw):
    """A task like `feedback` with `each` training rows of each class."""
    (work / "data" / name).mkdir()
    drawn = frame.drop(held_out.index).sample(frac=1, random_state=draw).groupby(label).head(each)
    drawn.to_parquet(work / "data" / name / "train.parquet", index=False)
    held_out.to_parquet(work / "data" / name / "validation.parquet", index=False)
    TASKS[name] = replace(TASKS["feedback"], name=name, title=name)
    return {"from random": run("p-tuning-v2", target=name),
            f"from {source}@{key[:6]}": run("vanilla-pot", f"{source}@{key}", target=name)}


scarce = fewer("few", 4, seed)

# %% tags=["hide-input"] mystnb={"image": {"alt": "Line chart of validation accuracy on our own task with few training rows against steps, from a random prompt and from the shared prompt. The best values are in the sentence below."}}
figure, axis = subplots(figsize=(6.4, 3.6), layout="constrained")
for (name, record), colour, marker in zip(scarce.items(), COLOURS, "os", strict=False):
    axis.plot([p.step for p in record.curve], [p.score for p in record.curve], color=colour, marker=marker, label=name)
axis.set(xlabel="training step", ylabel="validation accuracy (%)")
axis.legend(title="prompt starts", frameon=False)
axis.grid(alpha=0.3)

# %% tags=["remove-input"]
first, second = scarce.values()
Markdown(f"With {4 * len(classes)} rows, the best is {first.score:.1f} % from random and {second.score:.1f} % from the shared "
         f"prompt, {second.score - first.score:+.1f} points; with all rows it was {alone.score:.1f} % from random. One held-out "
         f"row is {100 / first.validation_size:.1f} points.")

# %% [markdown]
# ## Your own PLM
#
# `load_plm` takes a registry name (`panda plms` lists them), the address of a model on the hub, or *a folder* with weights,
# configuration and tokenizer, as `save_pretrained` writes it. Here is one that anybody can make: a small BERT with random
# weights. It has never read anything, so it is a useful control, too.

# %%
from transformers import BertConfig, BertModel

own = work / "my-bert"
torch.manual_seed(seed)
sizes = BertConfig(hidden_size=64, num_hidden_layers=2, num_attention_heads=2, intermediate_size=128)
BertModel(sizes).save_pretrained(own)
frozen.tokenizer.save_pretrained(own)

unread = run("p-tuning-v2", plm=str(own))
width = load_plm(str(own), device="cpu").prefix_width
print(f"a prefix of {width} numbers a position; accuracy {unread.score:.1f} %, with {Path(plm).name} {alone.score:.1f} %")

# %% [markdown]
# A prompt belongs to the PLM that it was trained with. Other keys and values mean nothing to it, and the library says so:

# %%
try:
    run("vanilla-pot", f"{source}@{key}", plm=str(own))
except PandaError as error:
    print(str(error).replace(f"{work}/", ""))
else:
    raise AssertionError("a prompt of another PLM was taken")

# %% [markdown]
# :::{admonition} What could go wrong
# :class: warning
# - **Labels that are not 0, 1, 2, ...** The error names file, row and column. `frame[label].map(classes.index)` is the cure.
# - **The same text in both splits.** Then the score measures memory; hence `drop_duplicates`. Our made-up file has a milder
#   form of this: the same *pattern* in both ("nobody liked ... this year"), which makes it easy.
# - **Columns called `id` or `idx`** must hold no value twice; leave them out if they are not ids.
# - **A name used twice.** The library keeps rows and results by the name of the task. So that old ones do not come back for
#   other rows, a folder of rows is made only once here: take another name, or run the chapter again from the top.
# - **Too few rows to tell.** With 50 held-out rows one row is 2 points.
# - **A pickle.** PEFT folders with `adapter_model.bin` are refused: loading a pickle can run code.
# - **`prompt.length` differs.** An imported prompt of 10 positions needs `--set prompt.length=10`; `panda import` says so.
# :::
#
# ## Exercises
#
# **1. Your sentences.** Which class does the trained prompt give to a sentence that is two things at once?

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
both = ask(["Thank you for the lecture, but where is the recording?"])
assert abs(both.to_numpy().sum() - 1) < 1e-5
both.round(2)

# %% [markdown]
# **2. Pairs of texts.** Declare a task that reads two columns, `first` and `second`, and asks whether both are of the same
# class. Which declaration is the better one to start from?

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
(work / "data" / "pairs").mkdir()
for split, part in (("train", frame.drop(held_out.index)), ("validation", held_out)):  # no text in both
    mixed = part.sample(frac=1, random_state=seed)
    pairs = pd.DataFrame({"first": part[text].to_numpy(), "second": mixed[text].to_numpy(),
                          "same": (part[label].to_numpy() == mixed[label].to_numpy()).astype(int)})
    pairs.to_parquet(work / "data" / "pairs" / f"{split}.parquet", index=False)
TASKS["pairs"] = replace(get_task("mrpc"), name="pairs", title="Pairs", roles=("target",), hub=None, metric="accuracy",
                         inputs=("first", "second"), label="same", labels=("different", "same"), rows=(None, None))
from panda_core.data.golden import golden_example

with patch.dict(os.environ, PANDA_DATA=str(work / "data")):
    shown = golden_example(frozen, TASKS["pairs"], "real", 0)
assert shown.label in ("different", "same")
Markdown(f"MRPC, because it reads a pair. The PLM sees *{' ‖ '.join(shown.sequences[0])}*, and the label is *{shown.label}*.")

# %% [markdown]
# **3. A damaged file.** Cut the adapter's weights in half and import it. What happens, and what is left behind in the store?

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
from shutil import copytree

broken = copytree(adapter, work / "broken")
weights = broken / "adapter_model.safetensors"
weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])
kept_before = sorted((store.root / "prompts").iterdir())
try:
    import_adapter(broken, frozen, store)
except PandaError as error:
    print(str(error).replace(f"{work}/", ""))
else:
    raise AssertionError("a damaged adapter was taken")
assert sorted((store.root / "prompts").iterdir()) == kept_before
Markdown("Nothing is left behind: the store has the same prompts as before.")

# %% [markdown]
# **4. The luck of the draw.** The four rows of each class were drawn once. Draw them twice more (`fewer` takes the number of
# the draw). Is the shared prompt ahead each time?

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
draws = [scarce, *(fewer(f"few-{draw}", 4, draw) for draw in (seed + 1, seed + 2))]
gains = [other.score - start.score for start, other in (found.values() for found in draws)]
assert gains[0] == second.score - first.score
Markdown(f"Gains of the shared prompt: {', '.join(f'{gain:+.1f}' for gain in gains)} points; ahead in "
         f"{sum(gain > 0 for gain in gains)} of {len(gains)} draws. A claim about few examples needs many draws.")

# %% [markdown]
# **5. PANDA on your own task.** Let the shared prompt *teach* on the task `few` (method `panda`). The library will say what
# it lacks; which setting makes it do without?

# %% tags=["hide-cell"] mystnb={"code_prompt_show": "Show the solution", "code_prompt_hide": "Hide the solution"}
try:
    run("panda", f"{source}@{key}", target="few")
except PandaError as error:
    print(str(error).replace(f"{work}/", ""))
else:
    raise AssertionError("the similarity was computed without the source's rows")
taught = run("panda", f"{source}@{key}", target="few", kd__similarity="constant")
assert taught.similarity == 1
Markdown("Eq. 2 needs examples of the source task, and the folder of data has only our own rows. With "
         f"`kd.similarity=constant` the teacher counts fully, and PANDA scores {taught.score:.1f} %, where a random start had "
         f"{first.score:.1f} % and a start from the shared prompt {second.score:.1f} %.")

# %% [markdown]
# ## Further reading
#
# Prompts shared and reused as the unit of transfer: {cite:t}`vu2022spot`; how far they carry, also between models:
# {cite:t}`su2022transferability`. In this book: {doc}`/book/data` for where data and weights come from, and
# {doc}`/book/clusters` when your study has outgrown one machine.
