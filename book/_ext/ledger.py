"""The `claims` directive: what the claim ledger says, in a sentence and a list, written when the book is built."""

from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from panda_core.paper.claims import Measured, Row, ledger
from panda_core.report.html import typeset, with_interval
from panda_core.report.ledger_page import summary
from panda_core.store import Store

# The claims of the abstract, which a reader meets first.
FIRST = ("average-gain", "model-tuning-reached", "metric-predicts")


def line(row: Row) -> str:
    """One claim as an item of a list, in MyST Markdown."""
    found = row.ours
    if isinstance(found, Measured):
        digits = 1 if found.unit in ("points", "%") else 2
        value = with_interval(found.value, found.low, found.high, digits)
        ours = f"{value} {found.unit}: {found.words} ({found.scope})"
    else:
        ours = found.reason
    printed = typeset(row.printed.words)
    return f"- “{row.claim.quote}”: **{row.verdict}**. In the printed tables: {printed}. Here: {ours}."


class Claims(SphinxDirective):
    """The summary of the ledger and the claims of the abstract."""

    def run(self):
        """The nodes of the sentence and of the list."""
        rows = ledger(Store())
        lines = [summary(rows), "", *(line(row) for row in rows if row.claim.id in FIRST)]
        return self.parse_text_to_nodes(StringList(lines, source=__file__))


def setup(app):
    """Register with Sphinx."""
    app.add_directive("claims", Claims)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
