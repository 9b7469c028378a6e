"""Submissions -> the static site of the board: `python -m leaderboard.build [--submissions DIR] [--out DIR]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.issues import bad_input, command
from leaderboard.explorer import read_disputes
from leaderboard.ranking import rank, read_all, read_archives
from leaderboard.site import Site
from leaderboard.submission import public_target, submissions_home

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MARK = "leaderboard.json"
"""A folder without this file is no site, and is not replaced."""


def site_home() -> Path:
    """Where the site is built by default; not committed."""
    return Path(__file__).parent / "site"


def write_site(folder: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Write the files beside `folder`, then put them in its place, whole or not at all; how many there are.

    Raises:
        BadInputError: where `folder` holds something else than a site, or cannot be written.
    """
    if folder.exists() and not (folder.is_dir() and ((folder / MARK).is_file() or not any(folder.iterdir()))):
        raise bad_input(folder, "is there and is no site", f"an empty folder, or one with {MARK}")
    n = 0
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as name:
            new, old = Path(name) / "new", Path(name) / "old"
            for path, content in files:
                n += 1
                (new / path).parent.mkdir(parents=True, exist_ok=True)
                (new / path).write_bytes(content)
            if folder.exists():
                folder.rename(old)
            try:
                new.rename(folder)
            except OSError:
                if old.exists():
                    old.rename(folder)
                raise
    except OSError as error:
        raise bad_input(folder, f"cannot be written: {error.strerror}") from error
    return n


def build(submissions: Path, out: Path) -> int:
    """Rescore and rank every submission, and write the site; how many files it has.

    Raises:
        BadInputError: with every problem of every submission.
    """
    target = public_target()
    sent = read_all(submissions, target)
    if not sent:
        raise bad_input(submissions, "no submission in this folder", "SLUG/submission.yaml")
    board = rank(sent, target, archives=read_archives())
    return write_site(out, Site(board, sent, target, read_disputes()).files())


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m leaderboard.build", description="Build the leaderboard's site."
    )
    parser.add_argument("--submissions", type=Path, default=submissions_home(), metavar="DIR")
    parser.add_argument("--out", type=Path, default=site_home(), metavar="DIR")
    options = parser.parse_args(arguments)
    n = build(options.submissions, options.out)
    print(f"{n:,} files written to {options.out}; open {options.out / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
