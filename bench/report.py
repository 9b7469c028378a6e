"""What scoring finds: one `Report`, shown in the terminal, as JSON and as Markdown.

`results.json` is a `Report` as JSON. A figure without a value is null and says why in `undefined`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from bench import __version__
from bench.issues import bad_input

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console
    from rich.table import Table

_SIGNATURE = re.compile(
    r"counterclaim:(?P<version>[^|]+)\|data:(?P<data>[^@|]+)@sha256:(?P<sha256>[0-9a-f]{16})"
    r"\|metric:(?P<metric>\w+)\|threshold:(?P<threshold>[^|]+)\|missing:(?P<on_missing>error|wrong)"
    r"\|ci:event-bootstrap,B=(?P<replicates>\d+),seed=(?P<seed>\d+)"
)


class Signature(Struct, frozen=True, kw_only=True):
    """Every choice that a figure depends on; its printed form parses back.

    Attributes:
        data: version and split, such as `1.0.0/test`, or `custom`.
        sha256: first 16 hex digits of the digest of the gold ids and labels.
        threshold: of the score, from which on a binary system says contradiction.
    """

    version: str = __version__
    data: str
    sha256: str
    metric: str
    threshold: float
    on_missing: str
    replicates: int
    seed: int

    def __str__(self) -> str:
        """The line that is quoted with a figure."""
        return (
            f"counterclaim:{self.version}|data:{self.data}@sha256:{self.sha256}|metric:{self.metric}"
            f"|threshold:{self.threshold:g}|missing:{self.on_missing}"
            f"|ci:event-bootstrap,B={self.replicates},seed={self.seed}"
        )

    @classmethod
    def parse(cls, text: str) -> Signature:
        """The signature that prints as `text`.

        Raises:
            ValueError: if `text` is no signature.
        """
        match = _SIGNATURE.fullmatch(text)
        if not match:
            raise ValueError(f"no signature: {text!r}")
        return msgspec.convert(match.groupdict(), cls, strict=False)


class Figure(Struct, frozen=True, kw_only=True):
    """A metric's value with its 95% interval. `undefined` says why there is no value.

    There is no interval where the pairs are of fewer than five events. `undefined_replicates` counts bootstrap replicates on which the metric had no value; they are left out of the
    interval.
    """

    value: float | None
    low: float | None
    high: float | None
    undefined: str | None = None
    undefined_replicates: int = 0

    def __str__(self) -> str:
        """`0.712 [0.650, 0.771]`, or an en dash where there is no value."""
        if self.value is None:
            return "–"
        if self.low is None or self.high is None:
            return f"{self.value:.3f}"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


class Slice(Struct, frozen=True, kw_only=True):
    """The figures on the pairs that share a value of a field."""

    field: str
    value: str
    pairs: int
    events: int
    figures: dict[str, Figure]


class Data(Struct, frozen=True, kw_only=True):
    """What was scored."""

    name: str
    sha256: str
    pairs: int
    events: int
    ambiguous: int
    labels: dict[str, int]


class System(Struct, frozen=True, kw_only=True):
    """Who predicted: a baseline, a model, or a file."""

    name: str
    kind: str
    settings: dict[str, Any] = {}
    predictions_sha256: str
    missing: int = 0
    binary: bool = False


class Report(Struct, frozen=True, kw_only=True):
    """All figures of one system on one gold set.

    `confusion` is gold (rows) by predicted (columns) label in the order of `confusion_labels`, which are two where
    the system or the gold labels are binary. `run` holds what differs from run to run: timings.
    """

    signature: str
    system: System
    data: Data
    figures: dict[str, Figure]
    confusion_labels: list[str]
    confusion: list[list[int]]
    slices: list[Slice]
    run: dict[str, Any] = {}

    @property
    def headline(self) -> Figure:
        """The figure that systems are ranked by."""
        return self.figures[Signature.parse(self.signature).metric]


def read_report(path: Path) -> Report:
    """A report from `results.json`.

    Raises:
        BadInputError: where there is none.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Report)
    except (OSError, msgspec.MsgspecError) as error:
        raise bad_input(path, f"no readable report: {error}") from error


