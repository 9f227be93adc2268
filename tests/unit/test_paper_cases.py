"""The case study of Figure 8: what is quoted, which runs are shown, and how examples are told apart."""

import re

from bs4 import BeautifulSoup
from paper_store import add, small_grid

from panda_core.report import cases, exhibit_page
from panda_core.store import Store


def test_the_case_study_quotes_only_what_the_paper_prints(tmp_path):
    store = small_grid(tmp_path)
    runs = exhibit_page.runs_of("figure-08", store)
    soup = BeautifulSoup(cases.explorer(runs, store), "html.parser")
    parts = soup.find_all("div", class_="panda-case")
    assert len(parts) == 40 + 40
    assert "ratbird" in cases.quotation("cb", 34) and cases.quotation("cb", 35) == ""
    assert [bool(part.blockquote) for part in parts] == [True] * 2 + [False] * 78
    first = [td.text for td in parts[2].tbody.tr.find_all("td")]
    assert re.fullmatch(r"\d+ %|–", first[4]) and first[5] in ("yes", "no")


def test_the_case_study_shows_every_plm_with_its_first_seed(tmp_path):
    store = Store(tmp_path)
    for plm, seed, panda in (("minilm-l3", 0, 0.6), ("minilm-l3", 1, 0.9), ("minilm-l6", 1, 0.7)):
        for method, accuracy in (("vanilla-pot", 0.5), ("panda", panda)):
            add(store, accuracy, 0.4 if method == "panda" else None, method=method, sources=("mnli",), target="cb", plm=plm, seed=seed)
    runs = exhibit_page.runs_of("figure-08", store)
    part = BeautifulSoup(cases.explorer(runs, store), "html.parser").find("div", class_="panda-case")
    lines = [[td.text for td in tr.find_all("td")[:2]] for tr in part.tbody.find_all("tr")]
    assert lines == [[plm, method] for plm in ("MiniLM-L3", "MiniLM-L6") for method in ("vanilla PoT", "PANDA")]
    said = cases.reading(runs, store)
    for plm, seed, more in (("MiniLM-L3", 0, 4), ("MiniLM-L6", 1, 8)):
        which = f"On {plm}, MNLI to CB (similarity 0.400), seed {seed}: "
        assert f"{which}vanilla PoT alone is right on 0 of 40 examples, PANDA alone on {more}." in said
    assert "PANDA alone on 16" not in said
    assert cases.reading(runs[:0], store) and "panda-case\"" not in cases.explorer(runs[:0], store)


def test_examples_are_found_by_who_is_right():
    assert cases.kinds({"vanilla-pot": [True, False], "panda": [True, True]}) == [
        "runs disagree", "PANDA right more often than vanilla PoT",
    ]  # fmt: skip
    assert cases.kinds({"p-tuning-v2": [False], "panda": [False]}) == ["all runs wrong"]
    assert cases.kinds({"p-tuning-v2": [True]}) == ["all runs right"]


def test_printed_classes_have_their_names():
    line = cases.printed_table().iloc[2]
    assert line["Prediction"] == "1 (contradiction)" and line["Label"] == "0 (entailment)"
