"""Experiments give the runs of the paper's exhibits: checked against the tables as printed."""

import pytest

from panda_core.errors import UsageError
from panda_core.experiments import AVAILABLE, EXPERIMENTS, Parameters, runs_of
from panda_core.grid.dag import dag
from panda_core.methods import METHODS
from panda_core.paper.differences import points
from panda_core.paper.printed import AVERAGE, TARGETS, texts
from panda_core.runs import make_spec, user_methods
from panda_core.tasks import TABLE_1, get_task, targets

NAMES = {"prompt-tuning-lester": "prompt-tuning"}


def specs(*names, **given):
    return [spec for block in runs_of(names, Parameters(**given)) for spec in block]


@pytest.mark.parametrize("name", ["table-02", "table-13", "table-14", "table-15", "table-16", "table-11"])
def test_a_grid_has_a_run_for_every_printed_score(name):
    printed = texts(name)
    printed = printed[printed["target"].isin(TARGETS) & ~printed["method"].str.startswith(("oracle", "eavg", "ours"))]
    wanted = set(zip(printed["plm"], printed["method"].replace(NAMES), printed["source"], printed["target"]))
    assert {(s.plm, s.method, "".join(s.sources), s.target) for s in specs(name)} == wanted


def test_table_3_has_the_printed_plms_methods_and_sources():
    printed = texts("table-03")
    printed = printed[printed["target"] == AVERAGE]
    wanted = set(zip(printed["plm"], printed["method"].replace(NAMES), printed["source"]))
    found = specs("table-03")
    assert {(s.plm, s.method, "".join(s.sources)) for s in found} == wanted
    assert len(found) == 9 * len(wanted)


def test_the_ablations_have_the_printed_variants():
    assert {s.protocol.kd.loss for s in specs("table-07")} == set(texts("table-07")["kd_loss"].str.lower())
    assert {(s.plm, s.sources[0]) for s in specs("table-07")} == set(
        zip(texts("table-07")["plm"], texts("table-07")["source"])
    )
    panda = [s for s in specs("table-05") if s.method == "panda"]
    assert {s.protocol.teacher.prompt for s in panda} == {"random", "source", "target-like"}
    metrics = {s.protocol.kd.similarity for s in specs("table-06") if s.method == "panda"}
    assert metrics == {"ours", "constant", "e-avg", "on"}
    assert {s.method for s in specs("table-04")} == set(texts("table-04")["method"])
    assert {len(s.sources) for s in specs("table-04") if s.method == "panda-late"} == {3}
    assert {s.protocol.kd.weight for s in specs("figure-04")} >= {0.01, 0.05, 5.0}


def test_the_paper_grid_has_189_pairs_at_five_scales():
    transfers = [s for s in specs("paper-grid") if s.sources]
    assert len(transfers) == 5 * 189 * 2
    assert len(dag(runs_of(("paper-grid", "table-02"), Parameters()))) == len(dag(runs_of(("paper-grid",), Parameters())))


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_gives_runs_on_practice_data_and_on_real_data(name):
    for data in ("practice", "real"):
        found = specs(name, data=data, tier="full", sources=("mnli",))
        assert found
        assert {s.data for s in found} == {data} and {s.tier for s in found} == {"full"}


def test_choices_replace_those_of_the_paper():
    found = specs(
        "table-02", plms=("minilm-l3",), sources=("sst2",), targets=("cb",), methods=("panda",), seeds=(3, 4),
        settings={"training.steps": "7", "source.steps": "9"},
    )
    assert [(s.plm, s.sources, s.target, s.method, s.seed) for s in found] == [
        ("minilm-l3", ("sst2",), "cb", "panda", seed) for seed in (3, 4)
    ]
    assert found[0].training.steps == 7 and found[0].source_training.steps == 9


def test_settings_of_sources_reach_their_prompts():
    """The prompts that Figure 9 compares are those that the transfers of Table XIII start from."""
    choice = {"settings": {"training.steps": "7", "source.steps": "9"}, "plms": ("bert-base",)}
    prompts = dag(runs_of(("figure-09",), Parameters(**choice)))
    grid = dag(runs_of(("table-13",), Parameters(**choice)))
    assert set(prompts) == {key for key, node in grid.items() if node.spec.method == "p-tuning-v2"}


def test_a_block_is_one_seed_one_plm_and_one_set_of_sources():
    blocks = runs_of(("table-05",), Parameters(seeds=(0, 1), plms=("bert-base", "bert-tiny"), sources=("mnli", "qqp")))
    found = [{(s.seed, s.plm, s.sources) for s in block} for block in blocks]
    assert found == [
        {(seed, plm, sources)}
        for seed in (0, 1)
        for plm in ("bert-base", "bert-tiny")
        for sources in ((), ("mnli",), ("qqp",))
    ]


