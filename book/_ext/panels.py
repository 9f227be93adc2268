"""The `panels` directive: one numbered figure made of two pictures, side by side or, on a narrow page, stacked.

It is the `figure` directive with two more options, `second` (the path of the second picture) and `second-alt`.
"""

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.directives.patches import Figure


class Panels(Figure):
    """The `figure` directive with a second picture beside the first."""

    option_spec = Figure.option_spec | {
        "second": directives.unchanged_required,
        "second-alt": directives.unchanged_required,
    }

    def run(self):
        """The figure node, with both pictures in one row."""
        uri, alt = self.options.pop("second", None), self.options.pop("second-alt", None)
        if not uri or not alt or not self.options.get("alt"):
            raise self.error("panels needs the options alt, second and second-alt")
        result = super().run()
        figure = result[0]
        if not isinstance(figure, nodes.figure):
            return result
        first = figure.next_node(nodes.image)
        second = nodes.image(uri=uri, alt=alt, classes=list(first["classes"]))
        second.source, second.line = first.source, first.line
        row = nodes.container("", classes=["panels"])
        first.parent.replace(first, row)
        row += [first, second]
        return result


def setup(app):
    """Register with Sphinx."""
    app.add_directive("panels", Panels)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
