"""The `claims` directive: what the claim ledger says, in a list and a few sentences, written when the book is built."""

from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from panda_core.paper.claims import Measured, Row, ledger
from panda_core.report.html import typeset
from panda_core.report.ledger_page import shown, without_one
from panda_core.report.ledger_words import summary
from panda_core.store import Store

# The claims of the abstract, which a reader meets first, and how the metric compares with the older ones.
FIRST = ("average-gain", "model-tuning-reached", "metric-predicts", "better-than-prior-metrics")


def line(row: Row) -> str:
    """One claim as an item of a list, in MyST Markdown."""
    found = row.ours
    if isinstance(found, Measured):
        ours = f"{shown(found)}: {found.words} ({found.scope})"
        if row.turned:
            ours += f"; {without_one(row)}"
    else:
        ours = found.reason
    printed = typeset(row.printed.words)
    return f"- “{row.claim.quote}”: **{row.verdict}**. In the printed tables: {printed}. Here: {ours}."


class Claims(SphinxDirective):
    """The claims of the abstract and the summary of the ledger."""

    def run(self):
        """The nodes of the list and of the sentences."""
        rows = {row.claim.id: row for row in ledger(Store())}
        lines = [*(line(rows[name]) for name in FIRST), "", summary(list(rows.values()))]
        return self.parse_text_to_nodes(StringList(lines, source=__file__))


def setup(app):
    """Register with Sphinx."""
    app.add_directive("claims", Claims)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
