"""Report -> one self-contained HTML page, without network and without script."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from bench.gold import SLICES
from bench.metrics import HEADLINE, METRICS
from bench.resample import Ranking
from bench.sufficient import BINS, Sufficient

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import jinja2

    from bench.report import Figure, Report
    from bench.schema import ClaimRow, Pair
    from bench.sufficient import Outcome

MISTAKES = 12
_POINTS = 200
_SHOWN = ("dispute", "expression", "reason", "domain", "year", "outlets")


@dataclass(frozen=True)
class Plot:
    """A line in the unit square."""

    title: str
    alt: str
    x: str
    points: list[tuple[float, float]]
    ideal: bool


@dataclass(frozen=True)
class Row:
    """One dot of a dot plot."""

    value: str
    pairs: int
    figure: Figure


@dataclass(frozen=True)
class Group:
    """A dot plot: one metric over the values of a field."""

    title: str
    metric: str
    rows: list[Row]


@dataclass(frozen=True)
class Mistake:
    """A wrong decision, with the sources of both claims."""

    pair: Pair
    predicted: str
    confidence: float | None
    claim_urls: list[str]
    counterclaim_urls: list[str]


def _plots(result: Outcome) -> list[Plot]:
    members = np.flatnonzero(~result.gold.ambiguous)
    if result.score is None or not result.positive[members].any():
        return []
    one_event = np.zeros(len(members), np.int64)  # nothing is resampled here
    curve = Ranking(result.positive[members], result.score[members], one_event, 1).curve(np.ones((1, 1)))
    recall, precision = curve.tp[0] / curve.tp[0, -1], curve.tp[0] / curve.seen[0]
    chosen = np.unique(np.linspace(0, len(recall) - 1, _POINTS).astype(int))
    bins = Sufficient(result, members, {"bins"}).under(np.ones((1, result.gold.events)))["bins"][0]
    bins = bins[bins[:, 0] > 0]
    return [
        Plot(
            title="Precision (upright) by recall (across) of contradiction",
            alt=f"Precision-recall curve, average precision {METRICS['average_precision'].function(curve)[0]:.3f}",
            x="recall",
            points=[(float(recall[n]), float(precision[n])) for n in chosen],
            ideal=False,
        ),
        Plot(
            title=f"Share of contradictions (upright) by mean score (across), in {BINS} bins of as many pairs each",
            alt="Reliability curve; on the diagonal the scores are well calibrated",
            x="mean score of contradiction",
            points=sorted((float(row[2] / row[0]), float(row[1] / row[0])) for row in bins),
            ideal=True,
        ),
    ]


def _groups(report: Report) -> list[Group]:
    groups = []
    for field in SLICES:
        parts = [part for part in report.slices if part.field == field.name]
        if field.name in _SHOWN and len(parts) > 1:
            name = field.metrics[0]
            rows = [Row(part.value, part.pairs, part.figures[name]) for part in parts]
            groups.append(Group(field.title, METRICS[name].title, rows))
    return groups


def _mistakes(result: Outcome, pairs: Mapping[str, Pair], claims: Mapping[str, ClaimRow]) -> list[Mistake]:
    wrong = np.flatnonzero((result.predicted != result.label) & ~result.gold.ambiguous)
    if result.confidence is not None:
        wrong = wrong[np.argsort(-result.confidence[wrong], kind="stable")]
    found = []
    for n in wrong[:MISTAKES]:
        pair = pairs[result.gold.pair_ids[n]]
        urls = [claims[id].urls if id in claims else [] for id in (pair.claim_id, pair.counterclaim_id)]
        found.append(
            Mistake(
                pair=pair,
                predicted=result.labels[result.predicted[n]],
                confidence=None if result.confidence is None else float(result.confidence[n]),
                claim_urls=urls[0],
                counterclaim_urls=urls[1],
            )
        )
    return found


@cache
def _template() -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bench"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html.j2")


def page(
    report: Report, result: Outcome, pairs: Sequence[Pair], claims: Sequence[ClaimRow], command: str
) -> str:
    """The page of a report.

    Args:
        report: the figures.
        result: the decisions that they were computed from.
        pairs: the gold pairs, for the texts of mistakes.
        claims: where claims were reported; may be empty.
        command: what makes the report again.
    """
    hard = next((part for part in report.slices if (part.field, part.value) == ("subset", "hard")), None)
    return _template().render(
        report=report,
        headline=HEADLINE,
        metrics=METRICS,
        hard=hard,
        plots=_plots(result),
        groups=_groups(report),
        mistakes=_mistakes(
            result, {pair.pair_id: pair for pair in pairs}, {row.claim_id: row for row in claims}
        ),
        command=command,
        number=lambda value: "–" if value is None else f"{value:.3f}",
    )
