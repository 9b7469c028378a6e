"""A submission: a folder that a stranger sends, read without trusting anything in it.

    leaderboard/submissions/SLUG/
        submission.yaml                     who and what: the fields of `Submission`
        predictions.jsonl or .jsonl.gz      the whole test split
        validation.jsonl or .jsonl.gz       optional: the whole validation split
        run.trec                            optional: a run of the retrieval task on test

Nothing else may lie there. Every file is a regular file of bounded size, packed and unpacked; links, pipes and devices
are not opened. `submission.yaml` is a flat mapping whose values are read as text by the type of their field: no YAML
object is ever made of it.
"""

from __future__ import annotations

import gzip
import re
import stat
import zlib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from bench.gold import Gold, gold_of
from bench.issues import Issues, bad_input, show
from bench.load import load_pairs, read_pairs
from bench.predictions import Predictions, read_predictions
from bench.retrieval import Task, load_task, read_run
from leaderboard.fields import read_fields

if TYPE_CHECKING:
    from bench.ids import PairIds

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""The name of a submission's folder."""

_DEVICES = re.compile(r"con|prn|aux|nul|com\d|lpt\d")
LARGEST_YAML = 1 << 14
LARGEST_RUN = 1 << 26
_MOST_FILES = 20
_MOST_OF_A_KIND = 5
_FILES = {
    "submission.yaml": ("submission.yaml",),
    "predictions": ("predictions.jsonl", "predictions.jsonl.gz"),
    "validation": ("validation.jsonl", "validation.jsonl.gz"),
    "run.trec": ("run.trec",),
}


