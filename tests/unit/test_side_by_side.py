"""The page that sets every method side by side: tables and sentences from made-up records of known scores."""

from dataclasses import replace

import numpy as np
import pytest
from bs4 import BeautifulSoup
from paper_store import add

from panda_core.experiments import Parameters, runs_of
from panda_core.report import exhibit_page, freshness, html, measured, side_by_side
from panda_core.runs import make_spec, run_id, user_methods
from panda_core.store import Store

TARGETS = ("cb", "rte", "mrpc", "cola")
SOURCES = ("mnli", "qnli", "sst2")
PLM = {"plm": "minilm-l6"}
BASE, VANILLA, PANDA = "P-Tuning v2", "Vanilla prompt transfer from MNLI", "PANDA from MNLI"
LATE, ON_ADAPTERS = "PANDA-Late from 3 sources", "PANDA on adapters from MNLI"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Alone right on 60 %; adapters on 90 % with and without PANDA; vanilla transfer from MNLI on 45 %. PANDA from MNLI
    on 70 % of CB and RTE, and the run of P-Tuning v2 once more on the others. RELEASED_CODE alone on 50 %."""
    store = Store(tmp_path_factory.mktemp("store"))
    add(store, 0.5, method="p-tuning-v2", sources=("mnli",), **PLM)
    for target in TARGETS:
        alone = add(store, 0.6, method="p-tuning-v2", target=target, **PLM)
        add(store, 0.5, method="p-tuning-v2", target=target, protocol="released-code", **PLM)
        add(store, 0.9, method="adapter", target=target, **PLM)
        one = {"sources": ("mnli",), "target": target, **PLM}
        add(store, 0.45, method="vanilla-pot", **one)
        add(store, 0.9, 0.1, method="panda", settings={"prompt.kind": "adapter"}, **one)
        if target in ("cb", "rte"):
            add(store, 0.7, 0.4, method="panda", **one)
        else:
            made = add(store, 0.6, -0.3, method="panda", **one)
            kept = store.predictions(made.spec), store.state(made.spec)
            store.save(replace(made, equal_to=alone.id, seconds=0.0, seconds_per_step=0.0), *kept)
    add(store, 0.65, method="panda-late", sources=SOURCES, target="cb", **PLM)
    return store


@pytest.fixture
def found(store):
    return side_by_side.runs(store)


def shown(frame):
    """The text of each cell, by row and column, as a page shows it."""
    soup = BeautifulSoup(html.table(frame, "A table"), "html.parser")
    names = [th.text for th in soup.find_all("th")]
    cells = [[td.get_text(" ") for td in tr.find_all("td")] for tr in soup.tbody.find_all("tr")]
    return {line[0]: dict(zip(names[1:], line[1:], strict=True)) for line in cells}


def test_every_run_of_the_experiment_has_its_place(store):
    declared = side_by_side.declared()
    wanted = [spec for block in runs_of(("methods",), Parameters()) for spec in block]
    assert sorted(declared["id"]) == sorted(map(run_id, wanted)) and len(declared) == 96
    assert declared.groupby(["preset", "row"])["target"].nunique().eq(4).all()
    assert set(side_by_side.runs(store)["id"]) < set(declared["id"])


def test_every_method_has_a_row_and_what_was_not_run_says_so(found, store):
    rows = shown(side_by_side.scores(found, store))
    assert len(rows) == 5 + 3 + 3 + 4 + 2
    assert {"CB (accuracy)", "RTE (accuracy)", "MRPC (accuracy)", "CoLA (Matthews)"} < set(rows[BASE])
    from panda_core.methods import METHODS

    assert all(any(row.startswith(METHODS[name].title) for row in rows) for name in user_methods())
    assert set(rows["ATTEMPT from 3 sources"].values()) == {"not run"}
    assert rows[LATE]["Mean"] == "1 of 4 targets" and rows[LATE]["RTE (accuracy)"] == "not run"


def test_a_score_stands_with_the_interval_of_its_own_predictions(found, store):
    spec = make_spec(method="adapter", target="rte", data="real", tier="reduced", **PLM)
    predictions = store.predictions(spec)
    right = (predictions["reference"] == predictions["prediction"]).to_numpy()
    index = np.random.default_rng(0).integers(40, size=(1000, 40))
    low, high = np.percentile(100 * right[index].mean(axis=1), (2.5, 97.5))
    text = shown(side_by_side.scores(found, store))["Adapter"]["RTE (accuracy)"]
    assert text == f"90.0  ({low:.1f} to {high:.1f})"


def test_what_a_method_costs(found, store):
    rows = shown(side_by_side.scores(found, store))
    assert rows["Adapter"]["Trained parameters"] == "1,000"
    assert rows["Adapter"]["Seconds on a target"] == rows["Adapter"]["Seconds with all it starts from"] == "10.0"
    # with the source prompt; the teacher and its time are in no record here
    assert rows[VANILLA]["Seconds with all it starts from"] == "20.0"
    assert rows[PANDA]["Seconds with all it starts from"] == "not known"
    assert rows[PANDA]["Seconds on a target"] == "10.0  (2 not trained again)"


def test_differences_are_paired_and_by_hand(found, store):
    rows = shown(side_by_side.differences(found, store))
    assert BASE not in rows
    assert rows["Adapter"]["RTE"].startswith("+30.0 (+1") and rows[VANILLA]["CB"].startswith("−15.0 (−")
    assert rows[PANDA]["MRPC"] == "0.0  (the same run)" and rows[PANDA]["RTE"].startswith("+10.0")
    assert rows[LATE]["CB"].startswith("+5.0") and rows[LATE]["Mean"] == "not run"
    mean = side_by_side.differences(found, store).set_index("Method").loc["Adapter", "Mean"].key
    by_target = found.query("preset == 'paper'").pivot_table(index="row", columns="target", values="score")
    assert mean == pytest.approx((by_target.loc["Adapter"] - by_target.loc[BASE]).mean())


def test_the_presets_stand_side_by_side(found, store):
    rows = shown(side_by_side.presets(found, store))
    assert len(rows) == 1 + 3 + 3
    assert rows[BASE]["Change: RTE"].startswith("−10.0") and rows[BASE]["Change: Mean"].startswith("−")
    assert rows[VANILLA]["RELEASED_CODE: mean"] == rows[VANILLA]["Change: CB"] == "not run"
    assert rows[VANILLA]["PAPER: mean"] != "not run"


def test_the_reading_follows_the_numbers(found, store):
    words = side_by_side.reading(found, store)
    assert words.startswith(f"- {len(found)} of 96 runs were made so far.")
    assert "Of the 5 rows that were run on all targets, Adapter has the highest mean" in words
    assert f"above 0 for Adapter, {PANDA}, {ON_ADAPTERS}; below 0 for {VANILLA}. The other 0 of 4" in words
    assert "The intervals hold the choice of the validation examples, not that of the seed." in words
    assert "In 2 of 4 runs of PANDA from another task the similarity is not above 0" in words
    assert "The largest similarity is 0.40, so that no teacher weighs more than 0.020: two" in words
    assert "so outside of regression its term adds at most 0.04 to the loss of an example." in words
    assert "PANDA on adapters less adapters alone: +0.0 (+0.0 to +0.0) points over 4 pairs, not to be told from 0" in words
    assert "PANDA-Late less PANDA from each of its sources alone: −5.0" in words
    assert "P-Tuning v2 with RELEASED_CODE less the same with PAPER: −1" in words
    assert "SESoM" not in words and "prefix-tuning alone" not in words


def test_the_best_may_be_the_one_without_transfer(tmp_path):
    store = Store(tmp_path)
    for target in TARGETS:
        add(store, 0.9, method="p-tuning-v2", target=target, **PLM)
        add(store, 0.6, method="adapter", target=target, **PLM)
    words = side_by_side.reading(side_by_side.runs(store), store)
    assert "P-Tuning v2 has the highest mean" in words and "above 0 for none; below 0 for Adapter. The other 0 of 1" in words


def test_an_empty_store_is_said(tmp_path):
    store = Store(tmp_path)
    found = side_by_side.runs(store)
    assert found.empty and side_by_side.reading(found, store).startswith("None of the 96 runs")
    assert {text for row in shown(side_by_side.scores(found, store)).values() for text in row.values()} == {"not run"}


def test_the_page_shares_one_budget_and_says_which():
    assert "350 steps of 16 examples" in side_by_side.about()


def test_its_provenance_and_its_age(found, store, tmp_path, monkeypatch):
    monkeypatch.setattr(exhibit_page, "DOWNLOADS", tmp_path / "downloads")
    text = exhibit_page.provenance("methods", found, store)
    soup = BeautifulSoup(text, "html.parser")
    assert len(soup.tbody.find_all("tr")) == len(found)
    assert {path.name for path in (tmp_path / "downloads").iterdir()} == {"methods-measured.csv", "methods-measured.json"}
    assert soup.div["data-stamp"] == exhibit_page.stamp_of("methods", store) == measured.stamp(found)
    assert freshness.STAMP.findall(text) == [("methods", soup.div["data-stamp"])]
    assert "2 of 25 runs" in soup.find("dl").text.replace("\n", " ")
