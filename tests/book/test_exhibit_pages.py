"""The pages of the paper's exhibits in the built book: what each must have."""

import pytest
from bs4 import BeautifulSoup

from panda_core.paper import audit
from panda_core.paper.claims import claims, ledger
from panda_core.report.exhibits import EXHIBITS
from panda_core.report.freshness import stale, stamps
from panda_core.report.ledger_page import summary
from panda_core.store import Store


@pytest.fixture(scope="module")
def pages(built) -> dict[str, BeautifulSoup]:
    """The built pages of the exhibits by name."""
    files = {name: built / "book" / "executed" / f"{name}.html" for name in (*EXHIBITS, "audit", "claims", "differences")}
    return {name: BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser") for name, file in files.items()}


def test_every_exhibit_has_a_page(executed_pages):
    assert set(EXHIBITS) - set(executed_pages) == set()
    assert {executed_pages[name]["parameters"]["exhibit"] for name in EXHIBITS} == set(EXHIBITS)


def test_executed_pages_are_as_new_as_their_records(root):
    folder = root / "book" / "executed"
    stamped = [page for page in folder.glob("*.ipynb") if stamps(page)]
    if not stamped:
        pytest.skip("no exhibit page was executed yet: make book")
    assert stale(folder, Store()) == []


def test_every_exhibit_names_its_runs_and_offers_them(pages, built):
    for name in EXHIBITS:
        box = pages[name].find("div", class_="panda-provenance")
        assert box["data-exhibit"] == name
        for link in box.find_all("a"):
            assert (built / "book" / "executed" / link["href"]).resolve().exists(), f"{name}: {link['href']}"


def test_no_measured_number_without_its_tier(pages):
    for name in EXHIBITS:
        runs = pages[name].find("div", class_="panda-provenance").find("details")
        tiers = pages[name].find_all("span", class_="tier-reduced") + pages[name].find_all("span", class_="tier-full")
        assert bool(runs) == bool(tiers), name


def test_the_audit_is_shown_whole(pages):
    rows = pages["audit"].find_all("table")[-1].tbody.find_all("tr")
    assert len(rows) == len(audit.checks())


def test_the_ledger_is_shown_whole_and_quoted_by_the_introduction(pages, built):
    assert len(pages["claims"].find("table").tbody.find_all("tr")) == len(claims())
    introduction = BeautifulSoup((built / "book" / "intro.html").read_text(encoding="utf-8"), "html.parser")
    assert summary(ledger(Store())) in introduction.find("article").get_text().replace("\n", " ")
