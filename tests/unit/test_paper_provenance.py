"""What a page says of its runs, and that a page older than its records is found."""

import json

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from paper_store import add, small_grid

from panda_core.report import exhibit_page, freshness, measured
from panda_core.report.page import provenance
from panda_core.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return small_grid(tmp_path_factory.mktemp("store"))


@pytest.fixture
def downloads(tmp_path, monkeypatch):
    monkeypatch.setattr(exhibit_page, "DOWNLOADS", tmp_path / "downloads")
    return tmp_path / "downloads"


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
    assert "Two precisions" not in facts and facts["Device"] == "a processor, 1 thread, float32"
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


def test_provenance_counts_the_runs_of_each_precision(store, downloads):
    runs = exhibit_page.runs_of("table-02", store)
    runs.loc[runs.index[:3], "precision"] = "bfloat16"
    told = exhibit_page.provenance("table-02", runs, store)
    assert "a processor, 1 thread, bfloat16 (3 runs); a processor, 1 thread, float32 (25 runs)" in told
    assert "Two precisions" in told


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


def test_stamps_differ_between_exhibits_with_other_runs(store):
    assert exhibit_page.stamp_of("table-02", store) != exhibit_page.stamp_of("figure-04", store)
    assert exhibit_page.stamp_of("table-01", store) != exhibit_page.stamp_of("figure-03", store)
