"""Checks a submission: `python -m leaderboard.validate PATH`.

Lists every problem at once, or shows the figures, the rank that the submission would take, and the systems that it cannot be
told apart from. Exit 0 or 2. What is printed quotes a stranger's file and prints as plain text.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from baselines.results import baselines
from bench.comparison import compare_columns, table
from bench.issues import Issues, command, show
from bench.metrics import HEADLINE, METRICS
from bench.report import summary
from bench.retrieval import table as retrieval_table
from bench.scoring import score_columns
from leaderboard.ranking import read_all, retrieval_report, rungs, validation_figure
from leaderboard.seal import texts_target
from leaderboard.submission import (
    Sent,
    Target,
    gold_target,
    public_target,
    read_submission,
    submissions_home,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 100
_MOST_SHOWN = 25


def check(folder: Path, others: Path | None, target: Target) -> Sent:
    """A submission that is sound in itself and beside those that are there already.

    Args:
        folder: the submission's.
        others: the folder of the other submissions, or None.
        target: what it is for.

    Raises:
        BadInputError: with every problem.
    """
    issues = Issues()
    sent = issues.collect(read_submission, folder, target)
    slug = folder.absolute().name
    if others is not None and folder.resolve().parent != others.resolve():
        for taken in sorted(path.name for path in others.iterdir()) if others.is_dir() else ():
            if taken == slug:
                issues.error(folder, what="there is a submission of this slug", expected="a slug of its own")
            elif taken.casefold() == slug.casefold():
                what = f"the slug differs from {show(taken)} by case alone"
                issues.error(folder, what=what, expected="a slug of its own")
    if sent:
        path, submission = folder / "submission.yaml", sent.submission
        tomorrow = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)).isoformat()
        if submission.date > tomorrow:
            issues.error(
                path, what="date is in the future", expected="the day of the submission", got=submission.date
            )
        if submission.kind == "baseline" and slug.replace("-", "_") not in baselines():
            issues.error(
                path, what="kind is baseline", expected="open or closed: baselines are this project's own"
            )
    issues.raise_if_any()
    assert sent is not None
    return sent


def show_sent(sent: Sent, others: Sequence[Sent], target: Target, console: Console) -> None:
    """Print what the board would say of a submission."""
    report = score_columns(target.gold, sent.predictions, name=sent.slug, kind=sent.submission.kind)
    console.print(summary(report))
    if figure := validation_figure(sent, target):
        console.print(f"{METRICS[HEADLINE].title} on validation: {figure}", markup=False)
    if found := retrieval_report(sent, target):
        console.print(retrieval_table(found))
    comparison = compare_columns(target.gold, {one.slug: one.predictions for one in (*others, sent)})
    if len(others) < _MOST_SHOWN:
        console.print(table(comparison))
    place = next(standing for standing in comparison.standings if standing.name == sent.slug)
    tied = ", ".join(place.tied_with) or "no other system"
    lines = [
        f"{sent.slug} would take rank {place.ranks} of {len(comparison.standings)}: {METRICS[HEADLINE].title} {place.figure}.",
        f"It cannot be told apart from {tied}.",
    ]
    if sent.submission.kind != "baseline":
        rung = rungs([*others, sent], target)[sent.slug]
        moved = (
            "it is the team's public best"
            if rung.accepted
            else "it does not move the team's public best by a step"
        )
        lines.append(f"Ladder: the board shows {rung.public_f1:.3f}; {moved}.")
    twins = [other.slug for other in others if other.predictions.sha256 == sent.predictions.sha256]
    if twins:
        lines.append(f"Note: the same file of predictions as {', '.join(twins)}.")
    for line in [*lines, report.signature]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m leaderboard.validate",
        description="Check a submission's folder; show its figures and the rank that it would take.",
    )
    parser.add_argument(
        "path", type=Path, metavar="PATH", help="leaderboard/submissions/SLUG, or a folder elsewhere"
    )
    parser.add_argument(
        "--submissions",
        type=Path,
        metavar="DIR",
        help="what it is ranked among (default: leaderboard/submissions)",
    )
    sealed = parser.add_mutually_exclusive_group()
    sealed.add_argument(
        "--texts", type=Path, metavar="FILE", help="a sealed round's pairs.jsonl: check without scoring"
    )
    sealed.add_argument(
        "--gold", type=Path, metavar="FILE", help="score against this gold file instead of the test split"
    )
    return parser.parse_args(arguments)


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    options = parse(arguments)
    others_home = options.submissions or (None if options.texts or options.gold else submissions_home())
    if options.texts:
        target = texts_target(options.texts)
    else:
        target = gold_target(options.gold) if options.gold else public_target()
    sent = check(options.path, others_home, target)
    if not target.labelled:
        print(f"{sent.slug} is sound; the labels of this round are sealed")
        return 0
    others = read_all(others_home, target) if others_home else []
    others = [other for other in others if other.slug != sent.slug]
    show_sent(sent, others, target, Console(width=min(WIDTH, Console().width)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
