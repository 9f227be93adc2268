"""What the exhibit pages are made of: tables, heatmaps, comparisons of printed and measured, stamps, costs."""

import json
import re
import shlex
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from paper_store import add

from panda_core.cli import main
from panda_core.experiments import EXPERIMENTS
from panda_core.paper import audit, printed
from panda_core.report import (
    cases,
    comparison,
    cost,
    differences,
    exhibit_page,
    freshness,
    html,
    ledger_page,
    measured,
    reading,
    scales,
    variants,
)
from panda_core.report.exhibits import EXHIBITS, get_exhibit
from panda_core.report.page import provenance
from panda_core.store import Store

TARGETS = printed.TARGETS


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Alone right on 60 % of the examples, vanilla PoT from MNLI on 65 %, PANDA on 70 %; a heavy lambda on 55 %."""
    store = Store(tmp_path_factory.mktemp("store"))
    for target in TARGETS:
        add(store, 0.6, method="p-tuning-v2", target=target)
        add(store, 0.65, method="vanilla-pot", sources=("mnli",), target=target)
        add(store, 0.7, 0.4, method="panda", sources=("mnli",), target=target)
        add(store, 0.55, 0.4, method="panda", sources=("mnli",), target=target, settings={"kd.weight": "5"})
    add(store, 0.5, method="vanilla-pot", sources=("wnut17",), target="cb")
    return store


@pytest.fixture
def downloads(tmp_path, monkeypatch):
    monkeypatch.setattr(exhibit_page, "DOWNLOADS", tmp_path / "downloads")
    return tmp_path / "downloads"


def test_all_exhibits_of_the_paper_are_there():
    tables, figures = ([f"{kind}-{n:02d}" for n in range(1, last + 1)] for kind, last in (("table", 16), ("figure", 9)))
    assert list(EXHIBITS) == [*tables, *figures]
    assert {name for name in EXHIBITS if EXHIBITS[name].runs} == {
        name for name in EXPERIMENTS if name.startswith(("table-", "figure-"))
    }
    assert all(get_exhibit(name).title.startswith(printed.title(name)) for name in EXHIBITS)


def test_a_table_is_html_with_sort_keys():
    frame = pd.DataFrame({"Name": ["a<b", "c"], "Value": [1.25, None], "Shown": [html.Markup("<b>x</b>", 3), html.Markup("y")]})
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


def test_rows_without_transfer_are_printed_and_measured(store):
    rows = comparison.without_transfer("bert-large", measured.of("table-02", store)).set_index(["Method", "PLM"])
    assert len(rows) == 6
    assert rows.loc[("P-Tuning v2", "BERT-large, as printed"), "Average"] == printed.cell("bert-large", "p-tuning-v2")
    assert rows.loc[("P-Tuning v2", "MiniLM-L3, measured here"), "CB"] == pytest.approx(60)
    assert np.isnan(rows.loc[("model-tuning", "MiniLM-L3, measured here"), "Average"])


def test_a_measured_difference_is_set_against_the_printed_ones(store):
    rows = variants.rows("table-05", measured.of("table-05", store), store).set_index("Row")
    less = rows["MiniLM-L3: its difference less the printed one"]
    # printed, target-like less vanilla PoT: 79.4 - 78.1 and 69.2 - 68.1; measured above it on every target
    own, vanilla = (rows.loc[name, "measured: MiniLM-L3"].key for name in ("PANDA, target-like prompt", "vanilla PoT"))
    assert less["PANDA, target-like prompt"].key == pytest.approx(own - vanilla - (1.3 + 1.1) / 2, abs=1e-3)
    assert less["vanilla PoT"] == "–" and less["PANDA, random prompt"] is None


def test_the_reading_names_the_best_rows(store):
    text = reading.variants("table-05", measured.of("table-05", store), store)
    assert "As printed, PANDA, target-like prompt has the highest mean in 2 of 2 comparisons, +1.2 points" in text
    assert "Measured here on MiniLM-L3, PANDA, target-like prompt has the highest mean of 3 rows: +" in text
    assert "points to vanilla PoT, which cannot be told from no difference" in text


def test_variants_compare_the_same_runs(store):
    runs = measured.of("figure-04", store)
    rows = variants.rows("figure-04", runs, store).set_index("Row")
    assert list(rows.columns) == ["measured: MiniLM-L3"]
    usual, heavy = (rows.loc[f"PANDA, lambda = {value}"].iloc[0] for value in ("0.05", "5"))
    assert heavy.key < usual.key and "<br>" in heavy.html and "<br>" not in usual.html
    assert variants.curve(runs).index.tolist() == [0.05, 5.0]
    assert "0.05 less 5 is +" in reading.variants("figure-04", runs, store)


def test_a_source_counts_once_every_row_is_through_with_it(tmp_path):
    own = Store(tmp_path)
    for target in TARGETS:
        for weight, accuracy in (("0.05", 0.6), ("5", 0.5)):
            add(own, accuracy, 0.4, method="panda", sources=("mnli",), target=target, settings={"kd.weight": weight})
        add(own, 0.9, 0.4, method="panda", sources=("qnli",), target=target)
    add(own, 0.9, 0.4, method="panda", sources=("qnli",), target="cb", settings={"kd.weight": "5"})
    add(own, 0.9, 0.4, method="panda", sources=("mnli",), target="cb", settings={"kd.weight": "1"})
    found = variants.means("figure-04", measured.of("figure-04", own), own)["minilm-l3"]
    scores = {group.variant: mean if isinstance(mean, int) else mean[0] for group, mean in found.items()}
    runs = measured.of("figure-04", own).query("source == 'mnli'")
    of_mnli = runs[runs["variant"] != "1"].groupby("variant")["score"].mean().to_dict()
    assert scores == pytest.approx({**of_mnli, "1": 1})
    assert of_mnli["0.05"] > of_mnli["5"]


def test_printed_variants_are_found():
    assert variants.printed_value("table-06", variants.Group("panda", "on"), "bert-tiny") == 60.2
    assert variants.printed_value("table-07", variants.Group("panda", "kl", "qnli"), "bert-small") == 69.10
    assert variants.printed_value("table-05", variants.Group("vanilla-pot"), "bert-large") == 78.1
    assert variants.printed_value("table-04", variants.Group("attempt"), "bert-base") == 75.8
    assert variants.printed_value("figure-04", variants.Group("panda", "5"), "bert-base") is None


def test_a_source_that_stands_in_for_a_printed_one_has_rows_of_its_own(tmp_path):
    own = Store(tmp_path)
    for source in ("mnli", "propbank_ewt_srl"):
        add(own, 0.6, 0.4, method="panda", sources=(source,), target="cb", settings={"kd.loss": "kl"})
    rows = variants.rows("table-07", measured.of("table-07", own), own).set_index("Row")
    sources = [name.split(" from ")[1] for name in rows.index if ", KL," in name]
    assert sources == ["MNLI", "QNLI", "SST-2", "CoNLL05", "PropBank EWT SRL (for CoNLL05)"]
    stand_in = rows.loc["PANDA, KL, from PropBank EWT SRL (for CoNLL05)"]
    assert stand_in["measured: MiniLM-L3"].html == '<span class="panda-none">1 target so far</span>'
    assert stand_in["printed: BERT-small"] == "–"
    assert rows.loc["PANDA, KL, from CoNLL05", "measured: MiniLM-L3"] is None


def test_the_curve_of_figure_4_takes_what_every_weight_has(tmp_path):
    own = Store(tmp_path)
    for accuracy, weight, target, seed in ((0.6, "0.05", "cb", 0), (0.5, "5", "cb", 0), (0.9, "0.05", "cb", 1),
                                           (0.9, "0.05", "rte", 0)):  # fmt: skip
        add(own, accuracy, 0.4, method="panda", sources=("mnli",), target=target, seed=seed,
            settings={"kd.weight": weight})  # fmt: skip
    curve = variants.curve(measured.of("figure-04", own))["MiniLM-L3"]
    assert curve.to_dict() == pytest.approx({0.05: 60, 5: 50})


def test_averages_of_figure_1_by_hand():
    means = scales.printed_means(tuple(t for t in TARGETS if t != "conll04"))
    model_tuning = [94.6, 69.0, 68.3, 75.8, 74.9, 60.6, 88.0, 90.0]
    assert means.loc["BERT-large", "model-tuning"] == pytest.approx(sum(model_tuning) / 8)
    assert (means["best of PANDA"] > means["P-Tuning v2"]).all()


def test_measured_averages_have_intervals_and_differences(tmp_path):
    own = Store(tmp_path)
    for accuracy, words in ((0.6, {"method": "model-tuning"}), (0.6, {"method": "p-tuning-v2"}),
                            (0.7, {"method": "panda", "sources": ("mnli",)})):  # fmt: skip
        add(own, accuracy, target="cb", **words)
    rows = scales.measured_means(measured.of("figure-01", own), own, ("cb",)).set_index("Row")
    assert rows.loc["best of PANDA", "Source"] == "MNLI" and rows.loc["P-Tuning v2", "Source"] == "–"
    assert rows.loc["best of PANDA", "Mean"].key == pytest.approx(70)
    assert rows.loc["best of PANDA", "Less model-tuning"].key == pytest.approx(10)
    assert rows.loc["P-Tuning v2", "Less model-tuning"].html == "+0.0 (+0.0 to +0.0)"


def test_nothing_measured_is_said(tmp_path):
    empty = Store(tmp_path)
    runs = exhibit_page.runs_of("table-02", empty)
    assert runs.empty and "nothing measured yet" in exhibit_page.head("table-02", runs)
    assert reading.NOTHING in reading.grid("bert-large", runs, empty)
    assert len(comparison.average_rows(["bert-large"], runs, empty)) == 21


def test_provenance_names_its_runs_and_offers_them(store, downloads):
    runs = exhibit_page.runs_of("table-02", store)
    soup = BeautifulSoup(exhibit_page.provenance("table-02", runs, store), "html.parser")
    assert len(soup.tbody.find_all("tr")) == len(runs) == 28
    links = [a["href"].rpartition("/")[2] for a in soup.find_all("a")]
    assert sorted(links) == sorted(path.name for path in downloads.iterdir())
    offered = json.loads((downloads / "table-02-measured.json").read_text())
    assert {line["id"] for line in offered} == set(runs["id"])
    assert pd.read_csv(downloads / "table-02-measured.csv")["score"].tolist() == [line["score"] for line in offered]
    facts = dict(zip([dt.text for dt in soup.find_all("dt")], [dd.text for dd in soup.find_all("dd")], strict=True))
    assert facts["Tier"] == "reduced" and facts["PLMs"] == "MiniLM-L3 (seed 0)" and facts["Code"] == "0" * 12


def test_provenance_says_where_a_source_prompt_was_trained_again(tmp_path, downloads):
    store = Store(tmp_path / "store")
    source = add(store, 0.6, method="p-tuning-v2", sources=("mnli",))
    add(store, 0.7, method="vanilla-pot", sources=("mnli",), target="cb", started_from={"source": source.files["prompt"]})
    runs = measured.of("table-02", store)
    assert "trained again since" not in exhibit_page.provenance("table-02", runs, store)
    add(store, 0.7, method="vanilla-pot", sources=("mnli",), target="rte", started_from={"source": "0" * 64})
    runs = measured.of("table-02", store)
    assert runs.set_index("target")["superseded"].to_dict() == {"cb": False, "rte": True}
    assert "1 of 2 runs started from a source prompt" in exhibit_page.provenance("table-02", runs, store)


def test_a_page_older_than_its_records_is_found(store, downloads, tmp_path):
    pages = tmp_path / "pages"
    pages.mkdir()

    def write(text):
        cell = {"cell_type": "code", "outputs": [{"output_type": "display_data", "data": {"text/html": [text]}}]}
        (pages / "table-05.ipynb").write_text(json.dumps({"cells": [cell]}))

    own = Store(tmp_path / "store")
    add(own, 0.5, method="p-tuning-v2", target="cb")
    write(exhibit_page.provenance("table-05", exhibit_page.runs_of("table-05", own), own))
    assert freshness.stale(pages, own) == []
    add(own, 0.5, method="p-tuning-v2", target="rte")
    assert "panda book --page table-05" in freshness.stale(pages, own)[0]


def test_a_page_with_another_record_than_the_stores_is_found(tmp_path):
    own = Store(tmp_path / "store")
    record = add(own, 0.5, method="p-tuning-v2", target="cb")
    cell = {"cell_type": "code", "outputs": [{"data": {"text/html": [provenance({"alone": record})]}}]}
    (tmp_path / "quickstart.ipynb").write_text(json.dumps({"cells": [cell]}))
    assert freshness.records(tmp_path / "quickstart.ipynb") == [(record.id, record.digest)]
    assert freshness.stale(tmp_path, own) == []
    add(own, 0.6, method="p-tuning-v2", target="cb")
    assert f"the record of run {record.id} changed" in freshness.stale(tmp_path, own)[0]
    assert len(freshness.stale(tmp_path, Store(tmp_path / "empty"))) == 1


def test_every_number_has_a_line_on_where_it_comes_from(store):
    runs = exhibit_page.runs_of("table-02", store)
    soup = BeautifulSoup(exhibit_page.sources("table-02", runs), "html.parser")
    printed_line, measured_line = soup.find_all("p", class_="panda-source")
    assert printed_line.a["href"].endswith("table-02-printed.csv") and "Table II" in printed_line.text
    for word in ("tier reduced", "real data, whole splits", "MiniLM-L3 (seed 0)", "0" * 12, "a processor", "28 runs"):
        assert word in measured_line.text
    assert "none yet" in exhibit_page.measured_from(runs.iloc[:0])


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
    found = differences.points()
    assert all({"topic", "paper", "code", "here"} <= point.keys() for point in found)
    assert differences.preset_settings()["kd.match"] == "logits"
    rows = differences.rows(store).set_index("Point")
    assert "not measured yet" in rows.loc["The teacher"].iloc[-1].html
    assert len(rows) == len(found)


def test_an_effect_is_a_paired_difference(store):
    found = differences.effect({"kd.weight": "5.0"}, "panda", store)
    assert found.key < 0 and "9 targets, 9 cells; minilm-l3 1 seed" in found.html


def test_an_effect_on_few_targets_has_no_interval(tmp_path):
    store = Store(tmp_path)
    for accuracy, settings in ((0.5, {}), (0.6, {"kd.match": "logits"})):
        add(store, accuracy, method="panda", sources=("mnli",), target="cb", settings=settings)
    found = differences.effect({"kd.match": "logits"}, "panda", store)
    assert found.key == pytest.approx(10) and found.html.startswith("+10.0, too few targets for an interval")


def test_the_commands_of_the_differences_can_be_given():
    for point in (point for point in differences.points() if "settings" in point):
        words = shlex.split(differences.how(point))
        call = CliRunner().invoke(main, ["plan", *words[2:], "--json"])
        assert call.exit_code == 0, (point["topic"], call.output)
        assert json.loads(call.stdout)["runs"] >= len(TARGETS), point["topic"]


def test_the_case_study_quotes_only_what_the_paper_prints(store):
    runs = exhibit_page.runs_of("figure-08", store)
    soup = BeautifulSoup(cases.explorer(runs, store), "html.parser")
    parts = soup.find_all("div", class_="panda-case")
    assert len(parts) == 40 + 40
    assert "ratbird" in cases.quotation("cb", 34) and cases.quotation("cb", 35) == ""
    assert [bool(part.blockquote) for part in parts] == [True] * 2 + [False] * 78
    first = [td.text for td in parts[2].tbody.tr.find_all("td")]
    assert re.fullmatch(r"\d+ %|–", first[4]) and first[5] in ("yes", "no")


def test_examples_are_found_by_who_is_right():
    assert cases.kinds({"vanilla-pot": [True, False], "panda": [True, True]}) == [
        "runs disagree", "PANDA right more often than vanilla PoT",
    ]  # fmt: skip
    assert cases.kinds({"p-tuning-v2": [False], "panda": [False]}) == ["all runs wrong"]
    assert cases.kinds({"p-tuning-v2": [True]}) == ["all runs right"]


def test_printed_classes_have_their_names():
    line = cases.printed_table().iloc[2]
    assert line["Prediction"] == "1 (contradiction)" and line["Label"] == "0 (entailment)"


def test_stamps_differ_between_exhibits_with_other_runs(store):
    assert exhibit_page.stamp_of("table-02", store) != exhibit_page.stamp_of("figure-04", store)
    assert exhibit_page.stamp_of("table-01", store) != exhibit_page.stamp_of("figure-03", store)
