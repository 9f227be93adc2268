"""Buttons that open the notebook of a page on Colab or Binder: the one without outputs, in `notebooks/ipynb`.

Both take it from the public repository of the project. Its address is `repository.url` of `_config.yml`, or, where
that is not set, the remote `origin` of the checkout that the book is built from, if it is on GitHub. Without an address
there are no buttons: none is ever made up.
"""

import re
import subprocess
from pathlib import Path

EXECUTED, PLAIN = "book/executed/", "notebooks/ipynb/"
BUILDERS_OWN = "https://github.com/executablebooks/jupyter-book"  # what jupyter-book puts in where nothing is set
SERVICES = {
    "colab_url": "https://colab.research.google.com",
    "binderhub_url": "https://mybinder.org",
    "notebook_interface": "jupyterlab",
}


def github_address(remote: str) -> str | None:
    """The web address of a GitHub repository from the address that git has for it; None for any other host."""
    protocol = r"(?:https://(?:[^@/]+@)?|git@|ssh://git@)"
    found = re.fullmatch(protocol + r"github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?", remote)
    return f"https://github.com/{found[1]}" if found else None


def origin(folder: Path) -> str | None:
    """The web address of the checkout's remote `origin`, if it has one on GitHub."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), "remote", "get-url", "origin"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return github_address(done.stdout.strip())


def _configure(app, config):
    options = config.html_theme_options
    address, branch = options.get("repository_url"), options.get("repository_branch")
    if address in (None, "", BUILDERS_OWN):
        address, branch = origin(Path(app.srcdir)), "main"
    if address:
        options |= {"repository_url": address, "repository_branch": branch, "launch_buttons": dict(SERVICES)}


def _open_plain(app, pagename, templatename, context, doctree):
    """The theme's buttons open the page's own file, which is not committed for every page, and has outputs."""
    for group in context.get("header_buttons", []):
        if group.get("label") == "launch-buttons":
            for button in group["buttons"]:
                button["url"] = button["url"].replace(EXECUTED, PLAIN)


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", _configure)
    app.connect("html-page-context", _open_plain, priority=600)  # after the theme's own handlers
    return {"parallel_read_safe": True, "parallel_write_safe": True}
