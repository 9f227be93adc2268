"""The built book as a reader meets it: opened in Chromium, on a desktop and on a phone, in light and in dark."""

import functools
import json
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from panda_core.paper import audit

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
TIMEOUT = 120_000  # milliseconds: far more than a page takes, because the tests may share a busy machine
# Structure is the same in both colour schemes, so that the dark one is only searched for faint text.
AXE_OPTIONS = {
    "light": {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast"]}},
}
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
    """Chromium from the system; skipped where it or Playwright is not installed."""
    api = pytest.importorskip("playwright.sync_api", reason="Playwright is missing: pip install playwright")
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("there is no Chromium: apt-get install chromium")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, address):
    """A function: opens a page, and notes in `visit.problems` what a reader would not see but a console does."""
    tabs, problems = {}, []

    def tab(width, scheme):
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

    def visit(path, width="desktop", scheme="light"):
        if (width, scheme) not in tabs:
            tabs[width, scheme] = tab(width, scheme)
        page = tabs[width, scheme]
        page.goto(f"{address}/{path}", wait_until="load")
        page.evaluate("window.MathJax && MathJax.startup ? MathJax.startup.promise.then(() => true) : true")
        return page

    visit.problems = problems
    yield visit
    for page in tabs.values():
        page.context.close()


@pytest.fixture
def paths(built, built_pages) -> list[str]:
    """Every page below the book's address, but for the first, which only sends the reader on."""
    return [name for path in built_pages if (name := path.relative_to(built).as_posix()) != "index.html"]


def test_the_address_of_the_book_leads_to_the_introduction(browser, address):
    page = browser.new_page()
    page.goto(address, timeout=TIMEOUT)
    page.wait_for_url("**/book/intro.html", timeout=TIMEOUT)
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_opens_cleanly(visit, paths, width, scheme):
    faults = []
    for path in paths:
        page = visit(path, width, scheme)
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if beyond > 0:
            faults.append(f"{path}: {beyond} pixels wider than the window")
        if page.evaluate("document.documentElement.dataset.theme") != scheme:
            faults.append(f"{path}: does not follow the {scheme} colour scheme")
        missing = page.evaluate("[...document.images].filter(i => i.complete && !i.naturalWidth).map(i => i.src)")
        faults += [f"{path}: image {source} does not show" for source in missing]
    assert faults + visit.problems == []


def test_equations_are_typeset(visit):
    page = visit("book/method.html")
    assert page.locator("div.math mjx-container").count() >= 6
    assert page.locator("mjx-merror").count() == 0
    assert page.locator("span.math:not(:has(mjx-container))").count() == 0
    loaded = "document.fonts.ready.then(fonts => [...fonts].filter(f => f.status === 'loaded').map(f => f.family))"
    assert any("MJX" in family for family in page.evaluate(loaded))
    assert visit.problems == []


def test_search_finds_the_method(visit):
    page = visit("search.html?q=PANDA")
    page.wait_for_selector("#search-results li a")
    found = page.locator("#search-results li a").evaluate_all("links => links.map(link => link.pathname)")
    assert "/book/method.html" in found
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


def test_a_heatmap_shows_what_its_menus_say(visit):
    page = visit("book/executed/table-02.html")
    box = page.locator(".panda-heatmap").first
    layers = json.loads(box.locator("script").text_content())["layers"]
    page.locator(".panda-heatmap select").last.select_option("PANDA, score")
    layer = next(layer for layer in layers if layer["choice"][-1] == "PANDA, score")
    first = box.locator("tbody tr").first.locator("td").first.inner_text()
    assert first == f"{layer['values'][0][0]:.1f}" == "89.3"
    assert visit.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility(visit, paths, scheme):
    """axe-core's checks for WCAG 2 A and AA, from the package axe-playwright-python."""
    package = pytest.importorskip("axe_playwright_python", reason="axe is missing: pip install axe-playwright-python")
    script = (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    faults = []
    for path in paths:
        page = visit(path, scheme=scheme)
        page.evaluate(script)
        result = page.evaluate("options => axe.run(document, options)", AXE_OPTIONS[scheme])
        for violation in result["violations"]:
            if (path, violation["id"]) not in ACCEPTED:
                faults += [f"{path}: {violation['id']}: {node['html'][:120]}" for node in violation["nodes"]]
    assert faults == []