def test_every_method_is_compared_side_by_side_and_under_both_presets():
    found = specs("methods")
    assert {s.method for s in found} == set(user_methods())
    own = {s.protocol.prompt.kind for s in found if s.method == "panda"}
    assert own == {"prefix", "adapter", "mlp-prefix"}
    read = {(s.protocol.head.reads, s.method) for s in found}
    assert {method for reads, method in read if reads == "pooler"} == {"p-tuning-v2", "vanilla-pot", "panda"}
    assert len({(s.training.steps, s.training.batch_size) for s in found}) == 1


def test_every_point_that_is_a_setting_is_run_both_ways_on_every_target():
    found = specs("differences")
    for point in (point for point in points() if point.measurable):
        own = [s for s in found if (s.plm, s.method) == (point.plm, point.method)]
        for settings in (point.changes, {}):
            words = {target: make_spec(**_words(point, settings, target)) for target in targets()}
            assert all(spec in own for spec in words.values()), (point.topic, settings)


def _words(point, settings, target):
    offered = point.sources or EXPERIMENTS[point.experiment].sources
    sources = offered if METHODS[point.method].sources else ()
    return {"plm": point.plm, "method": point.method, "sources": sources, "target": target, "settings": settings,
            "data": "real", "tier": "reduced"}  # fmt: skip


@pytest.fixture
def hold(tmp_path, monkeypatch):
    """Make the mirror a folder with files of these tasks."""

    def make(*names):
        monkeypatch.setenv("PANDA_DATA", str(tmp_path))
        for name in names:
            (tmp_path / name).mkdir()
            for split in ("train", "validation"):
                (tmp_path / name / f"{get_task(name).split_name(split)}.parquet").touch()

    return make


def test_available_sources_are_those_at_hand(tmp_path, hold):
    hold("mnli", "wnut17")
    (tmp_path / "qqp").mkdir()
    (tmp_path / "qqp" / "train.parquet").touch()
    found = specs("table-02", sources=(AVAILABLE,), data="real", methods=("vanilla-pot",))
    assert {s.sources for s in found} == {("mnli",), ("wnut17",)}


@pytest.mark.parametrize(("data", "sources"), [("real", {"mnli"}), (None, {"mnli"}), ("practice", set(TABLE_1))])
def test_the_sources_of_the_study_are_those_of_the_data_that_is_asked_for(hold, data, sources):
    hold("mnli")
    found = specs("study", data=data, plms=("minilm-l3",), targets=("cb",), methods=("vanilla-pot",), seeds=(0,))
    assert {s.sources[0] for s in found} == sources


@pytest.mark.parametrize(("name", "given"), [("table-02", {"sources": (AVAILABLE,), "data": "real"}), ("study", {})])
def test_a_mirror_without_any_source_is_an_error(tmp_path, hold, name, given):
    hold()
    with pytest.raises(UsageError, match=f"source 'available': the folder {tmp_path} holds .* in PANDA_DATA"):
        specs(name, **given)


def test_the_study_is_cut_down_by_what_is_given():
    found = specs("study", data="practice", plms=("minilm-l6",), sources=("mnli", "boolq"), targets=("cb",),
                  methods=("vanilla-pot",))
    # boolq is no source of Table III: one seed of it, three of mnli
    assert [(s.plm, s.sources[0], s.seed) for s in found] == [
        ("minilm-l6", "boolq", 0), ("minilm-l6", "mnli", 0), ("minilm-l6", "mnli", 1), ("minilm-l6", "mnli", 2),
    ]
    assert {s.tier for s in found} == {"reduced"}


@pytest.mark.parametrize(
    ("names", "given", "message"),
    [
        (("table-17",), {}, "unknown experiment 'table-17': did you mean table-"),
        (("table-02",), {"methods": ("pandas",)}, "unknown method of table-02 'pandas': did you mean panda"),
        (("table-02",), {"targets": ("mnli",)}, "mnli cannot be a target"),
        (("table-02",), {"sources": ("mnlo",)}, "unknown task 'mnlo'"),
        (("table-02",), {"settings": {"kd.wait": "1"}}, "unknown setting 'kd.wait'"),
        (("study",), {"methods": ("pannda",)}, "unknown method of study 'pannda': did you mean panda"),
        (("study",), {"plms": ("bert-base",)}, "unknown PLM of study 'bert-base': known: minilm-l3, minilm-l6"),
        (("study",), {"sources": ("mnlo",)}, "unknown source of study 'mnlo': did you mean mnli"),
        (("study",), {"targets": ("mnli",)}, "unknown target of study 'mnli'"),
        (("practice",), {"seeds": (7,)}, "unknown seed of practice '7': known: 0, 1, 2"),
        (("study",), {"plms": ("minilm-l6",), "seeds": (1,), "targets": ("stsb",)}, "study has no run of these PLMs"),
    ],
)
def test_wrong_words_are_refused(names, given, message):
    with pytest.raises(UsageError, match=message.replace("'", ".")):
        specs(*names, **given)
