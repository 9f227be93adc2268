"""Stops the build when an executed page is older than the records that it shows."""

from pathlib import Path

from sphinx.errors import ExtensionError

from panda_core.report.freshness import stale
from panda_core.store import Store


def _check(app):
    problems = stale(Path(app.srcdir) / "book" / "executed", Store())
    if problems:
        raise ExtensionError("pages older than their records:\n" + "\n".join(problems))


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", _check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
