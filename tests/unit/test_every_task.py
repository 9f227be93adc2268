"""Every task of Table I from each place it can be had from, and with every method, on small files.

The practice rows of a task are written as a local mirror and as a folder of the hub's layout: a model must read the
same from all three.
"""

from dataclasses import replace

import datasets
import huggingface_hub.constants
import pytest
import yaml
from test_support import SETTINGS, plm_of, trained

from panda_core import practice
from panda_core.data.encoded import encoded_split
from panda_core.methods import METHODS, SEVERAL
from panda_core.runs import make_spec, normalise, user_methods
from panda_core.tasks import TABLE_1, TASKS, get_task, targets

ROWS = {"train": 24, "validation": 12}
LENGTH = int(SETTINGS["training.max_length"])
generate = practice.generate  # the fixture below replaces the one of the module


@pytest.fixture(scope="module")
def plm():
    return plm_of("BERT, MiniLM")


@pytest.fixture(scope="module")
def mirror(tmp_path_factory):
    """<task>/<split>.parquet for every task of Table I."""
    folder = tmp_path_factory.mktemp("mirror")
    for name in TABLE_1:
        (folder / name).mkdir()
        for split, size in ROWS.items():
            path = folder / name / f"{get_task(name).split_name(split)}.parquet"
            generate(name, split, size=size).to_parquet(path, index=False)
    return folder


def as_on_the_hub(task, frame):
    """Rows in the hub's columns and features: classes with names, and for CoNLL04 entities instead of tags."""
    if task.name == "conll04":
        frame = frame.assign(entities=frame[task.label].map(entities)).drop(columns=task.label)
    rows = datasets.Dataset.from_pandas(frame, preserve_index=False)
    if task.format == "classification" or task.format == "multiple-choice":
        return rows.cast_column(task.label, datasets.ClassLabel(names=list(task.labels)))
    if task.name == "conll03":
        return rows.cast_column(task.label, datasets.List(datasets.ClassLabel(names=list(task.labels))))
    return rows


def entities(tags):
    """BIO tags as {"type", "start", "end"}, `end` exclusive."""
    ends = [i for i in range(1, len(tags) + 1) if i == len(tags) or not tags[i].startswith("I-")]
    starts = [0, *ends[:-1]]
    return [{"type": tags[s][2:], "start": s, "end": e} for s, e in zip(starts, ends) if tags[s] != "O"]


def hub_folder(task, folder):
    """A card that names files and features, or, as in the hub's own conversion, folders without a card."""
    config, files, rows = task.hub.config or "default", [], None
    for split, size in ROWS.items():
        name = task.split_name(split)
        path = f"{config}/{name}/0000.parquet" if task.hub.branch else f"{config}/{name}-00000-of-00001.parquet"
        rows = as_on_the_hub(task, generate(task.name, split, size=size))
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        rows.to_parquet(folder / path)
        files.append({"split": name, "path": path})
    if not task.hub.branch:
        info = {"config_name": config, "features": rows.features._to_yaml_list()}
        card = yaml.safe_dump({"configs": [{"config_name": config, "data_files": files}], "dataset_info": info})
        (folder / "README.md").write_text(f"---\n{card}---\n")
    return replace(task, hub=replace(task.hub, id=str(folder), config=config, revision="0" * 40))


@pytest.fixture
def had_from(monkeypatch, tmp_path, mirror):
    """`had_from(place, name)` makes a task's rows come from that place, and gives the data origin to ask for."""
    monkeypatch.setattr(practice, "generate", lambda name, split: generate(name, split, size=ROWS[split]))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "hf-cache")
    datasets.disable_progress_bars()

    def switch(place, name):
        monkeypatch.delenv("PANDA_DATA", raising=False)
        if place == "mirror":
            monkeypatch.setenv("PANDA_DATA", str(mirror))
        elif place == "hub":
            monkeypatch.setitem(TASKS, name, hub_folder(get_task(name), tmp_path / "hub"))
        return "practice" if place == "practice" else "real"

    return switch


def plain(example):
    """What a model is given, in lists."""
    sequences = [list(map(int, ids)) for ids in example.input_ids]
    return sequences, example.label, tuple(example.words), [part.tolist() for part in example.offsets]


def spec_of(method, target, data, sources=("rte", "cola")):
    """Two steps of a method; a source task is trained on like a target, to make its prompt."""
    wanted = METHODS[method].sources
    sources = sources if wanted == SEVERAL else sources[:wanted]
    settings = {key: value for key, value in SETTINGS.items() if sources or not key.startswith("source.")}
    spec = make_spec(plm="tiny", method=method, sources=sources, target="wic", data=data, settings=settings)
    return normalise(replace(spec, target=target))


@pytest.mark.parametrize("name", TABLE_1)
def test_a_model_reads_and_learns_the_same_from_every_place(plm, had_from, name):
    places = ["practice", "mirror"] + ["hub"] * (TASKS[name].hub is not None)
    read, origins, states = [], [], []
    for place in places:
        data = had_from(place, name)
        split = encoded_split(plm, get_task(name), data, "validation", LENGTH)
        read.append([plain(example) for example in split.examples])
        origins.append(split.provenance["origin"])
        states.append(trained(spec_of("p-tuning-v2", name, data), plm, {}))
    assert origins == ["practice", "local", "hub"][: len(places)]
    assert all(other == read[0] for other in read[1:])
    assert all((other[key] == states[0][key]).all() for other in states[1:] for key in states[0])


@pytest.mark.parametrize("name", targets())
def test_every_method_trains_on_every_target(plm, had_from, name):
    data, made = had_from("mirror", name), {}
    sources = tuple(other for other in ("rte", "cola", "sst2") if other != name)[:2]
    for method in user_methods():
        trained(spec_of(method, name, data, sources), plm, made)


@pytest.mark.parametrize("name", TABLE_1)
def test_every_transfer_starts_from_every_source(plm, had_from, name):
    data, made = had_from("mirror", name), {}
    target, other = ("rte" if name == "cb" else "cb"), ("cola" if name == "sst2" else "sst2")
    for method in user_methods():
        if METHODS[method].sources:
            trained(spec_of(method, target, data, (name, other)), plm, made)
