"""The built book read as HTML: what a build without warnings does not guarantee."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from panda_core.plms.registry import PLMS
from panda_core.tasks.registry import TASKS

OWN_PAGES = {"index", "genindex", "search"}  # made by the builder itself
ASSETS = (("script", "src"), ("img", "src"), ("source", "src"), ("iframe", "src"), ("object", "data"))
LOADED_LINKS = {"stylesheet", "preload", "prefetch", "icon", "modulepreload", "preconnect"}


@pytest.fixture(scope="module")
def soups(built_pages) -> dict[Path, BeautifulSoup]:
    """Every built page, parsed."""
    return {path: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for path in built_pages}


def is_external(address: str) -> bool:
    """True for an address on another host, with or without a scheme."""
    return bool(urlsplit(address).netloc)


def assets(soup: BeautifulSoup) -> Iterator[str]:
    """Addresses that a browser loads on its own when it opens the page."""
    for tag, attribute in ASSETS:
        yield from (element[attribute] for element in soup.find_all(tag, attrs={attribute: True}))
    for link in soup.find_all("link", href=True):
        if LOADED_LINKS & set(link.get("rel", [])):
            yield link["href"]


def broken(address: str, page: Path, soups: dict[Path, BeautifulSoup], built: Path) -> bool:
    """True where an internal address names a file or an anchor that is not there, or a file outside the book."""
    parts = urlsplit(address)
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if target.is_dir():
        target /= "index.html"
    if not target.exists() or not target.is_relative_to(built):
        return True
    anchor = unquote(parts.fragment)
    return bool(anchor) and target in soups and soups[target].find(id=anchor) is None


def test_the_pages_are_those_of_the_table_of_contents(built, built_pages, toc):
    names = {path.relative_to(built).with_suffix("").as_posix() for path in built_pages}
    assert names - OWN_PAGES == set(toc)


def test_internal_links_resolve(soups, built):
    found = {
        (page.name, link["href"])
        for page, soup in soups.items()
        for link in soup.find_all("a", href=True)
        if not urlsplit(link["href"]).scheme and not is_external(link["href"]) and broken(link["href"], page, soups, built)
    }
    assert found == set()


def test_assets_are_there_and_local(soups, built):
    found = {
        (page.name, address)
        for page, soup in soups.items()
        for address in assets(soup)
        if not address.startswith("data:") and (is_external(address) or broken(address, page, soups, built))
    }
    assert found == set()


def test_style_sheets_load_nothing_from_elsewhere(built):
    loads = re.compile(r"""(?:url\(|@import\s)\s*["']?((?:https?:)?//[^"')\s]+)""")
    found = {
        (path.name, address)
        for path in built.rglob("*.css")
        for address in loads.findall(path.read_text(encoding="utf-8"))
    }
    assert found == set()


def test_every_image_has_a_real_text_alternative(soups):
    images = [(page.name, image.get("alt") or "") for page, soup in soups.items() for image in soup.find_all("img")]
    assert images, "there is no image in the book, so this test looks at nothing"
    # myst-nb falls back to the path of the file, which tells nobody anything.
    assert [(page, alt) for page, alt in images if not alt.strip() or re.fullmatch(r"\S+\.(png|svg|jpe?g)", alt)] == []


def test_data_lists_every_task_and_plm(built, soups):
    rows = soups[built / "book" / "data.html"].find("article").find_all("tr")
    first = [row.find("td").get_text(" ", strip=True) for row in rows if row.find("td")]
    assert set(PLMS) - set(first) == set()
    assert {task.title for task in TASKS.values()} - {cell.partition(" [")[0] for cell in first} == set()


def test_no_markup_is_left_in_the_text(soups):
    """A directive or role that the parser did not recognise is printed as it stands, without a warning."""
    markup = re.compile(r"(```|:::)\{[a-z:-]+\}|\{[a-z:-]+\}`")
    articles = {page.name: soup.find("article") for page, soup in soups.items()}
    found = {name: markup.search(article.get_text()) for name, article in articles.items() if article}
    assert {name: hit.group() for name, hit in found.items() if hit} == {}
