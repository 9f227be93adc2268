"""The pages of the paper's exhibits in the built book: what each must have."""

import importlib
import json
import re
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from presence import absent
from sphinx.errors import ExtensionError

from panda_core.paper import audit
from panda_core.paper.claims import claims, ledger
from panda_core.report.exhibits import EXHIBITS
from panda_core.report.freshness import records, stale, stamps
from panda_core.report.ledger_words import summary
from panda_core.store import Store

SHOWN = (*EXHIBITS, "methods")  # pages that are made alike


@pytest.fixture(scope="module")
def pages(built) -> dict[str, BeautifulSoup]:
    """The built pages of the exhibits by name."""
    files = {name: built / "book" / "executed" / f"{name}.html" for name in (*SHOWN, "audit", "claims", "differences")}
    return {name: BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser") for name, file in files.items()}


def test_every_exhibit_has_a_page(executed_pages):
    assert set(EXHIBITS) - set(executed_pages) == set()
    assert {executed_pages[name]["parameters"]["exhibit"] for name in EXHIBITS} == set(EXHIBITS)


def test_executed_pages_are_as_new_as_their_records(root):
    folder = root / "book" / "executed"
    stamped = [page for page in folder.glob("*.ipynb") if stamps(page) or records(page)]
    if not stamped:
        absent("no exhibit page was executed yet: make book")
    assert stale(folder, Store()) == []


def test_the_build_stops_where_a_page_is_older_than_its_records(root, tmp_path, monkeypatch, store_folder):
    monkeypatch.syspath_prepend(str(root / "book" / "_ext"))
    freshness = importlib.import_module("freshness")
    app = SimpleNamespace(srcdir=tmp_path)
    (tmp_path / "book" / "executed").mkdir(parents=True)
    freshness._check(app)
    output = {"data": {"text/html": ['<div data-exhibit="table-02" data-stamp="0123456789abcdef">']}}
    notebook = {"cells": [{"cell_type": "code", "outputs": [output]}]}
    (tmp_path / "book" / "executed" / "table-02.ipynb").write_text(json.dumps(notebook))
    with pytest.raises(ExtensionError, match=r"table-02\.ipynb: the records of table-02 changed"):
        freshness._check(app)


def test_every_exhibit_names_its_runs_and_offers_them(pages, built):
    for name in SHOWN:
        box = pages[name].find("div", class_="panda-provenance")
        assert box["data-exhibit"] == name
        for link in box.find_all("a"):
            target = (built / "book" / "executed" / link["href"]).resolve()
            assert target.exists() and target.is_relative_to(built), f"{name}: {link['href']}"


def test_every_table_and_figure_says_where_its_numbers_come_from(pages):
    """Below each table stands a line on its source, in the same output; a picture is followed by a table."""
    for name in SHOWN:
        cells = pages[name].find("article").find_all("div", class_="cell_output")
        assert cells, name
        for cell in cells:
            if cell.find(class_="panda-provenance") or not cell.find(["table", "img"]):
                continue
            beside = cell if cell.find("table") else cell.find_next("div", class_="cell_output")
            assert beside.find("table") and beside.find("p", class_="panda-source"), f"{name}: {cell.get_text()[:80]}"


def test_every_exhibit_is_read_and_says_how_to_run_it(pages):
    for name, exhibit in EXHIBITS.items():
        if exhibit.reads != "none":
            assert len(section(pages[name], "what-it-says")) > 40, name
        if exhibit.runs:
            full = section(pages[name], "running-it-in-full")
            assert f"panda grid {name} --data real --tier full" in full, name
            assert re.search(r"[\d,]+ runs .* about [\d.,]+ (hours|minutes) of one A100, by estimate", full), name
        assert not pages[name].find_all("div", class_="tag_injected-parameters"), f"{name} shows its parameters"


def section(page, anchor):
    """The text of a section without its heading."""
    found = page.find("section", id=anchor)
    return " ".join(part.get_text(" ", strip=True) for part in found.find_all("div", recursive=False))


def test_what_was_not_run_is_shown_as_not_run(pages):
    """A cell of a table is never empty: it has a number, a word, a dash where there can be none, or "not run"."""
    for name in SHOWN:
        tables = pages[name].find_all("table", class_="panda-grid")
        assert tables or name == "figure-03", name  # a drawing
        for table in tables:
            if not table.find_parent(class_="panda-provenance"):
                blank = [cell for cell in table.tbody.find_all("td") if not cell.get_text(strip=True)]
                assert blank == [], f"{name}: {table.caption.get_text()}"


def test_no_measured_number_without_its_tier(pages):
    for name in SHOWN:
        runs = pages[name].find("div", class_="panda-provenance").find("details")
        tiers = {tier for tier in ("reduced", "full") if pages[name].find("span", class_=f"tier-{tier}")}
        assert tiers == ({"reduced"} if runs else set()), name  # no run of this book is of tier full
        for line in pages[name].find_all("p", class_="panda-source"):
            words = line.get_text()
            if "Measured numbers:" in words and "none yet" not in words:
                assert "Measured numbers: tier reduced; real data" in words, f"{name}: {words}"


def test_the_audit_is_shown_whole(pages):
    rows = pages["audit"].find_all("table")[-1].tbody.find_all("tr")
    assert len(rows) == len(audit.checks())


def test_the_ledger_is_shown_whole_and_quoted_by_the_introduction(pages, built):
    assert len(pages["claims"].find("table").tbody.find_all("tr")) == len(claims())
    introduction = BeautifulSoup((built / "book" / "intro.html").read_text(encoding="utf-8"), "html.parser")
    text = introduction.find("article").get_text().replace("\n", " ").replace("’", "'")
    assert summary(ledger(Store())) in text
