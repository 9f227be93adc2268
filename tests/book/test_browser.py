"""The built book as a reader meets it: opened in Chromium, on a desktop and on a phone, in light and in dark."""

import functools
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote_plus

import axe_playwright_python
import pytest
from playwright.sync_api import sync_playwright
from presence import absent

from panda_core.paper import audit
from panda_core.report import html
from panda_core.report.exhibits import EXHIBITS

pytestmark = pytest.mark.browser

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # offline, whatever the machine has
)
WIDTHS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
SCHEMES = ("light", "dark")
TIMEOUT = 120_000  # milliseconds: far more than a page takes, because the tests may share a busy machine
# Structure is the same in both colour schemes, so that the dark one is only searched for faint text.
AXE_OPTIONS = {
    "light": {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast"]}},
}
# Rows of a table, words of code and cases of the explorer are alike: axe, which takes its time, sees the first of each.
SHORTEN = """many => document.querySelectorAll("tbody, pre, .panda-cases").forEach(
  (box) => [...box.children].slice(many).forEach((each) => each.remove()))"""
MANY = 50
# Only the violations leave the page: the other results of a page with a thousand cells take longer than the checks.
AXE = """options => axe.run(document, options).then(
  (result) => result.violations.flatMap((each) => each.nodes.map((node) => [each.id, node.html.slice(0, 120)])))"""
# What a page must not have, by kind. A tint behind a number is a mix of colours that axe does not work out.
LOOK = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
# Markup that docutils writes and the book cannot choose: the roles of the bibliography's list and of its entries.
ACCEPTED = {("book/bibliography.html", "aria-deprecated-role"), ("book/bibliography.html", "aria-required-children")}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Keep the access log off the test output."""


@pytest.fixture(scope="module")
def address(built):
    """The address at which the built book is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(built)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def browser():
    """Chromium, or Chrome, from the system."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        absent("there is no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


def watched(browser, address, width, scheme, problems):
    """A tab that notes in `problems` what a reader would not see but a console does."""
    page = browser.new_context(viewport=WIDTHS[width], color_scheme=scheme).new_page()
    page.set_default_timeout(TIMEOUT)

    def note(request):
        if not request.url.startswith((address, "data:", "blob:")):
            problems.append(f"{page.url}: request to {request.url}")

    page.on("request", note)
    page.on("console", lambda message: message.type == "error" and problems.append(f"{page.url}: {message.text}"))
    page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
    page.on("response", lambda reply: reply.status >= 400 and problems.append(f"{reply.status} {reply.url}"))
    return page


def go(page, address):
    """Open an address, equations typeset."""
    page.goto(address, wait_until="load")
    page.evaluate("window.MathJax && MathJax.startup ? MathJax.startup.promise.then(() => true) : true")
    return page


@pytest.fixture
def visit(browser, address):
    """A function: opens a page; `visit.problems` has what its console said."""
    tabs, problems = {}, []

    def visit(path, width="desktop", scheme="light"):
        if (width, scheme) not in tabs:
            tabs[width, scheme] = watched(browser, address, width, scheme, problems)
        return go(tabs[width, scheme], f"{address}/{path}")

    visit.problems = problems
    yield visit
    for page in tabs.values():
        page.context.close()


@pytest.fixture(scope="module")
def paths(built, built_pages) -> list[str]:
    """Every page below the book's address, but for the first, which only sends the reader on."""
    return [name for path in built_pages if (name := path.relative_to(built).as_posix()) != "index.html"]


@pytest.fixture(scope="module", params=WIDTHS)
def crawl(request, browser, address, paths):
    """What was found on all pages at one width, by kind. Each page is opened once, and turns dark before the reader."""
    found = {"console": [], "layout": [], "scheme": [], "images": [], "contrast": [], "axe": []}
    tab = watched(browser, address, request.param, "light", found["console"])
    for path in paths:
        page = go(tab, f"{address}/{path}")
        for scheme in SCHEMES:
            turn(page, scheme)
            for kind, faults in page.evaluate(LOOK, scheme).items():
                found[kind] += [f"{path}, {scheme}: {fault}" for fault in faults]
        if request.param == "desktop":
            found["axe"] += [f"{path}, {fault}" for fault in axe(page, path)]
        page.emulate_media(color_scheme="light")
    tab.context.close()
    return found


def turn(page, scheme):
    """Light or dark from now on: a page follows before it is drawn the next time."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def axe(page, path) -> list[str]:
    """axe-core's checks for WCAG 2 A and AA, from the package axe-playwright-python."""
    page.evaluate(SHORTEN, MANY)
    page.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    faults = []
    for scheme in SCHEMES:
        turn(page, scheme)
        found = page.evaluate(AXE, {**AXE_OPTIONS[scheme], "resultTypes": ["violations"], "preload": False})
        faults += [f"{scheme}: {rule}: {markup}" for rule, markup in found if (path, rule) not in ACCEPTED]
    return faults


@pytest.mark.parametrize("kind", ["console", "layout", "scheme", "images", "contrast", "axe"])
def test_every_page(crawl, kind):
    """No error and no foreign request; nothing wider than the window; light and dark; pictures; readable tints; axe."""
    assert crawl[kind] == []


def test_a_page_is_dark_from_the_start_where_the_reader_wants_it(visit):
    page = visit("book/intro.html", scheme="dark")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert visit.problems == []


def test_the_address_of_the_book_leads_to_the_introduction(browser, address):
    page = browser.new_page()
    page.goto(address, timeout=TIMEOUT)
    page.wait_for_url("**/book/intro.html", timeout=TIMEOUT)
    page.close()


def test_equations_are_typeset(visit):
    page = visit("book/method.html")
    assert page.locator("div.math mjx-container").count() >= 6
    assert page.locator("mjx-merror").count() == 0
    assert page.locator("span.math:not(:has(mjx-container))").count() == 0
    loaded = "document.fonts.ready.then(fonts => [...fonts].filter(f => f.status === 'loaded').map(f => f.family))"
    assert any("MJX" in family for family in page.evaluate(loaded))
    assert visit.problems == []


def test_a_wide_table_scrolls_in_its_own_box(visit):
    page = visit("book/data.html", "phone")
    box = page.locator("article table.dense").first.locator("xpath=..")
    assert box.evaluate("e => e.scrollWidth > e.clientWidth")
    assert box.evaluate("e => getComputedStyle(e).overflowX") == "auto"


def test_the_figure_stacks_on_a_phone(visit):
    def corners(width):
        boxes = [image.bounding_box() for image in visit("book/method.html", width).locator(".panels img").all()]
        assert len(boxes) == 2
        return boxes

    left, right = corners("desktop")
    assert left["y"] == right["y"] and left["x"] + left["width"] <= right["x"]
    top, bottom = corners("phone")
    assert top["x"] == bottom["x"] and top["y"] + top["height"] <= bottom["y"]


def test_a_table_is_sorted_and_chosen_from(visit):
    page = visit("book/executed/audit.html")
    summary_table = page.locator("table.panda-sortable").first
    summary_table.get_by_role("button", name="differs").click()
    numbers = [int(text) for text in summary_table.locator("tbody td:nth-child(3)").all_inner_texts()]
    assert numbers == sorted(numbers)
    summary_table.get_by_role("button", name="differs").click()
    assert summary_table.locator("th[aria-sort=descending]").count() == 1
    everything = page.locator("table.panda-sortable").last
    page.locator(".panda-menus select").nth(-3).select_option("differs")
    shown = everything.locator("tbody tr:not([hidden])")
    assert shown.count() == sum(check.verdict == "differs" for check in audit.checks())
    assert visit.problems == []


CHOOSE = """(box) => {
  const data = JSON.parse(box.querySelector("script").textContent);
  return data.layers.map((layer) => {
    for (const menu of box.querySelectorAll(".panda-menu")) {
      const select = menu.querySelector("select");
      select.value = layer.choice[data.menus.indexOf(menu.firstChild.textContent.trim())];
      select.dispatchEvent(new Event("change"));
    }
    const cells = [...box.querySelectorAll("tbody td")].map((cell) => cell.textContent);
    return { layer, cells, note: box.querySelector(".panda-note").textContent };
  });
}"""


def test_heatmaps_show_what_their_menus_say(visit):
    seen = set()
    for name in EXHIBITS:
        for box in visit(f"book/executed/{name}.html").locator(".panda-heatmap").all():
            seen.add(name)
            for shown in box.evaluate(CHOOSE):
                layer = shown["layer"]
                values = [value for line in layer["values"] for value in line]
                assert shown["note"] == layer["note"], name
                assert shown["cells"] == [cell_text(value, layer) for value in values], f"{name}: {layer['choice']}"
    assert seen == {"table-02", *(f"table-{number}" for number in range(13, 17)), "figure-05", "figure-09"}
    assert visit.problems == []


def cell_text(value, layer):
    """A number as the page writes it, by the function that writes it without a script."""
    found = html.cell(value, layer["digits"], layer["diverging"])
    return html.NOT_RUN if html.NOT_RUN in found else found


def test_a_heatmap_is_drawn_as_the_page_was_written(visit):
    cells = "cells => cells.map(c => [c.textContent, c.className, c.style.getPropertyValue('--heat')])"
    page = visit("book/executed/table-02.html")
    box = page.locator(".panda-heatmap").first
    menu = box.locator("select").last
    first, written = menu.input_value(), box.locator("td").evaluate_all(cells)
    menu.select_option("PANDA, score")
    assert box.locator("td").evaluate_all(cells) != written
    assert box.locator("td").first.inner_text() == "89.3"
    menu.select_option(first)
    assert box.locator("td").evaluate_all(cells) == written


def test_an_example_of_the_case_study_is_picked(visit):
    page = visit("book/executed/figure-08.html")
    box = page.locator(".panda-cases")
    kind, example = box.locator("select").all()
    assert box.locator(".panda-case:visible").count() == 1 and box.locator("blockquote:visible").count() == 1
    assert "How sure" in box.locator(".panda-case:visible thead").inner_text()
    box.get_by_role("button", name="Next").click()
    second = example.input_value()
    assert box.locator(".panda-case:visible").get_attribute("data-title") == second
    box.get_by_role("button", name="Previous").click()
    assert example.input_value() != second
    kind.select_option("all runs wrong")
    for title in example.locator("option").all_inner_texts():
        example.select_option(title)
        assert set(box.locator(".panda-case:visible tbody td:last-child").all_inner_texts()) == {"no"}
    assert visit.problems == []


def test_tables_work_without_a_mouse(visit):
    page = visit("book/executed/table-01.html")
    head = page.locator("table.panda-sortable").first.locator("th").first
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    titles = page.locator("table.panda-sortable").first.locator("tbody td:first-child").all_inner_texts()
    assert titles == sorted(titles, key=str.lower) and len(titles) == 21


@pytest.mark.parametrize(
    ("words", "page"),
    [("PANDA", "/book/method.html"), ("Matthews", "/book/data.html"), ("lambda distillation", "/book/executed/figure-04.html")],
)
def test_search_finds(visit, words, page):
    tab = visit(f"search.html?q={quote_plus(words)}")
    tab.wait_for_selector("#search-results li a")
    assert page in tab.locator("#search-results li a").evaluate_all("links => links.map(link => link.pathname)")
    assert visit.problems == []


def test_the_book_opens_from_a_folder_too(browser, built):
    problems = []
    tab = watched(browser, "file:", "desktop", "light", problems)
    for path in ("book/intro.html", "book/method.html", "book/executed/table-02.html"):
        go(tab, (built / path).as_uri())
        assert tab.locator("article h1").count() == 1
    assert tab.locator(".panda-heatmap select").count() > 0
    assert problems == []
    go(tab, f"{(built / 'search.html').as_uri()}?q=PANDA")
    tab.wait_for_selector("#search-results li a")
    tab.context.close()
    # a browser does not let a page read its neighbours in a folder, so that the results have no excerpts there
    assert all("fetch" in problem or "ERR_FAILED" in problem for problem in problems), problems
