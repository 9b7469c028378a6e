"""Debian's Chromium for tests of pages."""

import shutil
from pathlib import Path

import pytest

needs_chromium = pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Debian's chromium")

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def axe(tab):
    """Violations that axe-core finds on the open page."""
    import axe_playwright_python

    tab.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8"))
    found = tab.evaluate("axe.run({preload: false})")  # preloading asks for style sheets again, by fetch
    return [(fault["id"], [node["html"][:120] for node in fault["nodes"]]) for fault in found["violations"]]
