"""The columns of the board: what each shows, and what it means; the page, the JSON and the CSV are made from them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from bench.files import to_json
from bench.metrics import HEADLINE, METRICS
from bench.report import Figure
from bench.schema import EASY_REASONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from leaderboard.ranking import Board, Entry

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_GIVEN = "As the team gives it; not measured here."


@dataclass(frozen=True)
class Column:
    """A column: `meaning` is what stands in its explanation; `better` is higher, lower, or empty where neither is."""

    key: str
    short: str
    title: str
    meaning: str
    better: str
    figure: Callable[[Entry], Figure | None]
    digits: int = 3


def _metric(
    name: str, short: str, figure: Callable[[Entry], Figure | None] | None = None, **other: str
) -> Column:
    metric = METRICS[name]
    better = "higher" if metric.higher_is_better else "lower"
    return Column(
        key=other.get("key", name),
        short=short,
        title=other.get("title", metric.title),
        meaning=(
            f"From {metric.low:g} to {metric.high:g}, {better} is better. "
            f"Not defined where {metric.undefined}. After {metric.citation}.{other.get('note', '')}"
        ),
        better=better,
        figure=figure or (lambda entry: entry.report.figures.get(name)),
    )


def _hard(entry: Entry) -> Figure | None:
    found = [part for part in entry.report.slices if (part.field, part.value) == ("subset", "hard")]
    return found[0].figures[HEADLINE] if found else None


def _hard_false_alarms(entry: Entry) -> Figure | None:
    """The share of the hard neutrals; every neutral has one reason, so that their slices add up."""
    parts = [
        (part.pairs, part.figures["false_alarm_rate"].value)
        for part in entry.report.slices
        if part.field == "reason" and part.value not in EASY_REASONS
    ]
    pairs = sum(n for n, _ in parts)
    return _number(sum(n * (rate or 0.0) for n, rate in parts) / pairs) if pairs else None


def _retrieval(entry: Entry) -> Figure | None:
    return entry.retrieval.figures.get("nDCG@10") if entry.retrieval else None


def _number(value: float | None) -> Figure | None:
    return None if value is None else Figure(value=value, low=None, high=None)


COLUMNS = (
    _metric(HEADLINE, "F1", note=" The board is ordered by it; the line is its 95% interval."),
    _metric(HEADLINE, "Hard F1", _hard, key="hard_f1", title="Contradiction F1 on hard pairs", note=" Without neutrals of another event or another point of the story."),
    _metric("macro_f1", "Macro-F1"),
    _metric("mcc", "MCC"),
    _metric("average_precision", "AP"),
    _metric("ece", "ECE"),
    _metric("swap_inconsistency", "Swap"),
    _metric("triad_violation", "Triads"),
    _metric("false_alarm_rate", "Hard false alarms", _hard_false_alarms, key="hard_false_alarms", title="False alarms on hard neutrals", note=" Here of the neutral pairs that are on the same point of the story."),
    Column("ndcg_at_10", "nDCG@10", "Retrieval, nDCG@10", "How well the claims that contradict a claim are ranked, where a run was sent. From 0 to 1, higher is better. After Järvelin & Kekäläinen, Cumulated gain-based evaluation of IR techniques, 2002.", "higher", _retrieval),
    Column("pairs_per_second", "Pairs/s", "Speed, pairs per second", f"Higher is better. {_GIVEN}", "higher", lambda entry: _number(entry.submission.pairs_per_second), 0),
    Column("parameters", "Size", "Size, parameters of the model", f"Lower is better. {_GIVEN}", "lower", lambda entry: _number(entry.submission.parameters), 0),
)  # fmt: skip
"""Every column of figures, the one that systems are ranked by first."""


def figures(entry: Entry) -> list[Figure | None]:
    """A figure for each column."""
    return [column.figure(entry) for column in COLUMNS]


def shown(figure: Figure | None, digits: int = 3) -> str:
    """A value as the table shows it; large numbers with their unit."""
    if figure is None or figure.value is None:
        return "–"
    if digits:
        return f"{figure.value:.{digits}f}".replace("-", "−")
    for size, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "k")):
        if figure.value >= size:
            return f"{figure.value / (1e3 if unit == 'k' else size):.3g}{unit}"
    return f"{figure.value:,.0f}" if figure.value >= 10 else f"{figure.value:.2g}"


def as_json(board: Board) -> bytes:
    """The board for programs: every row with its figures, and the paired differences."""
    return to_json(
        {
            "signature": board.signature,
            "data": board.data,
            "systems": [_row(entry) for entry in board.entries],
            "differences": board.comparison.differences,
            "older": [
                {
                    "signature": older.signature,
                    "data": older.data,
                    "systems": [_row(entry) for entry in older.entries],
                }
                for older in board.archives
            ],
        },
        digits=6,
    )


def _row(entry: Entry) -> dict[str, Any]:
    found = {column.key: figure for column, figure in zip(COLUMNS, figures(entry), strict=True) if figure}
    return {
        "slug": entry.slug,
        "position": entry.position,
        "best_rank": entry.best_rank,
        "worst_rank": entry.worst_rank,
        "tied_with": entry.tied_with,
        "public_f1": entry.public_f1,
        "accepted": entry.accepted,
        "submission": entry.submission,
        "signature": entry.report.signature,
        "predictions_sha256": entry.predictions_sha256,
        "figures": entry.report.figures | found,
        "validation_f1": entry.validation,
    }


def as_csv(board: Board) -> bytes:
    """The board for spreadsheets: no text begins as a formula would."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    told = ("name", "team", "kind", "date", "licence", "code", "paper", "test_seen")
    writer.writerow(
        [
            *("slug", "position", "best_rank", "worst_rank", *told, *(column.key for column in COLUMNS)),
            *(f"{HEADLINE}_low", f"{HEADLINE}_high", "accepted", "predictions_sha256", "signature"),
        ]
    )
    for entry in board.entries:
        submission = msgspec.to_builtins(entry.submission)
        found = figures(entry)
        ends = [found[0].low, found[0].high] if found[0] else [None, None]
        writer.writerow(
            [
                entry.slug,
                entry.position,
                entry.best_rank,
                entry.worst_rank,
                *(_cell(submission[name]) for name in told),
            ]
            + [_rounded(figure.value if figure else None) for figure in found]
            + [*map(_rounded, ends), str(entry.accepted).lower(), entry.predictions_sha256]
            + [entry.report.signature]
        )
    return buffer.getvalue().encode()


def _cell(text: str | None) -> str:
    """Text that a spreadsheet takes as text (OWASP, CSV injection)."""
    text = (text or "").replace("\x00", "")
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _rounded(value: float | None) -> float | str:
    return "" if value is None else round(value, 6)


def compact(found: Sequence[Figure | None]) -> list[list[float | None] | None]:
    """Figures for a script: value, low and high."""
    return [
        None
        if figure is None or figure.value is None
        else [None if part is None else round(part, 4) for part in (figure.value, figure.low, figure.high)]
        for figure in found
    ]
