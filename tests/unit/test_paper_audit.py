"""The audit finds what is wrong and lets pass what is right; known values were worked out by hand from the pages."""

from collections import Counter

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panda_core.paper import audit, printed
from panda_core.paper.audit import averages, best_of, composition, counts
from panda_core.paper.audit.check import number

CHECKS = audit.frame()


def found(exhibit, words, verdict=None):
    """The checks of an exhibit whose description holds the words."""
    frame = CHECKS[(CHECKS["exhibit"] == exhibit) & CHECKS["what"].str.contains(words, regex=False)]
    return frame if verdict is None else frame[frame["verdict"] == verdict]


def test_every_printed_average_and_gain_is_checked():
    sizes = Counter(CHECKS["group"])
    assert sizes["averages"] == 49 + 4 * 45 + 12
    assert sizes["gains"] == 5 * 21 + 2 + 6 + 6
    assert sizes["best-of rows"] == 36 + 1 + 5 + 2
    assert set(CHECKS["exhibit"]) == {*printed.FILES, "figure-01", "figure-02"}


def test_every_check_has_its_parts():
    assert set(CHECKS["verdict"]) == {"agrees", "differs", "cannot tell"}
    assert (CHECKS[["what", "printed", "recomputed"]].map(str.strip) != "").all(axis=None)
    assert not CHECKS.duplicated(["exhibit", "group", "what"]).any()


@pytest.mark.parametrize(
    ("exhibit", "words"),
    [
        ("table-02", "ORACLE of PANDA, CB"),  # 96.4 printed, the best of the 21 rows is 94.6
        ("table-02", "ORACLE of PANDA: mean"),  # 80.6 printed, (96.4 + ... + 86.6) / 9 = 80.8
        ("table-03", "BERT-tiny, vanilla PoT from MNLI"),  # 59.8 here, 59.4 in Table XVI
        ("table-13", "vanilla PoT: the rows of MultiRC and WiC"),
        ("table-13", "vanilla PoT: the rows of ReCoRD and WSC"),
        ("table-13", "PANDA: the rows of CoLA and COPA"),
        ("table-15", "PANDA: the rows of MRPC and STS-B"),
        ("table-01", "SQuAD 2.0"),
        ("table-02", "taken together: each target on each PLM"),  # CB on BERT-base, CoNLL04 on BERT-tiny
        ("table-08", "the smallest validation set"),  # CB has 56 examples
        ("table-04", "SEMoE"),
        ("figure-02", "more competitive with scale (Lester et al.)"),
        ("figure-08", "example 2, model-tuning: the same"),
        ("figure-08", "example 2, P-Tuning v2: the same"),
    ],
)
def test_known_differences(exhibit, words):
    assert found(exhibit, words)["verdict"].tolist() == ["differs"]


@pytest.mark.parametrize(
    ("exhibit", "words"),
    [
        ("table-02", "2.3 % average gain"),
        ("table-02", "up to 24.1 %"),
        ("table-02", "PANDA from MNLI: mean of 9 targets"),
        ("table-09", "QNLI, standard deviation"),
        ("table-12", "model-tuning: parameters of BERT-large"),
        ("table-07", "MSE is best in most settings"),
        ("table-03", "PANDA consistently boosts PoT"),
        ("table-12", "one epoch of MNLI and ten of STS-B"),
        ("figure-01", "outperforms the best of vanilla PoT"),
        ("table-02", "significant improvements over vanilla PoT"),
    ],
)
def test_known_agreements(exhibit, words):
    assert found(exhibit, words)["verdict"].tolist() == ["agrees"]


def test_a_number_agrees_up_to_its_tolerance():
    assert number("table-02", "g", "w", 78.1, 78.2, 0.1, "why").verdict == "agrees"
    assert number("table-02", "g", "w", 78.1, 78.21, 0.1, "why").verdict == "differs"


def spoilt(monkeypatch, method, source, target, value):
    """The grid with one cell of BERT-large changed."""
    grid = printed.grid()
    cell = (grid["plm"] == "bert-large") & (grid["method"] == method) & (grid["source"] == source)
    grid.loc[cell & (grid["target"] == target), "value"] = value
    monkeypatch.setattr(printed, "_grid", lambda: grid)
    monkeypatch.setattr(printed, "_cells", lambda: printed.index(grid))


def test_a_changed_average_is_noticed(monkeypatch):
    before = Counter(check.verdict for check in averages.checks())
    spoilt(monkeypatch, "panda", "mnli", "Avg.", 80.4)
    after = Counter(check.verdict for check in averages.checks())
    assert after["differs"] == before["differs"] + 2  # the average of its row and the gain


def test_the_two_averages_that_no_accuracies_give_are_found():
    """ORACLE of vanilla PoT: six accuracies that are k/n, and 64.5, 91.0 and 86.1, each off by 0.05 at most, have a mean
    of 80.478 within 0.017, which is never 80.4."""
    differing = {check.what: check for check in averages.row_averages() if check.verdict == "differs"}
    assert set(differing) == {f"ORACLE of {method}: mean of 9 targets" for method in ("PANDA", "vanilla PoT")}
    check = differing["ORACLE of vanilla PoT: mean of 9 targets"]
    assert (check.printed, check.recomputed) == ("80.4", "80.48") and check.tolerance.startswith("±0.07: accuracies are")


def test_a_changed_choice_is_noticed(monkeypatch):
    spoilt(monkeypatch, "oracle-vanilla", "", "rte", 80.8)
    differs = [check.what for check in best_of.checks() if check.verdict == "differs"]
    assert any("vanilla PoT, RTE" in what for what in differs)


