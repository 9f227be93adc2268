"""Tables of methods and variants: which runs their means are over, what they are compared with."""

import numpy as np
import pytest
from paper_store import add, small_grid

from panda_core.paper import printed
from panda_core.report import exhibit_page, measured, reading, scales, variants
from panda_core.store import Store

TARGETS = printed.TARGETS


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return small_grid(tmp_path_factory.mktemp("store"))


def test_a_measured_difference_is_set_against_the_printed_ones(store):
    rows = variants.rows("table-05", measured.of("table-05", store), store).set_index("Row")
    less = rows["MiniLM-L3: its difference less the mean of the printed ones"]
    # printed, target-like less vanilla PoT: 79.4 - 78.1 and 69.2 - 68.1; measured above it on every target
    own, vanilla = (rows.loc[name, "measured: MiniLM-L3"].key for name in ("PANDA, target-like prompt", "vanilla PoT"))
    assert less["PANDA, target-like prompt"].key == pytest.approx(own - vanilla - (1.3 + 1.1) / 2, abs=1e-3)
    assert less["vanilla PoT"] == "–" and less["PANDA, random prompt"] is None


def test_the_reading_names_the_best_rows(store):
    text = reading.variants("table-05", measured.of("table-05", store), store)
    assert "As printed, PANDA, target-like prompt has the highest mean in 2 of 2 comparisons, +1.2 points" in text
    assert "Measured here on MiniLM-L3, PANDA, target-like prompt has the highest mean of 3 rows: +" in text
    assert "points to vanilla PoT, which cannot be told from no difference" in text


def test_rows_are_named_by_the_method_that_the_reader_knows():
    labels = [group.label("figure-06") for group in variants.groups("figure-06")]
    assert labels[-4:] == ["adapter", "PANDA, on adapters", "prefix-tuning", "PANDA, on prefix-tuning"]


def test_variants_compare_the_same_runs(store):
    runs = measured.of("figure-04", store)
    rows = variants.rows("figure-04", runs, store).set_index("Row")
    assert list(rows.columns) == ["measured: MiniLM-L3"]
    usual, heavy = (rows.loc[f"PANDA, lambda = {value}"].iloc[0] for value in ("0.05", "5"))
    assert heavy.key < usual.key and "<br>" in heavy.html and "<br>" not in usual.html
    assert variants.curve(runs, store)["MiniLM-L3"].to_dict() == pytest.approx({0.05: usual.key, 5: heavy.key}, abs=1e-4)
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
    scores = {group.variant: mean if isinstance(mean, str) else mean[0] for group, mean in found.items()}
    runs = measured.of("figure-04", own).query("source == 'mnli'")
    of_mnli = runs[runs["variant"] != "1"].groupby("variant")["score"].mean().to_dict()
    assert scores.pop("1") == "1 target so far"
    assert scores == pytest.approx(of_mnli)
    assert of_mnli["0.05"] > of_mnli["5"]


def test_several_sources_count_only_all_together(tmp_path):
    own = Store(tmp_path)
    for target in TARGETS:
        for sources, accuracy in ((("mnli", "qnli", "qqp"), 0.6), (("mnli", "qnli"), 0.9), (("mnli",), 0.9)):
            add(own, accuracy, 0.4, method="panda-early", sources=sources, target=target)
    runs = measured.of("table-04", own)
    assert set(runs["source"]) == {"mnli+qnli+qqp"} and len(runs) == len(TARGETS)
    (found,) = variants.means("table-04", runs, own)["minilm-l3"].values()
    assert found[0] == pytest.approx(runs["score"].mean()) and found[0] < 80


def test_a_row_without_a_source_in_common_says_so(tmp_path):
    own = Store(tmp_path)
    for target in TARGETS:
        for source, weight in (("mnli", "0.05"), ("qnli", "5")):
            add(own, 0.6, 0.4, method="panda", sources=(source,), target=target, settings={"kd.weight": weight})
    found = variants.means("figure-04", measured.of("figure-04", own), own)["minilm-l3"]
    assert set(found.values()) == {"done, but not beside the other rows"}


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
    means = scales.measured_means(measured.of("figure-01", own), own, ("cb",))
    rows = means.set_index("Row")
    assert rows.loc["best of PANDA", "Source"] == "MNLI" and rows.loc["P-Tuning v2", "Source"] == "–"
    assert rows.loc["best of PANDA", "Mean"].key == pytest.approx(70)
    assert rows.loc["best of PANDA", "Less model-tuning"].key == pytest.approx(10)
    assert rows.loc["P-Tuning v2", "Less model-tuning"].html == "+0.0 (+0.0 to +0.0)"
    less = rows.loc["best of PANDA", "Less model-tuning"].html
    said = f"Measured here on MiniLM-L3, less model-tuning: best of PANDA {less} points."
    assert scales.reading_measured(means) == said
    assert scales.reading_measured(means.iloc[:2]) == scales.reading_measured(means.iloc[:0]) == ""


def test_a_difference_is_the_row_less_its_base():
    own, base = (70.0, np.full(1000, 71.0), 1), (60.0, np.full(1000, 62.0), 2)
    assert variants._markup(own, base, 1).html == (
        "70.0 <small>(71.0 to 71.0; 1 seed)</small><br><small>+10.0 (+9.0 to +9.0)</small>"
    )
    assert variants._less(own, base, [1.0, 3.0], 1).html == "+8.0 (+7.0 to +7.0)"


def test_a_printed_difference_is_the_row_less_its_base(store):
    rows = variants.rows("table-05", measured.of("table-05", store), store).set_index("Row")
    assert rows.loc["PANDA, target-like prompt", "printed: BERT-large"].html == "79.4 <small>(+1.3)</small>"


def test_the_reading_compares_each_kind_of_prompt_with_and_without_a_teacher(tmp_path):
    store, gains = Store(tmp_path), []
    taught = {"method": "panda", "sources": ("mnli",), "settings": {"prompt.kind": "adapter"}}
    for target in TARGETS:
        alone = add(store, 0.5, method="adapter", target=target)
        gains.append(add(store, 0.6, target=target, **taught).score - alone.score)
    said = reading.variants("figure-06", measured.of("figure-06", store), store)
    assert f"On MiniLM-L3, PANDA less the same without it: on adapters {np.mean(gains):+.1f} (" in said and "on prefix-tuning" not in said
    assert "without it" not in reading.variants("table-05", measured.of("table-05", store), store)


def test_a_page_of_compared_rows_cites_the_seeds_that_all_rows_have(tmp_path):
    store = small_grid(tmp_path)
    add(store, 0.9, 0.4, method="panda", sources=("mnli",), target="cb", seed=1)
    assert set(measured.of("table-05", store)["seed"]) == {0, 1}
    assert set(exhibit_page.runs_of("table-05", store)["seed"]) == {0}
