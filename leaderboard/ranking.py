"""Submissions -> the board: every system rescored with this version's scorer and data, and ranked.

`python -m leaderboard.ranking` prints the board; with `--archive`, it writes it to `leaderboard/archive/` before a
release of new data, whose pairs the predictions of today do not fit.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from msgspec import Struct
from rich.console import Console
from threadpoolctl import threadpool_limits

from bench.comparison import Comparison, compare_columns, span, table
from bench.files import to_json, write
from bench.issues import Issues, bad_input, command, show
from bench.report import Data, Figure, Report
from bench.retrieval import RetrievalReport, score_run
from bench.scoring import REPLICATES, THRESHOLD, score_columns
from bench.sufficient import outcome
from leaderboard.ladder import Rung, climb
from leaderboard.submission import (
    Sent,
    Submission,
    Target,
    public_target,
    read_submission,
    submissions_home,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.gold import Gold
    from bench.predictions import Predictions

MOST_SUBMISSIONS = 2000
_SHARE = 8
"""Submissions that a worker should have at least: to start one takes as long as to score a few."""


class Entry(Struct, frozen=True, kw_only=True):
    """A row of the board.

    Attributes:
        position: 1 and the number of systems with a higher contradiction F1; equal scores share it.
        best_rank: 1 and the number of systems that are better, by a paired test over events (Holm-corrected).
        worst_rank: the number of systems that are not worse, by the same test.
        tied_with: the slugs of the systems that this one cannot be told apart from, from the best down.
        public_f1: the team's public best after this submission (see `leaderboard.ladder`); a baseline's own F1.
        accepted: whether this submission became the team's public best when it was sent.
        validation: contradiction F1 on the validation split, where predictions of it were sent.
    """

    slug: str
    submission: Submission
    report: Report
    retrieval: RetrievalReport | None
    validation: Figure | None
    position: int
    best_rank: int
    worst_rank: int
    tied_with: list[str]
    public_f1: float
    accepted: bool

    @property
    def rank(self) -> str:
        """Best and worst rank as text, such as "2–4" or "7"."""
        return span(self.best_rank, self.worst_rank)

    @property
    def predictions_sha256(self) -> str:
        """Of the file of predictions."""
        return self.report.system.predictions_sha256


class Board(Struct, frozen=True, kw_only=True):
    """All systems from the highest contradiction F1 on test down, what they were scored against, and earlier boards."""

    signature: str
    data: Data
    entries: list[Entry]
    comparison: Comparison
    archives: list[Board] = []


def archive_home() -> Path:
    """The folder of the boards of older data."""
    return Path(__file__).parent / "archive"


def read_all(folder: Path, target: Target) -> list[Sent]:
    """Every submission below a folder, by slug.

    Raises:
        BadInputError: with every problem of every submission; two slugs that differ by case alone are one.
    """
    issues, sent = Issues(), []
    try:
        paths = sorted(islice(folder.iterdir(), MOST_SUBMISSIONS + 1))
    except OSError as error:
        raise bad_input(folder, f"cannot be read: {error.strerror}") from error
    if len(paths) > MOST_SUBMISSIONS:
        raise bad_input(folder, "too many submissions", f"at most {MOST_SUBMISSIONS:,}")
    names: dict[str, str] = {}
    for path in paths:
        other = names.setdefault(path.name.casefold(), path.name)
        if other != path.name:
            issues.error(
                folder,
                what=f"{show(path.name)} and {show(other)} differ by case alone",
                expected="one of them",
            )
        if one := issues.collect(read_submission, path, target):
            sent.append(one)
    issues.raise_if_any()
    return sent


def build_board(
    submissions_dir: str | Path | None = None, *, target: Target | None = None, replicates: int = REPLICATES
) -> Board:
    """The board of all submissions below a folder; same files, same board.

    Args:
        submissions_dir: `leaderboard/submissions` by default.
        target: what is scored against; the test split that ships with this version by default.
        replicates: of the bootstrap.

    Raises:
        BadInputError: with every problem of every submission, or where there is none.
    """
    folder = Path(submissions_dir) if submissions_dir is not None else submissions_home()
    target = target or public_target()
    sent = read_all(folder, target)
    if not sent:
        raise bad_input(folder, "no submission in this folder", "SLUG/submission.yaml")
    return rank(sent, target, archives=read_archives() if target.public else [], replicates=replicates)


def rank(
    sent: Sequence[Sent], target: Target, *, archives: Sequence[Board] = (), replicates: int = REPLICATES
) -> Board:
    """The board of submissions, one at least, that have been read."""
    gold = target.gold
    comparison = compare_columns(gold, {one.slug: one.predictions for one in sent}, replicates=replicates)
    reports = dict(zip((one.slug for one in sent), _reports(sent, gold, replicates), strict=True))
    shown = rungs(sent, target)
    by_slug = {one.slug: one for one in sent}
    values = [standing.figure.value or 0.0 for standing in comparison.standings]
    entries = []
    for standing in comparison.standings:
        one, rung = by_slug[standing.name], shown.get(standing.name)
        value = standing.figure.value or 0.0
        entries.append(
            Entry(
                slug=one.slug,
                submission=one.submission,
                report=reports[one.slug],
                retrieval=retrieval_report(one, target, replicates),
                validation=validation_figure(one, target, replicates),
                position=1 + sum(other > value for other in values),
                best_rank=standing.best_rank,
                worst_rank=standing.worst_rank,
                tied_with=standing.tied_with,
                public_f1=rung.public_f1 if rung else value,
                accepted=rung is None or rung.accepted,
            )
        )
    first = entries[0].report
    return Board(
        signature=first.signature,
        data=first.data,
        entries=entries,
        comparison=comparison,
        archives=list(archives),
    )


def rungs(sent: Sequence[Sent], target: Target) -> dict[str, Rung]:
    """What the Ladder lets the board show of every submission that is no baseline."""
    gold = target.gold
    kept = np.flatnonzero(~gold.ambiguous)
    return climb(
        [
            (
                one.submission.team,
                one.submission.date,
                one.slug,
                outcome(gold, one.predictions, THRESHOLD).detection(kept),
            )
            for one in sent
            if one.submission.kind != "baseline"
        ]
    )


def retrieval_report(one: Sent, target: Target, replicates: int = REPLICATES) -> RetrievalReport | None:
    """The figures of a submission's run, where it has one."""
    if one.run is None or target.retrieval is None:
        return None
    return score_run(target.retrieval, one.run, system=one.submission.name, replicates=replicates, seed=0)


