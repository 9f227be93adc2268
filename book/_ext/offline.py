"""Keeps the built pages free of requests to other hosts.

The theme writes the address of thebe, a script on a public server, into every page even when no page uses it, and
writes it twice, which is an error on the browser's console.
"""


def _is_thebe(entry) -> bool:
    """True for thebe's own script or style sheet and for the inline script that holds its address."""
    name = getattr(entry, "filename", None) or ""
    body = (getattr(entry, "attributes", None) or {}).get("body") or ""
    return "thebe" in str(name) or "THEBE_JS_URL" in str(body)


def _drop_thebe(app, pagename, templatename, context, doctree):
    for key in ("script_files", "css_files"):
        context[key] = [entry for entry in context.get(key, []) if not _is_thebe(entry)]


def setup(app):
    """Register with Sphinx."""
    # The theme and thebe add their entries in handlers of the same event: this one has to run after them.
    app.connect("html-page-context", _drop_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
