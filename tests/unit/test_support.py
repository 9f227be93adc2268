"""Every method on every architecture and every task format, two steps each: what the book's support table says.

`pytest tests/unit/test_support.py --write-support` writes the table.
"""

import copy
from dataclasses import replace
from math import isfinite
from pathlib import Path

import pandas as pd
import pytest
import torch
from family_models import CONFIGS
from transformers import AutoModel

from panda_core.errors import PandaError
from panda_core.job import Job
from panda_core.methods import METHODS, SEVERAL
from panda_core.plms.architectures import architecture_of
from panda_core.plms.loading import load_plm
from panda_core.plms.plm import PLM
from panda_core.runs import inputs, make_spec, normalise, run_id, user_methods
from panda_core.tasks import get_task

TABLE = Path(__file__).parents[2] / "book" / "support.csv"
FAMILIES = {
    "BERT, MiniLM": "bert",
    "RoBERTa": "roberta",
    "DeBERTa": "deberta",
    "DeBERTa v2": "deberta-v2",
    "DeBERTa v3": "deberta-v3",
    "OPT": "opt",
    "LLaMA": "llama-grouped",
}
# one task of each format; those that are no targets in the paper are set as one all the same
TASKS = ("cb", "stsb", "copa", "record", "conll04", "conll05", "squad")
SETTINGS = {
    f"{group}.{name}": value
    for group in ("training", "source")
    for name, value in
    {"steps": "2", "evaluations": "1", "batch_size": "4", "eval_examples": "8", "max_length": "24"}.items()
} | {"prompt.length": "3", "embedding.samples": "4", "kd.weight": "1"}


def plm_of(family):
    """A small random PLM of the family, with the tokenizer of minilm-l6."""
    tokenizer = load_plm("minilm-l6", device="cpu").tokenizer
    config = copy.deepcopy(CONFIGS[FAMILIES[family]])
    config.vocab_size = len(tokenizer)
    torch.manual_seed(0)
    reads = "last" if architecture_of(config).causal else "cls"
    return PLM(family, AutoModel.from_config(config), lambda: tokenizer, reads, {})


def spec_of(method, task):
    wanted = METHODS[method].sources
    sources = {0: (), 1: ("rte",), SEVERAL: ("rte", "cola")}[wanted]
    settings = {k: v for k, v in SETTINGS.items() if sources or not k.startswith("source.")}
    spec = make_spec(plm="tiny", method=method, sources=sources, target="wic", settings=settings)
    return normalise(replace(spec, target=task))


def trained(spec, plm, made):
    """The state that a run trains, after the runs that it starts from; made once for each id."""
    if run_id(spec) not in made:
        needed = {role: trained(run, plm, made) for role, run in inputs(spec).items()}
        job = Job(spec, plm, needed)
        fit = METHODS[spec.method].train(job).fit
        assert fit.steps == 2 and isfinite(fit.curve[-1].train_loss) and 0 < len(fit.predictions) <= 8
        assert all(value.isfinite().all() for value in fit.best.values())
        made[run_id(spec)] = fit.best
    return made[run_id(spec)]


def column(family):
    """Title of each method -> the task formats that it can be trained on with this family."""
    plm, made, found = plm_of(family), {}, {}
    for method in user_methods():
        works = []
        for task in TASKS:
            try:
                trained(spec_of(method, task), plm, made)
            except PandaError:
                continue
            works.append(get_task(task).format)
        found[METHODS[method].title] = "all" if len(works) == len(TASKS) else ", ".join(works) or "none"
    return found


def test_the_tasks_are_one_of_each_format():
    from panda_core.formats import _FORMATS

    assert {get_task(task).format for task in TASKS} == set(_FORMATS)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_support_table_is_what_runs(family, request):
    found = column(family)
    if request.config.getoption("--write-support"):
        table = pd.read_csv(TABLE, index_col="Method") if TABLE.exists() else pd.DataFrame()
        columns = {name: table.get(name) for name in FAMILIES} | {family: pd.Series(found)}
        kept = pd.DataFrame({name: values for name, values in columns.items() if values is not None})
        kept.loc[list(found)].to_csv(TABLE, index_label="Method")
    table = pd.read_csv(TABLE, index_col="Method")
    assert set(table.columns) <= set(FAMILIES) and list(table.index) == list(found)
    assert table[family].to_dict() == found


def test_the_support_table_has_a_column_for_every_family():
    assert list(pd.read_csv(TABLE, index_col="Method").columns) == list(FAMILIES)