@pytest.mark.parametrize(
    ("value", "size", "expected"),
    [
        (87.5, 56, "rounded"),  # 49/56
        (96.4, 56, "rounded"),  # 54/56 = 96.43
        (63.4, 104, "cut off"),  # 66/104 = 63.46
        (66.6, 104, "mean of 4 runs"),  # 277/416 = 66.587
        (76.3, 408, "mean of 2 runs"),  # 311/408 = 76.23, 312/408 = 76.47; 623/816 = 76.35 rounds to 76.3 or 76.4
        (85.1, 56, "mean of 3 runs"),  # 143/168 = 85.12
        (70.5, 100, "mean of 2 runs"),
        (70.0, 100, "rounded"),
    ],
)
def test_readings_of_an_accuracy(value, size, expected):
    assert counts.reading(value, size) == expected


@given(st.integers(min_value=1, max_value=5000), st.data())
def test_every_count_of_correct_answers_is_on_the_grid(size, data):
    correct = data.draw(st.integers(min_value=0, max_value=size))
    assert counts.reading(round(100 * correct / size, 1), size) == "rounded"


@pytest.mark.parametrize("size", [56, 100, 104, 277, 408, 638])
def test_readings_agree_with_a_list_of_all_counts(size):
    reachable = {round(100 * k / size + shift, 1) for k in range(size + 1) for shift in (-1e-9, 1e-9)}
    for tenths in range(1001):
        assert (counts.reading(tenths / 10, size) == "rounded") == (tenths / 10 in reachable), tenths


def test_the_sentences_that_the_tables_contradict_are_these():
    of_text = CHECKS["group"].isin(("statements of the text", "names"))
    frame = CHECKS[of_text & (CHECKS["verdict"] == "differs")]
    words = (
        "learning rate found by a search", "batch size found by a search", "epochs found by a search", "SQuAD 2.0",
        "the smallest validation set", "SEMoE", "relative improvements", "each target on each PLM",
        "PANDA consistently outperforms model-tuning", "with scale (P-Tuning v2)", "with scale (Lester et al.)",
        "difficult for PANDA",
    )  # fmt: skip
    assert {each: frame["what"].str.contains(each, regex=False).sum() for each in words} == dict.fromkeys(words, 1)
    assert len(frame) == len(words)


def test_the_gains_add_up():
    gains = composition.gains()
    assert len(gains) == 945
    total = gains["over_none"] - gains["over_vanilla"] - gains["vanilla_over_none"]
    assert total.abs().max() < 1e-9
    # vanilla PoT from ReCoRD on BERT-tiny, CB: 50.0 printed, 28 of 56 are neutral-class guesses
    collapsed = gains.set_index(["plm", "source", "target"])["collapsed"]
    assert collapsed["bert-tiny", "record", "cb"]
    # on CoLA BERT-tiny is at 0 without transfer, too
    assert printed.cell("bert-tiny", "p-tuning-v2", "cola") == 0 and not collapsed["bert-tiny"][:, "cola"].any()
    assert collapsed.sum() == 12
    by_target = composition.summary("target").set_index("target")
    assert by_target["pairs"].eq(105).all()
    # five PLMs of equal size, so that the mean of their means is the mean of all
    assert composition.summary("plm")["over_vanilla"].mean() == pytest.approx(gains["over_vanilla"].mean())


def test_the_kinds_of_sources_by_hand():
    assert composition.relation("cb", "cb") == composition.ITSELF
    assert composition.relation("mnli", "cb") == composition.SAME
    assert composition.relation("sst2", "cola") == composition.OTHER  # both in the rest group
    pairs = composition.summary("relation").set_index("relation")["pairs"]
    # NLI: 3 targets x 4 others; SM: 2 x 2; QA: COPA x 4; NER: CoNLL04 x 2; the rest group: none
    assert pairs.to_dict() == {composition.ITSELF: 45, composition.SAME: 5 * 22, composition.OTHER: 5 * (189 - 9 - 22)}


def test_averages_by_choice_of_the_source():
    base = composition.choices().set_index("plm").loc["bert-base"]
    assert (base["none"], base["model_tuning"], base["vanilla_best"], base["panda_best"]) == (74.6, 74.8, 75.6, 76.3)
    # CB 89.3, COPA 73.0, WSC 66.3, RTE 76.2, WiC 68.5, CoLA 62.3, MRPC 89.2, STS-B 89.2, CoNLL04 87.0
    assert base["vanilla_oracle"] == pytest.approx(701.0 / 9)
    large = composition.choices().set_index("plm").loc["bert-large"]
    assert large["panda_oracle"] == pytest.approx(80.6)


@pytest.mark.real_data
def test_the_majority_classes_are_those_of_the_validation_sets():
    from panda_core.data.origin import load_split
    from panda_core.tasks import get_task

    for name, percent in composition.MAJORITY.items():
        labels = load_split(get_task(name), "real", "validation").frame["label"]
        expected = 0.0 if name == "cola" else 100 * labels.value_counts(normalize=True).max()
        assert percent == pytest.approx(expected), name


def test_a_row_of_the_grid_tables_by_hand():
    rows = composition.rows().set_index(["plm", "source"])
    assert isinstance(rows.loc[("bert-large", "mnli")], pd.Series)
    assert rows.loc[("bert-large", "mnli"), ["vanilla", "panda", "none", "model_tuning", "gain"]].tolist() == [
        78.1, 79.4, 77.5, 78.5, 1.3,
    ]  # fmt: skip


def test_the_parameters_of_bert_are_those_of_the_model():
    from panda_core.paper.audit.setting import BERT, bert_parameters
    from panda_core.plms.arithmetic import paper_config, plm_parameters

    assert {name: bert_parameters(*sizes) for name, sizes in BERT.items()} == {
        name: plm_parameters(paper_config(name)) for name in BERT
    }
