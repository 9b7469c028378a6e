"""Checks what a pull request changes: `python -m leaderboard.changes HEAD [--base DIR]`.

HEAD is the folder of all submissions as the pull request would leave it, DIR the one that is there (by default
`leaderboard/submissions`). New folders are checked and shown as `leaderboard.validate` does; folders that are there must
stay as they are, since a board on which old results change is none.
"""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from baselines.results import baselines
from bench.issues import BadInputError, Issues, bad_input, command, show
from leaderboard.ranking import MOST_SUBMISSIONS, read_all
from leaderboard.submission import (
    Target,
    largest_predictions,
    public_target,
    slug_problem,
    submissions_home,
)
from leaderboard.validate import WIDTH, check, show_sent

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_NEW = 5
"""Submissions that one pull request may bring."""


def _names(folder: Path) -> set[str]:
    if folder.resolve() != folder.absolute() or not folder.is_dir():
        raise bad_input(
            folder, "is no folder, or is reached by a symbolic link", "the folder of all submissions"
        )
    names = {path.name for path in islice(folder.iterdir(), MOST_SUBMISSIONS + 1)}
    if len(names) > MOST_SUBMISSIONS:
        raise bad_input(folder, "too many submissions", f"at most {MOST_SUBMISSIONS:,}")
    return names


def _content(folder: Path, most: int) -> dict[str, bytes | None]:
    """The files of a folder by name; None for what is no regular file, or too large to be a file of a submission."""
    if folder.is_symlink() or not folder.is_dir():
        return {"": None}
    return {
        path.name: path.read_bytes()
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= most
        else None
        for path in islice(folder.iterdir(), 20)
    }


def changed_submissions(head: Path, base: Path, target: Target) -> tuple[list[Path], list[Path]]:
    """The folders of `head` that `base` has not, and those of baselines, which maintainers make anew, that differ.

    Raises:
        BadInputError: where another submission that is there is changed or removed, or where there are too many new ones.
    """
    issues, most = Issues(), largest_predictions(len(target.pair_ids))
    there, sent = _names(base), _names(head)
    own = {name.replace("_", "-") for name in baselines()}
    again = []
    for name in sorted(there):
        if name in own:
            if name in sent and _content(head / name, most) != _content(base / name, most):
                again.append(head / name)
            continue
        if name not in sent:
            issues.error(head, what=f"the submission {show(name)} is removed", expected="submissions to stay")
        elif _content(head / name, most) != _content(base / name, most):
            issues.error(head / name, what="a submission that is there is changed", expected="a new slug")
    new = sorted(sent - there)
    if len(new) > MOST_NEW:
        issues.error(head, what=f"{len(new)} new submissions", expected=f"at most {MOST_NEW}")
    for name in new:
        if problem := slug_problem(name):
            issues.error(head, what=problem, expected="1 to 40 of a-z, 0-9 and -", got=show(name))
    issues.raise_if_any()
    return [head / name for name in new], again


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m leaderboard.changes", description="Check the submissions that a pull request brings."
    )
    parser.add_argument(
        "head", type=Path, metavar="HEAD", help="all submissions as the pull request leaves them"
    )
    parser.add_argument(
        "--base", type=Path, metavar="DIR", help="those that are there (default: leaderboard/submissions)"
    )
    options = parser.parse_args(arguments)
    base, target = (options.base or submissions_home()).absolute(), public_target()
    new, again = changed_submissions(options.head, base, target)
    others = read_all(base, target)
    status = 0
    for folder in again:
        print(f"Maintainers alone change a baseline: {folder.name} differs from that of the base branch.")
    for folder in [*again, *new]:
        rest = [other for other in others if other.slug != folder.name]
        try:
            sent = check(folder, base if folder in new else None, target)
            show_sent(sent, rest, target, Console(width=WIDTH))
        except BadInputError as error:
            print(error, file=sys.stderr)
            status = 2
    if not new and not again:
        print("No new submission.")
    return status


if __name__ == "__main__":
    sys.exit(main())