def validation_figure(one: Sent, target: Target, replicates: int = REPLICATES) -> Figure | None:
    """Contradiction F1 on the validation split, where a submission has predictions of it."""
    if one.validation is None or target.validation is None:
        return None
    return (
        compare_columns(target.validation, {one.slug: one.validation}, replicates=replicates)
        .standings[0]
        .figure
    )


def _reports(sent: Sequence[Sent], gold: Gold, replicates: int) -> list[Report]:
    """A report for each submission, in their order; of many, each core makes a share."""
    jobs = [(one.submission, one.predictions, replicates) for one in sent]
    workers = min(os.cpu_count() or 1, len(sent) // _SHARE)
    if workers < 2:
        return [_report(gold, *job) for job in jobs]
    with ProcessPoolExecutor(
        workers, get_context("spawn"), initializer=_start_worker, initargs=(gold,)
    ) as pool:
        return list(pool.map(_work, jobs, chunksize=4))


def _report(gold: Gold, submission: Submission, predictions: Predictions, replicates: int) -> Report:
    return score_columns(gold, predictions, name=submission.name, kind=submission.kind, replicates=replicates)


_gold: Gold | None = None


def _start_worker(gold: Gold) -> None:
    """Keep the gold pairs in a worker, which leaves the other cores to the other workers."""
    global _gold  # noqa: PLW0603
    _gold = gold
    threadpool_limits(1)


def _work(job: tuple[Submission, Predictions, int]) -> Report:
    assert _gold is not None
    return _report(_gold, *job)


def archived(board: Board) -> Board:
    """The board without what fills the pages of single systems: slices, pairs of systems, earlier boards."""
    entries = [
        msgspec.structs.replace(entry, report=msgspec.structs.replace(entry.report, slices=[]))
        for entry in board.entries
    ]
    comparison = msgspec.structs.replace(board.comparison, differences=[])
    return msgspec.structs.replace(board, entries=entries, comparison=comparison, archives=[])


def read_archives(folder: Path | None = None) -> list[Board]:
    """The boards of older data, the latest version first.

    Raises:
        BadInputError: for a file that is no board.
    """
    issues, boards = Issues(), []
    for path in sorted((folder or archive_home()).glob("*.json")):
        try:
            boards.append(msgspec.json.decode(path.read_bytes(), type=Board))
        except (OSError, msgspec.MsgspecError) as error:
            issues.error(
                path,
                what=f"not a board: {error}",
                expected="made by `python -m leaderboard.ranking --archive`",
            )
    issues.raise_if_any()
    return sorted(boards, key=lambda board: _version(board.data.name), reverse=True)


def _version(name: str) -> tuple[int, ...]:
    """`1.10.0/test` as numbers, so that it comes after 1.9.0."""
    return tuple(int(part) for part in re.findall(r"\d+", name))


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m leaderboard.ranking", description="Print the board of all submissions."
    )
    parser.add_argument("--submissions", type=Path, metavar="DIR", help="default: leaderboard/submissions")
    parser.add_argument("--archive", action="store_true", help="write it to leaderboard/archive/ too")
    options = parser.parse_args(arguments)
    board = build_board(options.submissions)
    Console(width=min(120, Console().width)).print(table(board.comparison))
    print(board.signature)
    if options.archive:
        path = archive_home() / f"{board.data.name.split('/')[0]}.json"
        write(path, to_json(archived(board), digits=6))
        print(f"Written to {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
