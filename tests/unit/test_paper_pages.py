"""What the exhibit pages are made of: tables, heatmaps, comparisons of printed and measured, costs."""

import json
import shlex
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from paper_store import add, small_grid

from panda_core.cli import main
from panda_core.experiments import EXPERIMENTS
from panda_core.notebooks import pages
from panda_core.paper import audit, printed
from panda_core.paper.differences import points
from panda_core.report import (
    comparison,
    cost,
    differences,
    exhibit_page,
    html,
    ledger_page,
    measured,
    reading,
)
from panda_core.report.exhibits import EXHIBITS
from panda_core.store import Store

TARGETS = printed.TARGETS


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return small_grid(tmp_path_factory.mktemp("store"))


def test_all_exhibits_of_the_paper_are_there():
    tables, figures = ([f"{kind}-{n:02d}" for n in range(1, last + 1)] for kind, last in (("table", 16), ("figure", 9)))
    assert list(EXHIBITS) == [*tables, *figures]
    assert {name for name in EXHIBITS if EXHIBITS[name].runs} == {
        name for name in EXPERIMENTS if name.startswith(("table-", "figure-"))
    }
    assert all(pages()[name]["title"].startswith(f"{printed.title(name)}: ") for name in EXHIBITS)


def test_a_table_is_html_with_sort_keys():
    frame = pd.DataFrame({"Name": ["a<b", "c"], "Value": [1.25, None], "Shown": [html.Markup("<b>x</b>", 3), html.Markup("y")]})
    lone = BeautifulSoup(html.table(pd.DataFrame({"A": ["–"], "B": [html.Markup("z", np.nan)]}), "B"), "html.parser")
    assert [td.get("data-key") for td in lone.find_all("td")] == ["", ""]
    soup = BeautifulSoup(html.table(frame, "A table", ["Name"]), "html.parser")
    assert soup.caption.text == "A table" and [th.text for th in soup.find_all("th")] == ["Name", "Value", "Shown"]
    rows = [[td.text for td in tr.find_all("td")] for tr in soup.tbody.find_all("tr")]
    assert rows == [["a<b", "1.2", "x"], ["c", "not run", "y"]]
    assert [td.get("data-key") for td in soup.tbody.tr.find_all("td")] == [None, "1.25", "3"]
    assert json.loads(soup.table["data-filters"]) == [0]


def test_a_table_without_lines_says_so():
    soup = BeautifulSoup(html.table(pd.DataFrame(columns=["Name", "Value"]), "A table", ["Name"]), "html.parser")
    assert [td.text for td in soup.tbody.find_all("td")] == ["not run"] and "panda-sortable" not in soup.table["class"]


@pytest.mark.parametrize(
    ("value", "sign", "text"), [(1.25, False, "1.2"), (-0.04, True, "+0.0"), (-1.0, True, "−1.0"), (2, True, "+2.0")]
)
def test_numbers_are_written_for_people(value, sign, text):
    assert html.cell(value, 1, sign) == text


def test_only_the_signs_of_numbers_are_changed():
    assert html.typeset("BERT-large -1.7 to -0.2, 2020-11") == "BERT-large −1.7 to −0.2, 2020-11"


def test_a_heatmap_shows_its_first_layer_without_a_script():
    values = pd.DataFrame([[1.0, -2.0], [np.nan, 0.0]], ["r1", "r2"], ["c1", "c2"])
    layers = [html.Layer(("A", "x"), values, True, note="first"), html.Layer(("B", "x"), values)]
    soup = BeautifulSoup(html.heatmap(layers, ("One", "Two"), "A heatmap", "Rows"), "html.parser")
    cells = soup.tbody.find_all("td")
    assert [cell.text for cell in cells] == ["+1.0", "−2.0", "not run", "+0.0"]
    assert [cell.get("class") for cell in cells] == [["heat-up"], ["heat-down"], None, ["heat-up"]]
    assert [cell.get("style") for cell in cells] == ["--heat:35%", "--heat:50%", None, "--heat:0%"]
    data = json.loads(soup.script.text)
    assert data["layers"][0]["values"] == [[1.0, -2.0], [None, 0.0]]
    assert [layer["choice"] for layer in data["layers"]] == [["A", "x"], ["B", "x"]]


