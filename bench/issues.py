"""Problems in input: collected, sorted, and raised together.

Every reader of this package reports through an `Issues` collector, so that whoever has to mend a file sees all
that is wrong with it at once, each as `path:line: id: what, expected, got`.
"""

from __future__ import annotations

import functools
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Read = TypeVar("Read")
Given = ParamSpec("Given")

SHOWN = 50
"""How many problems a message lists before it only counts the rest."""

_VALUE_WIDTH = 120
_MESSAGE_WIDTH = 2000


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem: where it is, what it is about, and what would have been right."""

    path: str
    line: int
    id: str
    what: str
    expected: str = ""
    got: str = ""

    def __str__(self) -> str:
        """`path:line: id: what, expected E, got G`; parts that are not known are left out.

        Files of strangers are quoted: what does not print is escaped, and a message of any length is cut.
        """
        where = f"{self.path}:{self.line}" if self.line else self.path
        text = ": ".join(part for part in (where, self.id, self.what) if part)
        if self.expected:
            text += f", expected {self.expected}"
        text = f"{text}, got {self.got}" if self.got else text
        text = text if len(text) <= _MESSAGE_WIDTH else text[: _MESSAGE_WIDTH - 1] + "…"
        return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


class BadInputError(ValueError):
    """Input that cannot be used; `issues` holds every problem found, and `str()` lists them."""

    def __init__(self, issues: list[Issue], dropped: int = 0) -> None:
        """Args: the problems in the order to be shown, and how many more were found but not kept."""
        self.issues = issues
        self.total = len(issues) + dropped
        lines = [str(issue) for issue in issues[:SHOWN]]
        if self.total > len(lines):
            lines.append(f"... and {self.total - len(lines)} more")
        if self.total > 1:
            lines.append(f"{self.total} problems")
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[type[BadInputError], tuple[list[Issue], int]]:
        """Pickled as what it was made of, so that it can cross processes."""
        return type(self), (self.issues, self.total - len(self.issues))


def bad_input(path: object, what: str, expected: str = "", got: str = "") -> BadInputError:
    """The error for a single problem that leaves nothing else to look at."""
    return BadInputError([Issue(str(path), 0, "", what, expected, got)])


@contextmanager
def needs(extra: str) -> Iterator[None]:
    """Around imports: `BadInputError` that names what is missing, and the extra of this package that brings it."""
    try:
        yield
    except ModuleNotFoundError as error:
        expected = f"pip install 'counterclaim[{extra}]'"
        raise bad_input("settings", f"{error.name} is not installed", expected) from error


def command(main: Callable[Given, int]) -> Callable[Given, int]:
    """A command that ends in status 2, with the list of problems, where its input cannot be used."""

    @functools.wraps(main)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> int:
        try:
            return main(*args, **kwargs)
        except BadInputError as error:
            print(error, file=sys.stderr)
            return 2

    return run


def show(value: object) -> str:
    """A value as a message quotes it: `repr`, on one line, shortened."""
    text = repr(value)
    return text if len(text) <= _VALUE_WIDTH else text[: _VALUE_WIDTH - 1] + "…"


def one_of(names: object) -> str:
    """The vocabulary as a message lists it."""
    return "one of " + ", ".join(map(str, names))  # type: ignore[call-overload]


@dataclass
class Issues:
    """Collects problems (`error`) and things to look at (`warn`); memory is bounded by `keep`."""

    keep: int = 1000
    errors: list[Issue] = field(default_factory=list)
    warnings: list[Issue] = field(default_factory=list)
    dropped: int = 0

    def error(
        self, path: object, line: int = 0, id: str = "", *, what: str, expected: str = "", got: str = ""
    ) -> None:
        """Add a problem."""
        if len(self.errors) < self.keep:
            self.errors.append(Issue(str(path), line, id, what, expected, got))
        else:
            self.dropped += 1

    def warn(self, path: object, line: int = 0, id: str = "", *, what: str, got: str = "") -> None:
        """Add something that a person should look at and that may be right."""
        if len(self.warnings) < self.keep:
            self.warnings.append(Issue(str(path), line, id, what, "", got))

    def collect(self, read: Callable[..., Read], *arguments: object) -> Read | None:
        """What `read` gives of `arguments`, or None where it raises problems, which are added."""
        try:
            return read(*arguments)
        except BadInputError as error:
            self.errors += error.issues
            self.dropped += error.total - len(error.issues)
        return None

    def raise_if_any(self) -> None:
        """Raise `BadInputError` with every problem, by path and line, if there is one."""
        if self.errors:
            ordered = sorted(self.errors, key=lambda issue: (issue.path, issue.line, issue.id, issue.what))
            raise BadInputError(ordered, self.dropped)
