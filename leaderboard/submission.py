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
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from bench.gold import Gold, gold_of
from bench.issues import BadInputError, Issue, Issues, bad_input, show
from bench.load import load_pairs
from bench.predictions import Predictions, read_predictions
from bench.retrieval import Task, load_task, read_run
from leaderboard.fields import read_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Read = TypeVar("Read")

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
"""The name of a submission's folder."""

_DEVICES = re.compile(r"con|prn|aux|nul|com\d|lpt\d")
LARGEST_YAML = 1 << 14
LARGEST_RUN = 1 << 26
_MOST_FILES = 20
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
    """What submissions are scored against: the shipped test split, or a gold file that is kept elsewhere."""

    def __init__(self, gold: Gold, *, public: bool) -> None:
        """Args: the gold pairs, and whether they are the shipped test split, beside which validation and retrieval stand."""
        self.gold, self.public = gold, public

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
    return Target(gold_of(load_pairs("test")), public=True)


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
    files = _files(folder, issues)
    submission = predictions = validation = run = None
    if path := files.get("submission.yaml"):
        values = read_fields(path, issues)
        submission = Submission(**values) if values is not None else None
    if path := files.get("predictions"):
        predictions = _caught(issues, _predictions, path, target.gold)
    if path := files.get("validation"):
        gold = target.validation
        if gold is None:
            issues.error(path, what="no validation predictions in this round", expected="predictions alone")
        else:
            validation = _caught(issues, _predictions, path, gold)
    if path := files.get("run.trec"):
        task = target.retrieval
        if task is None:
            issues.error(path, what="no retrieval task in this round", expected="predictions alone")
        else:
            run = _caught(issues, read_run, path, task)
    issues.raise_if_any()
    assert submission is not None
    assert predictions is not None
    return Sent(slug, submission, predictions, files["predictions"], validation, run)


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
    limits = {"submission.yaml": LARGEST_YAML, "run.trec": LARGEST_RUN}
    for part, path in list(found.items()):
        if part in limits and path.stat().st_size > limits[part]:
            issues.error(path, what="file is too large", expected=f"at most {limits[part]:,} bytes")
            del found[part]
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


def _predictions(path: Path, gold: Gold) -> Predictions:
    """The predictions of a file, once it is known not to be too large, packed and unpacked."""
    most = largest_predictions(len(gold.pair_ids))
    size = path.stat().st_size
    if size <= most and path.suffix == ".gz":
        try:
            with gzip.open(path) as file:
                size = 0
                while size <= most and (block := file.read(1 << 16)):
                    size += len(block)
        except (OSError, EOFError, zlib.error) as error:
            raise bad_input(path, f"cannot be unpacked: {error}", "a whole gzip file") from error
    if size > most:
        raise bad_input(path, "file is too large", f"at most {most:,} bytes, unpacked")
    return read_predictions(path, gold.pair_ids)


def _caught(issues: Issues, read: Callable[..., Read], *arguments: object) -> Read | None:
    """What `read` gives, or None and its problems among the others."""
    try:
        return read(*arguments)
    except BadInputError as error:
        add(issues, error.issues, error.total - len(error.issues))
    return None


def add(issues: Issues, found: Iterable[Issue], dropped: int = 0) -> None:
    """Add problems that were raised elsewhere."""
    issues.errors.extend(found)
    issues.dropped += dropped