def test_layers_of_a_grid(store):
    layers = {layer.choice: layer for layer in comparison.score_layers("bert-large", exhibit_page.runs_of("table-02", store))}
    gain = layers["as printed", "BERT-large", "PANDA less vanilla PoT"].values
    assert gain.loc["CoNLL03", "STS-B"] == pytest.approx(90.6 - 16.4) and gain.shape == (21, 9)
    own = layers["measured here", "MiniLM-L3", "PANDA less vanilla PoT"].values
    assert len(own) == 22 and own.loc["CoNLL03"].isna().all()
    assert own.loc["MNLI", "CB"] == pytest.approx(5) and np.isnan(own.loc["WNUT-17 (for OntoNotes)", "CB"])
    none = layers["measured here", "MiniLM-L3", "PANDA less no transfer"].values
    assert none.loc["MNLI", "RTE"] == pytest.approx(10)


def test_layers_of_a_grid_compare_runs_of_one_seed(tmp_path):
    """MNLI was run with a second, lucky seed, the target alone with a third one."""
    store = Store(tmp_path)
    for method, source, seed, accuracy in (
        ("p-tuning-v2", (), 0, 0.5), ("p-tuning-v2", (), 2, 1.0), ("vanilla-pot", ("mnli",), 0, 0.6),
        ("vanilla-pot", ("mnli",), 1, 0.9), ("panda", ("mnli",), 0, 0.7),
    ):  # fmt: skip
        add(store, accuracy, method=method, sources=source, target="cb", seed=seed)
    layers = {layer.choice[2]: layer.values for layer in comparison.score_layers("bert-large", measured.of("table-02", store))
              if layer.choice[0] == "measured here"}  # fmt: skip
    assert layers["PANDA less vanilla PoT"].loc["MNLI", "CB"] == pytest.approx(10)
    assert layers["PANDA less no transfer"].loc["MNLI", "CB"] == pytest.approx(20)
    assert layers["vanilla PoT less no transfer"].loc["MNLI", "CB"] == pytest.approx(10)
    assert layers["vanilla PoT, score"].loc["MNLI", "CB"] == pytest.approx(75)


def test_seeds_that_not_all_have_are_left_out():
    frame = pd.DataFrame(
        [("l3", "cb", "mnli", 0), ("l3", "cb", "mnli", 1), ("l3", "cb", "qnli", 0), ("l3", "rte", "mnli", 1)],
        columns=["plm", "target", "source", "seed"],
    )
    assert measured.same_seeds(frame, ("source",), ("plm", "target")).index.tolist() == [0, 2, 3]
    assert measured.same_seeds(frame, ("source",)).index.tolist() == [0, 2]  # qnli has seed 0 alone
    assert measured.same_seeds(frame.iloc[:0], ("source",)).empty


def test_one_tier_of_a_plm_is_shown(tmp_path):
    store = Store(tmp_path)
    for target in ("cb", "rte"):
        add(store, 0.6, method="p-tuning-v2", target=target)
    add(store, 0.9, method="p-tuning-v2", target="cb", tier="full")
    add(store, 0.9, method="p-tuning-v2", target="cb", tier="full", plm="minilm-l6")
    found = measured.comparable(measured.runs(store))
    assert set(zip(found["plm"], found["tier"], strict=True)) == {("minilm-l3", "reduced"), ("minilm-l6", "full")}


def test_one_revision_of_a_plm_is_shown(tmp_path):
    store = Store(tmp_path)
    for revision, targets in (("abc", ("cb", "rte")), (None, ("cb",))):
        for target in targets:
            add(store, 0.6, method="p-tuning-v2", target=target, plm="google-bert/bert-tiny", revision=revision)
    assert set(measured.runs(store)["revision"]) == {"", "abc"}
    assert measured.of("table-02", store)["revision"].tolist() == ["abc", "abc"]


def test_sources_that_were_trained_on_a_subset_are_named(tmp_path):
    store = Store(tmp_path)
    source = add(store, 0.6, method="p-tuning-v2", sources=("mnli",))
    subset = {"train": {**source.data["train"], "subset": True}, "validation": source.data["validation"]}
    store.save(replace(source, data=subset), store.predictions(source.spec), store.state(source.spec))
    for task in ("mnli", "qnli"):
        add(store, 0.6, method="vanilla-pot", sources=(task,), target="cb")
    runs = measured.of("table-02", store)
    assert runs.set_index("source")["source_subsets"].to_dict() == {"mnli": "mnli", "qnli": ""}
    assert exhibit_page.facts(runs)["Data"] == "real data, whole splits, source prompts from a subset for MNLI"