def _shown_slices(report: Report) -> list[tuple[str, list[Slice], list[str]]]:
    """(title, slices, names of their metrics) of each field that has more than one value."""
    from bench.gold import SLICES

    groups = []
    for field in SLICES:
        members = [part for part in report.slices if part.field == field.name]
        if len(members) > 1:
            groups.append((field.title, members, list(members[0].figures)))
    return groups


def summary(report: Report) -> Table:
    """The figures of all pairs beside those of the hard subset."""
    from rich.table import Table

    from bench.metrics import HEADLINE, METRICS

    hard = next((part for part in report.slices if (part.field, part.value) == ("subset", "hard")), None)
    title = f"{report.system.name} on {report.data.name}: {report.data.pairs:,} pairs, {report.data.events:,} events"
    table = Table(
        title=title.replace("[", r"\["),
        title_justify="left",
    )
    table.add_column("metric")
    table.add_column("all pairs [95% interval]", justify="right")
    if hard:
        table.add_column(f"hard subset, {hard.pairs:,} pairs", justify="right")
    for name, figure in report.figures.items():
        style = "bold" if name == HEADLINE else None
        cells = [METRICS[name].title, str(figure)]
        if hard:
            cells.append(str(hard.figures[name]) if name in hard.figures else "")
        table.add_row(*(cell.replace("[", r"\[") for cell in cells), style=style)
    return table


def details(report: Report) -> list[Table]:
    """A table for each way to cut the pairs, and the confusion matrix."""
    from rich.table import Table

    from bench.metrics import METRICS

    tables = []
    for title, parts, metrics in _shown_slices(report):
        table = Table(title=title, title_justify="left")
        for column in ("value", "pairs", "events", *(METRICS[name].title for name in metrics)):
            table.add_column(column, justify="left" if column == "value" else "right")
        for part in parts:
            figures = (str(part.figures[name]).replace("[", r"\[") for name in metrics)
            table.add_row(part.value, f"{part.pairs:,}", f"{part.events:,}", *figures)
        tables.append(table)
    return tables


def undefined(report: Report) -> list[str]:
    """Why figures have no value, a line each."""
    from bench.metrics import METRICS

    return [
        f"{METRICS[name].title} is not defined: {figure.undefined}"
        for name, figure in report.figures.items()
        if figure.undefined
    ]


def show(report: Report, console: Console, *, everything: bool = False) -> None:
    """Print the report's figures; with `everything`, those of each slice too."""
    console.print(summary(report))
    for line in undefined(report):
        console.print(line, style="yellow", highlight=False)
    console.print(report.signature, highlight=False, soft_wrap=True)
    if everything:
        for table in details(report):
            console.print(table)


def to_markdown(report: Report) -> str:
    """The report as Markdown tables."""
    from bench.metrics import METRICS

    def table(head: list[str], rows: list[list[str]]) -> str:
        lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
        return "\n".join(
            lines + ["| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in rows]
        )

    parts = [
        f"# {report.system.name} on {report.data.name}",
        f"{report.data.pairs:,} pairs of {report.data.events:,} events. 95% intervals by bootstrap over events.",
        table(
            ["metric", "value [95% interval]"],
            [[METRICS[name].title, str(figure)] for name, figure in report.figures.items()],
        ),
        "\n".join(f"- {line}" for line in undefined(report)),
        "## Confusion matrix",
        table(
            ["gold \\ predicted", *report.confusion_labels],
            [
                [label, *(f"{n:,}" for n in row)]
                for label, row in zip(report.confusion_labels, report.confusion, strict=True)
            ],
        ),
    ]
    for title, members, metrics in _shown_slices(report):
        parts += [
            f"## {title}",
            table(
                ["value", "pairs", "events", *(METRICS[name].title for name in metrics)],
                [
                    [
                        part.value,
                        f"{part.pairs:,}",
                        f"{part.events:,}",
                        *(str(part.figures[m]) for m in metrics),
                    ]
                    for part in members
                ],
            ),
        ]
    parts += [f"`{report.signature}`"]
    return "\n\n".join(part for part in parts if part) + "\n"
