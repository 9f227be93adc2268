"""The `tutorial-figures` directive: every figure of the tutorial chapters as a PNG file, ready for a slide.

The figures are taken out of the executed chapters when the book is built, so they are those of the pages.
"""

import base64
import json
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from panda_core.files import write_atomically

CHAPTERS = "book/executed"
SLIDES = "book/_static/slides"


def figures(notebook: Path) -> list[tuple[str, bytes]]:
    """The figures of an executed notebook, in order: text alternative and PNG."""
    found = []
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                found.append((alt, base64.b64decode("".join(output["data"]["image/png"]))))
    return found


class TutorialFigures(SphinxDirective):
    """A list of the figures of all chapters, by chapter."""

    def run(self):
        """Write the files and list them."""
        chapters = nodes.bullet_list()
        for page in sorted((Path(self.env.srcdir) / CHAPTERS).glob("tutorial-*.ipynb")):
            self.env.note_dependency(str(page))
            listed = nodes.bullet_list()
            for number, (alt, png) in enumerate(figures(page), 1):
                name = f"{page.stem}-{number}.png"
                path = Path(self.env.srcdir) / SLIDES / name
                write_atomically(path, lambda temporary, png=png: temporary.write_bytes(png))
                link = nodes.reference("", name, refuri=f"../_static/slides/{name}")
                listed += nodes.list_item("", nodes.paragraph("", "", link, nodes.Text(f": {alt}")))
            title = json.loads(page.read_text(encoding="utf-8"))["cells"][0]["source"]
            heading = "".join(title).splitlines()[0].removeprefix("# ")
            chapters += nodes.list_item("", nodes.paragraph("", heading), listed)
        return [chapters]


def setup(app):
    """Register with Sphinx."""
    app.add_directive("tutorial-figures", TutorialFigures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
