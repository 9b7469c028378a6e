"""The fields of `submission.yaml`: what each means, what it may hold, and how the file is read.

The file is a flat mapping. It is read as a stream of YAML events: anchors, aliases, tags, directives, nested values and
keys given twice are refused where they stand, and values stay text until the rule of their field makes them a number.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from bench.issues import Issues, one_of, show

if TYPE_CHECKING:
    from pathlib import Path

KINDS = {
    "baseline": "one of this project's own, made by its command",
    "open": "weights and code can be had",
    "closed": "anything else",
}
SEEN = {
    "no": "the texts cannot have been in the training data",
    "possibly": "it is not known",
    "yes": "the texts, or the articles behind them, were in the training data",
}

_NULL = ("~", "null", "Null", "NULL")
_URL = re.compile(
    r"https://([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}(:\d{1,5})?([/?#][\w.~%!$&()*+,;=:@/?#-]*)?",
    re.ASCII | re.IGNORECASE,
)
_HIDDEN_CATEGORIES = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"))
_HIDDEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
MARKS_IN_A_ROW = 3


class WrongValueError(ValueError):
    """A value that a field may not hold: what is wrong, and what would be right."""

    def __init__(self, what: str, expected: str = "") -> None:
        super().__init__(what)
        self.what, self.expected = what, expected


@dataclass(frozen=True)
class Field:
    """A field: what it means, in words for whoever fills it in, and its rule."""

    name: str
    meaning: str
    kind: str = "text"
    most: int = 200
    required: bool = True
    choices: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        """What the field may hold, as a message says it."""
        empty = "" if self.required else ", or nothing"
        return {
            "text": f"1 to {self.most} characters",
            "choice": one_of(self.choices),
            "date": "a date, yyyy-mm-dd",
            "url": f"an address, https://..., of at most {self.most} characters",
            "integer": f"a whole number from 1 to {self.most:,}",
            "number": f"a number above 0 and at most {self.most:,}",
        }[self.kind] + empty

    def convert(self, text: str) -> str | int | float:
        """The value that `text` stands for.

        Raises:
            WrongValueError: where the field may not hold it.
        """
        text = text.strip()
        if problem := text_problem(text):
            raise WrongValueError(f"{self.name} {problem}", "text that shows as it is")
        value: str | int | float = text
        if self.kind == "integer" and re.fullmatch(r"[1-9]\d{0,17}", text, re.ASCII):
            value = int(text)
        elif self.kind == "number" and re.fullmatch(r"\d{1,12}(\.\d{1,12})?", text, re.ASCII):
            value = float(text)
        sound = {
            "text": 0 < len(text) <= self.most,
            "choice": text in self.choices,
            "date": _is_date(text),
            "url": len(text) <= self.most and is_https(text),
        }.get(self.kind, not isinstance(value, str) and 0 < value <= self.most)
        if not sound:
            raise WrongValueError(f"{self.name} is not what it should be", self.expected)
        return value


def _is_date(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"20\d\d-\d\d-\d\d", text, re.ASCII) and dt.date.fromisoformat(text))
    except ValueError:
        return False


def is_https(text: str) -> bool:
    """Whether a text is a plain https address."""
    return _URL.fullmatch(text) is not None


def is_hidden(char: str) -> bool:
    """Whether a character does not show, or changes how others show."""
    return unicodedata.category(char) in _HIDDEN_CATEGORIES or char in _HIDDEN


def text_problem(text: str) -> str:
    """Why a text does not show as it is; empty where it does."""
    if text != unicodedata.normalize("NFC", text):
        return "is not in Unicode's normal form NFC"
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if is_hidden(char):
            return f"has the invisible or control character U+{ord(char):04X}"
        if marks > MARKS_IN_A_ROW:
            return f"has more than {MARKS_IN_A_ROW} combining marks in a row"
    return ""


FIELDS = {
    field.name: field
    for field in (
        Field("name", "The system, as the board shows it.", most=60),
        Field("team", "The team or author. Write it the same way each time: the Ladder goes by it.", most=80),
        Field("date", "The day of this submission, yyyy-mm-dd.", "date"),
        Field(
            "kind",
            "open: weights and code can be had; closed: anything else. (baseline: this project's own.)",
            "choice",
            choices=tuple(KINDS),
        ),
        Field("code", "Where the code is, https://..., or nothing.", "url", 300, required=False),
        Field("paper", "Where the paper is, https://..., or nothing.", "url", 300, required=False),
        Field(
            "parameters",
            "Size of the model in parameters, such as 22700000, or nothing.",
            "integer",
            10**15,
            False,
        ),
        Field("training_data", "What the system was trained on, all of it.", most=1000),
        Field(
            "test_seen",
            "Whether the test texts, or the articles behind them, may have been in the training data: no, possibly or yes.",
            "choice",
            choices=tuple(SEEN),
        ),
        Field("hardware", "What the predictions were made on, or nothing.", required=False),
        Field("pairs_per_second", "Speed on that hardware, or nothing.", "number", 10**9, False),
        Field("licence", "Of the system, such as Apache-2.0 or proprietary.", most=100),
        Field("contact", "Who answers questions: an address that you want to be public."),
    )
}
"""Every field of `submission.yaml`, in the order in which it is written."""


def read_fields(path: Path, issues: Issues) -> dict[str, Any] | None:
    """The values of the fields by name, or None where anything is wrong, which goes to `issues`."""
    before = len(issues.errors)

    def error(line: int, what: str, expected: str = "", got: str | None = None) -> None:
        issues.error(path, line, what=what, expected=expected, got="" if got is None else show(got))

    try:
        given = _scalars(path.read_bytes().decode("utf-8"), error)
    except UnicodeDecodeError as problem:
        error(0, f"not UTF-8 at byte {problem.start}")
        return None
    except (OverflowError, ValueError):  # PyYAML does not look whether an escape or a version is in range
        error(0, "not YAML: an escape or a number out of range", "lines of `field: value`")
        return None
    except yaml.reader.ReaderError as problem:
        error(0, f"not YAML: a control character at position {problem.position}")
        return None
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 0
        error(line, f"not YAML: {problem.problem}", "lines of `field: value`")
        return None
    if given is None:
        return None
    values: dict[str, Any] = {}
    for name, (line, text) in given.items():
        if name not in FIELDS:
            error(line, "unknown field", one_of(FIELDS), name)
            continue
        field = FIELDS[name]
        if text is None:
            if field.required:
                error(line, f"{name} is still to be filled in", field.expected)
            continue
        try:
            values[name] = field.convert(text)
        except WrongValueError as problem:
            error(line, problem.what, problem.expected, text)
    for name, field in FIELDS.items():
        if field.required and name not in given:
            error(0, f"{name} is missing", field.expected)
    return values if len(issues.errors) == before else None


def _scalars(text: str, error: Any) -> dict[str, tuple[int, str | None]] | None:
    """Line and text by key of a flat mapping, None for nothing; None where the document is no such mapping."""
    found: dict[str, tuple[int, str | None]] = {}
    key: str | None = None
    depth = documents = 0
    event: Any
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if event.version or event.tags:
                error(line, "a YAML directive", "none")
            if documents > 1:
                error(line, "a second YAML document", "one")
                return None
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            error(line, "a YAML anchor or alias", "values written out", event.anchor)
            return None
        if getattr(event, "tag", None):
            error(line, "a YAML tag", "plain values", event.tag)
            return None
        if isinstance(event, yaml.CollectionStartEvent):
            if depth or not isinstance(event, yaml.MappingStartEvent):
                where = show(key) if key is not None else "a key" if depth else "the document"
                error(line, f"{where} is a list or a mapping", "one value a field")
                return None
            depth += 1
        elif isinstance(event, yaml.ScalarEvent):
            if not depth:
                if event.value or event.implicit[0] is False:
                    error(line, "no fields", "lines of `field: value`", event.value)
                    return None
            elif key is None:
                key = event.value
                if key in found:
                    error(line, f"{show(key)} is given twice", "once")
            else:
                empty = not event.value.strip() or (event.style is None and event.value in _NULL)
                found[key] = (line, None if empty else event.value)
                key = None
    return found
