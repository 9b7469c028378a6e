"""A dispute as a drawing: which claims stand against which, and where each stands on the page.

The sides are the cut of the claims in two that most contradictions cross and fewest agreements do (maximum cut; exact,
since a dispute has at most nine claims). The drawing has a column for each side, and claims that neither contradict
nor entail another stand beside the dispute. Everything is a function of the event: same event, same drawing.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.schema import Event, Relation

AGREEMENTS = ("equivalence", "entails", "entailed_by")
STEP = 50
"""Half the height of a claim in the drawing; claims stand at multiples of it."""

WIDTH = 100
"""Of the gap between the columns."""

_PULL = {"contradiction": -100.0, "equivalence": 40.0, "entails": 30.0, "entailed_by": 30.0}
_LEANING = {"supports": 3.0, "undermines": -2.0}
_SAME_SPEAKER = 10.0
_SWEEPS = 8


@dataclass(frozen=True)
class Edge:
    """A line between two claims: `d` between columns, `arc` where all claims stand in one column."""

    a: str
    b: str
    relation: str
    d: str
    arc: str


@dataclass(frozen=True)
class Layout:
    """Claims by column, from the top down, and the lines between them.

    Attributes:
        left: ids of the claims of one side, that of the claim asserted first.
        right: ids of the other side.
        beside: ids of the claims without a line.
        row: by id, the half rows above a claim of a side.
        rows: half rows of the drawing.
        edges: agreements before contradictions, so that these are drawn above.
    """

    left: list[str]
    right: list[str]
    beside: list[str]
    row: dict[str, int]
    rows: int
    edges: list[Edge]

    def side(self, claim: str) -> str:
        """`left`, `right` or `beside`."""
        return "left" if claim in self.left else "right" if claim in self.right else "beside"


def lay_out(event: Event) -> Layout:
    """Where the claims of an event stand."""
    ids = [claim.id for claim in event.claims]
    lines = [pair for pair in event.pairs if pair.relation in _PULL]
    tied = {id for pair in lines for id in (pair.a, pair.b)}
    first = {claim.id: (claim.asserted or "9999", n) for n, claim in enumerate(event.claims)}
    inside = sorted((id for id in ids if id in tied), key=first.__getitem__)
    sides = _sides(event, inside)
    left, right = _ordered(
        [id for id in inside if sides[id] > 0], [id for id in inside if sides[id] < 0], lines
    )
    rows = 2 * max(len(left), len(right), 1)
    row = {id: rows // 2 - len(column) + 2 * n for column in (left, right) for n, id in enumerate(column)}
    lines.sort(key=lambda pair: (pair.relation == "contradiction", ids.index(pair.a), ids.index(pair.b)))
    place = {id: n for n, id in enumerate(left + right)}
    edges = [
        Edge(
            a=pair.a,
            b=pair.b,
            relation=pair.relation,
            d=_curve(
                WIDTH * (pair.a in right), STEP * (row[pair.a] + 1),
                WIDTH * (pair.b in right), STEP * (row[pair.b] + 1),
            ),
            arc=_arc(place[pair.a], place[pair.b], len(place)),
        )
        for pair in lines
    ]  # fmt: skip
    return Layout(left, right, [id for id in ids if id not in tied], row, rows, edges)


def _sides(event: Event, claims: Sequence[str]) -> dict[str, int]:
    """1 or -1 for each claim, 1 for the first: the assignment that the pulls between claims favour most."""
    number = {id: n for n, id in enumerate(claims)}
    pull = np.zeros((len(claims), len(claims)))
    for pair in event.pairs:
        if pair.a in number and pair.b in number:
            pull[number[pair.a], number[pair.b]] = _PULL.get(
                pair.relation, _LEANING.get(pair.reason or "", 0)
            )
    speaker = {claim.id: claim.speaker for claim in event.claims}
    for a, b in itertools.combinations(claims, 2):
        pull[number[a], number[b]] += _SAME_SPEAKER * (speaker[a] == speaker[b])
    signs = np.array(list(itertools.product((1, -1), repeat=max(len(claims) - 1, 0))), dtype=np.float64)
    signs = np.hstack([np.ones((len(signs), 1)), signs.reshape(len(signs), -1)])[:, : len(claims)]
    best = signs[int(np.argmax(((signs @ pull) * signs).sum(1)))]
    return {id: int(best[n]) for id, n in number.items()}


def _ordered(left: list[str], right: list[str], lines: Sequence[Relation]) -> tuple[list[str], list[str]]:
    """Both columns in the order, of those tried, whose lines are shortest: sweeps of the barycentre heuristic."""
    near: dict[str, list[str]] = {id: [] for id in left + right}
    for pair in lines:
        near[pair.a].append(pair.b)
        near[pair.b].append(pair.a)

    def places(*columns: list[str]) -> dict[str, float]:
        return {id: n - len(column) / 2 for column in columns for n, id in enumerate(column)}

    def length(columns: tuple[list[str], list[str]]) -> float:
        at = places(*columns)
        return sum((at[pair.a] - at[pair.b]) ** 2 for pair in lines)

    def sweep(column: list[str], at: Mapping[str, float]) -> list[str]:
        centre = {id: sum(at[other] for other in near[id]) / len(near[id]) for id in column}
        return sorted(column, key=lambda claim: (round(centre[claim], 6), column.index(claim)))

    best = (left, right)
    for n in range(_SWEEPS):
        at = places(left, right)
        left, right = (sweep(left, at), right) if n % 2 else (left, sweep(right, at))
        if length((left, right)) < length(best):
            best = (left, right)
    return best


def _curve(x1: int, y1: int, x2: int, y2: int) -> str:
    """A line across the gap, or a bow at the edge of a column."""
    if x1 != x2:
        return f"M{x1} {y1}C{WIDTH // 2} {y1} {WIDTH // 2} {y2} {x2} {y2}"
    bow = min(14 + abs(y2 - y1) // 14, 44)
    reach = x1 + bow if x1 == 0 else x1 - bow
    return f"M{x1} {y1}C{reach} {y1} {reach} {y2} {x2} {y2}"


def _arc(a: int, b: int, count: int) -> str:
    """A bow to the left of a single column of `count` claims, in a box of 100 by `count` times 100."""
    y1, y2 = 100 * a + 50, 100 * b + 50
    reach = 100 - 128 * abs(a - b) // max(count - 1, 1)
    return f"M100 {y1}C{reach} {y1} {reach} {y2} 100 {y2}"


def thumbnail(layout: Layout) -> tuple[int, dict[str, str], list[tuple[int, int, str]]]:
    """The drawing in small: its height, a path by kind of line, and (x, y, side) of the dots, in a box 64 wide."""
    spot = {
        id: (8 if id in layout.left else 56, 8 * layout.row[id] + 12) for id in layout.left + layout.right
    }
    paths: dict[str, str] = {}
    for edge in layout.edges:
        (x1, y1), (x2, y2) = spot[edge.a], spot[edge.b]
        kind = "contradiction" if edge.relation == "contradiction" else "agreement"
        bend = "" if x1 != x2 else f"Q{x1 + (14 if x1 == 8 else -14)} {(y1 + y2) // 2} "
        paths[kind] = paths.get(kind, "") + f"M{x1} {y1}{bend or 'L'}{x2} {y2}"
    return 8 * layout.rows + 8, paths, [(*spot[id], layout.side(id)) for id in spot]