def test_the_labels_of_a_page_name_the_tiers_of_its_runs(store, tmp_path):
    found = BeautifulSoup(exhibit_page.head("table-02", measured.of("table-02", store)), "html.parser")
    assert found.find(class_="tier-reduced") and not found.find(class_="tier-full")
    own = Store(tmp_path)
    add(own, 0.6, method="p-tuning-v2", target="cb", tier="full")
    runs = measured.of("table-02", own)
    found = BeautifulSoup(exhibit_page.head("table-02", runs), "html.parser")
    assert found.find(class_="tier-full") and not found.find(class_="tier-reduced")
    assert "Measured numbers: tier full;" in exhibit_page.measured_from(runs)


def test_averages_need_every_target(store):
    found = comparison.averages(measured.of("table-02", store), store).set_index(["method", "source"])
    assert found.loc[("vanilla-pot", "wnut17"), "targets"] == 1 and np.isnan(found.loc[("vanilla-pot", "wnut17"), "score"])
    rows = comparison.average_rows(["bert-large"], measured.of("table-02", store), store).set_index("Source")
    assert len(rows) == 22
    assert rows.loc["MNLI", "Printed: gain"].html == "+1.3"
    assert "1 of 9 targets" in rows.loc["WNUT-17 (for OntoNotes)", "MiniLM-L3: vanilla PoT"].html
    gain, less = (rows.loc["MNLI", f"MiniLM-L3: {name}"].key for name in ("gain (95 % interval)", "its gain less the printed one"))
    assert less == pytest.approx(gain - 1.3)


def test_the_gain_of_a_row_is_one_of_pairs(tmp_path):
    own = Store(tmp_path)
    for target in TARGETS:
        add(own, 0.5, method="vanilla-pot", sources=("mnli",), target=target)
        add(own, 0.6, 0.4, method="panda", sources=("mnli",), target=target)
    alone = comparison.average_rows(["bert-large"], measured.of("table-02", own), own).set_index("Source").loc["MNLI"]
    add(own, 1.0, method="vanilla-pot", sources=("mnli",), target="cb", seed=1)  # without PANDA of that seed
    more = comparison.average_rows(["bert-large"], measured.of("table-02", own), own).set_index("Source").loc["MNLI"]
    for name in ("vanilla PoT", "PANDA", "gain (95 % interval)"):
        assert more[f"MiniLM-L3: {name}"].key == alone[f"MiniLM-L3: {name}"].key


def test_rows_without_transfer_are_printed_and_measured(store):
    rows = comparison.without_transfer("bert-large", measured.of("table-02", store)).set_index(["Method", "PLM"])
    assert len(rows) == 6
    assert rows.loc[("P-Tuning v2", "BERT-large, as printed"), "Average"] == printed.cell("bert-large", "p-tuning-v2")
    assert rows.loc[("P-Tuning v2", "MiniLM-L3, measured here"), "CB"] == pytest.approx(60)
    assert np.isnan(rows.loc[("model-tuning", "MiniLM-L3, measured here"), "Average"])


def test_nothing_measured_is_said(tmp_path):
    empty = Store(tmp_path)
    runs = exhibit_page.runs_of("table-02", empty)
    assert runs.empty and "nothing measured yet" in exhibit_page.head("table-02", runs)
    assert reading.NOTHING in reading.grid("bert-large", runs, empty)
    assert len(comparison.average_rows(["bert-large"], runs, empty)) == 21


def test_the_reading_says_what_a_gain_is_without_one_target(tmp_path):
    own = Store(tmp_path)
    for target, panda, vanilla in (("cb", 0.8, 0.4), ("copa", 0.6, 0.6), ("rte", 0.6, 0.5)):
        add(own, panda, 0.4, method="panda", sources=("mnli",), target=target)
        add(own, vanilla, method="vanilla-pot", sources=("mnli",), target=target)
    add(own, 0.6, 1.0, method="panda", sources=("cb",), target="cb")
    text = reading.grid("bert-large", measured.of("table-02", own), own)
    assert "PANDA is +16.7 (" in text
    assert "Without CB, where it gains most over vanilla PoT (+40.0), this gain is +5.0 (" in text
    assert "without COPA, where it gains least (+0.0), it is +25.0 (" in text
    assert "In 0 of 3 runs of PANDA from another task" in text and "The largest similarity is 0.40" in text
    two = measured.of("table-02", own).query("target != 'rte'")
    assert "Without" not in reading.grid("bert-large", two, own)