class Submission(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a team says of its system; `leaderboard.fields.FIELDS` has the rules of every field.

    Attributes:
        date: of the submission, yyyy-mm-dd.
        kind: baseline, open (weights and code can be had) or closed.
        code: an https address, or None; `paper` too.
        parameters: size of the model, or None.
        test_seen: whether the texts of the test split may have been seen in training: no, possibly or yes.
        pairs_per_second: as the team measured it on `hardware`, or None.
    """

    name: str
    team: str
    date: str
    kind: str
    code: str | None = None
    paper: str | None = None
    parameters: int | None = None
    training_data: str
    test_seen: str
    hardware: str | None = None
    pairs_per_second: float | None = None
    licence: str
    contact: str


@dataclass(frozen=True)
class Sent:
    """A submission that has been read and found sound."""

    slug: str
    submission: Submission
    predictions: Predictions
    predictions_path: Path
    validation: Predictions | None = None
    run: dict[str, dict[str, float]] | None = None


class Target:
    """What submissions are made for, and scored against where the labels are known.

    Attributes:
        pair_ids: what is to be predicted.
        labelled: whether the labels are known; they are not in a sealed round as its participants see it.
        public: whether it is the shipped test split, beside which validation and retrieval stand.
    """

    def __init__(self, pair_ids: PairIds, gold: Gold | None, *, public: bool = False) -> None:
        """Args: the pairs, what is known of them, and whether they are the shipped test split."""
        self.pair_ids, self.public, self.labelled = pair_ids, public, gold is not None
        self._gold = gold

    @property
    def gold(self) -> Gold:
        """The pairs with their labels.

        Raises:
            ValueError: where the labels are not known.
        """
        if self._gold is None:
            raise ValueError("the labels of this round are sealed")
        return self._gold

    @cached_property
    def validation(self) -> Gold | None:
        """The validation split, where the target is public."""
        return gold_of(load_pairs("validation")) if self.public else None

    @cached_property
    def retrieval(self) -> Task | None:
        """The retrieval task of the test split, where the target is public."""
        return load_task("test") if self.public else None


def public_target() -> Target:
    """The test split that ships with this version."""
    gold = gold_of(load_pairs("test"))
    return Target(gold.pair_ids, gold, public=True)


def gold_target(path: Path) -> Target:
    """A gold file in the form of the table `pairs`, such as that of a sealed round.

    Raises:
        BadInputError: where it cannot be read, or has no pair.
    """
    pairs = read_pairs(path)
    if not pairs:
        raise bad_input(path, "no pair in this file")
    gold = gold_of(pairs)
    return Target(gold.pair_ids, gold)


def submissions_home() -> Path:
    """The folder of the submissions that came with this version."""
    return Path(__file__).parent / "submissions"


def slug_problem(slug: str) -> str:
    """What is wrong with a slug; empty where nothing is."""
    if not SLUG.fullmatch(slug):
        return "the name of the folder is no slug"
    return "the name of the folder is reserved on some systems" if _DEVICES.fullmatch(slug) else ""


def read_submission(folder: str | Path, target: Target) -> Sent:
    """Read a submission's folder.

    Args:
        folder: its last part is the slug; nothing outside it is read.
        target: what its predictions are joined to.

    Raises:
        BadInputError: with every problem of every file in it.
    """
    folder, issues = Path(folder), Issues()
    slug = folder.absolute().name
    if problem := slug_problem(slug):
        issues.error(
            folder, what=problem, expected="1 to 40 of a-z, 0-9 and -, such as my-model-2", got=show(slug)
        )
    files = issues.collect(_files, folder, issues) or {}
    submission = predictions = validation = run = None
    if path := files.get("submission.yaml"):
        values = read_fields(path, issues)
        submission = Submission(**values) if values is not None else None
    if path := files.get("predictions"):
        predictions = issues.collect(checked_predictions, path, target)
    if path := files.get("validation"):
        validation = issues.collect(checked_predictions, path, target, "validation")
    if path := files.get("run.trec"):
        run = issues.collect(checked_run, path, target)
    raise_if_any(issues)
    assert submission is not None
    assert predictions is not None
    return Sent(slug, submission, predictions, files["predictions"], validation, run)


def raise_if_any(issues: Issues) -> None:
    """Raise what was found, a few of each kind in each file, so that a thousand missing pairs hide nothing else."""
    seen: Counter[tuple[str, str]] = Counter()
    kept = []
    for issue in sorted(issues.errors, key=lambda issue: (issue.path, issue.line, issue.id)):
        seen[issue.path, issue.what] += 1
        if seen[issue.path, issue.what] <= _MOST_OF_A_KIND:
            kept.append(issue)
    issues.dropped += len(issues.errors) - len(kept)
    issues.errors = kept
    issues.raise_if_any()


def _files(folder: Path, issues: Issues) -> dict[str, Path]:
    """The files of a submission by what they are; raises where there is no such folder."""
    try:
        mode = folder.lstat().st_mode
        if not stat.S_ISDIR(mode):
            raise bad_input(folder, f"is {_kind(mode)}", "a folder")
        paths = list(islice(folder.iterdir(), _MOST_FILES + 1))
    except OSError as error:
        raise bad_input(folder, f"cannot be read: {error.strerror}") from error
    if len(paths) > _MOST_FILES:
        issues.error(folder, what="too many files", expected=f"at most {len(_FILES)}")
        return {}
    allowed = {name: part for part, names in _FILES.items() for name in names}
    found: dict[str, Path] = {}
    for path in sorted(paths):
        part, info = allowed.get(path.name), path.lstat()
        if part is None:
            expected = "submission.yaml, predictions.jsonl or .jsonl.gz, and perhaps validation.jsonl or .jsonl.gz, run.trec"
            issues.error(folder, what="unknown file", expected=expected, got=show(path.name))
        elif not stat.S_ISREG(info.st_mode):
            issues.error(path, what=f"is {_kind(info.st_mode)}", expected="a regular file")
        elif part in found:
            issues.error(path, what=f"there is {found[part].name} too", expected="one of them")
        else:
            found[part] = path
    for part in ("submission.yaml", "predictions"):
        if not any((folder / name) in paths for name in _FILES[part]):
            issues.error(
                folder,
                what=f"no {' or '.join(_FILES[part])}",
                expected="made by `python -m leaderboard.init`",
            )
    path = found.get("submission.yaml", folder)
    if path != folder and path.stat().st_size > LARGEST_YAML:
        issues.error(path, what="file is too large", expected=f"at most {LARGEST_YAML:,} bytes")
        del found["submission.yaml"]
    return found


def _kind(mode: int) -> str:
    """What a file is that is not what it should be."""
    for test, name in (
        (stat.S_ISLNK, "a symbolic link"),
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISREG, "a file"),
    ):
        if test(mode):
            return name
    return "a device"


def largest_predictions(pairs: int) -> int:
    """Bytes that a file of predictions may have, packed and unpacked: 1 KiB a pair is several times what a row needs."""
    return (1 << 20) + (pairs << 10)


def checked_predictions(path: Path, target: Target, part: str = "predictions") -> Predictions:
    """The predictions of a file, once it is known not to be too large, packed and unpacked.

    Args:
        path: the file, a regular one.
        target: what it is for.
        part: predictions, or validation.

    Raises:
        BadInputError: with every problem.
    """
    pair_ids = target.pair_ids
    if part == "validation":
        if target.validation is None:
            raise bad_input(path, "no validation split in this round", "predictions alone")
        pair_ids = target.validation.pair_ids
    most = largest_predictions(len(pair_ids))
    try:
        size = path.stat().st_size
        if size <= most and path.suffix == ".gz":
            with gzip.open(path) as file:
                size = 0
                while size <= most and (block := file.read(1 << 16)):
                    size += len(block)
    except (OSError, EOFError, zlib.error) as error:
        raise bad_input(path, f"cannot be read: {error}") from error
    if size > most:
        raise bad_input(path, "file is too large", f"at most {most:,} bytes, unpacked")
    return read_predictions(path, pair_ids)


def checked_run(path: Path, target: Target) -> dict[str, dict[str, float]]:
    """The run of a file; arguments and errors as in `checked_predictions`."""
    if target.retrieval is None:
        raise bad_input(path, "no retrieval task in this round", "predictions alone")
    if path.is_file() and path.stat().st_size > LARGEST_RUN:
        raise bad_input(path, "file is too large", f"at most {LARGEST_RUN:,} bytes")
    return read_run(path, target.retrieval)