def test_findings_are_those_of_the_audit():
    soup = BeautifulSoup(exhibit_page.findings("table-03"), "html.parser")
    frame = audit.frame().query("exhibit == 'table-03'")
    assert f"{len(frame)} checks: " in soup.p.text
    assert len(soup.tbody.find_all("tr")) == int((frame["verdict"] == "differs").sum())


def test_the_audit_page_shows_every_check():
    assert len(ledger_page.audit_table()) == len(audit.checks())
    assert ledger_page.audit_summary()[["agrees", "differs", "cannot tell"]].to_numpy().sum() == len(audit.checks())
    assert "**2.28 points**" in ledger_page.headline() and "**24.1**" in ledger_page.headline()
    assert len(ledger_page.choices_table()) == 5 * 3


def test_gpu_hours_follow_table_12():
    # P-Tuning v2 on STS-B at the paper's schedule: 60 epochs instead of 10 of Table XII's 480.2 s
    specs = [s for s in cost.full_runs("table-12") if s.target == "stsb" and s.method == "p-tuning-v2"]
    assert cost.operations(specs[0]) / cost.a100_rate() == pytest.approx(6 * 480.2, rel=0.01)
    for exhibit in EXHIBITS:
        if EXHIBITS[exhibit].runs:
            count, hours = cost.gpu_hours(exhibit)
            assert count > 0 and hours > 0


def test_the_parameters_behind_the_estimate_are_those_of_the_models():
    from panda_core.plms.arithmetic import paper_config, plm_parameters

    for name, count in cost.ENCODER_PARAMETERS.items():
        whole, vocabulary = plm_parameters(paper_config(name)), paper_config(name).vocab_size
        width = getattr(paper_config(name), "word_embed_proj_dim", paper_config(name).hidden_size)
        rest = whole - vocabulary * width
        assert count <= rest <= count + 3e6, name  # position and segment embeddings


def test_the_differences_are_data(store):
    found = points()
    (preset,) = (point for point in found if point.protocol)
    assert preset.changes["kd.match"] == "logits" and len(preset.changes) > 5
    rows = differences.rows(store)
    settings = sum(point.measurable for point in found)
    assert f"{settings} of them are a setting, and the effect of 0 was measured" in differences.summary(rows)
    rows = rows.set_index("Point")
    assert "not measured yet" in rows.loc["The teacher"].iloc[-1].html
    assert rows.loc["Seeds"].iloc[-1].html == "no single setting"
    assert len(rows) == len(found)


def test_an_effect_is_a_paired_difference(store):
    found = differences.effect({"kd.weight": "5.0"}, "panda", store)
    assert found.key < 0 and "9 targets, 9 cells; minilm-l3 1 seed; other scores on 9 targets" in found.html


def test_an_effect_on_few_targets_has_no_interval(tmp_path):
    store = Store(tmp_path)
    for accuracy, settings in ((0.5, {}), (0.6, {"kd.match": "logits"})):
        add(store, accuracy, method="panda", sources=("mnli",), target="cb", settings=settings)
        # a source that the points' commands do not make
        add(store, 0.9 - accuracy, method="panda", sources=("qnli",), target="cb", settings=settings)
    wanted = {"kd.match": "logits"}, "panda", store, ("mnli",)
    found = differences.effect(*wanted)
    assert found.key == pytest.approx(10) and found.html.startswith("+10.0, too few targets for an interval")
    assert "the effect of 1 was measured so far" in differences.summary(differences.rows(store))
    for settings in ({}, {"kd.match": "logits"}):
        add(store, 0.5, method="panda", sources=("mnli",), target="rte", settings=settings)
    found = differences.effect(*wanted)
    assert found.key == pytest.approx(5) and "2 targets, 2 cells; minilm-l3 1 seed; other scores on 1 target<" in found.html


def test_the_commands_of_the_differences_can_be_given():
    for point in (point for point in points() if point.measurable):
        words = shlex.split(differences.how(point))
        call = CliRunner().invoke(main, ["plan", *words[2:], "--json"])
        assert call.exit_code == 0, (point.topic, call.output)
        assert json.loads(call.stdout)["runs"] >= len(TARGETS), point.topic
