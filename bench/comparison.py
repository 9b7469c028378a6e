"""Two or more systems on the same gold: paired differences, and groups that cannot be told apart.

Differences are paired over events: each bootstrap replicate draws the same events for both systems. The p-value is
that of approximate randomisation over events: under the null hypothesis the two systems' predictions of an event
can be swapped. All pairs of systems share the draws and the swaps.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from bench.gold import SLICES, Gold, gold_of
from bench.metrics import HEADLINE, METRICS
from bench.predictions import read_predictions
from bench.report import Figure
from bench.resample import LEAST_EVENTS, figure_of, replicated
from bench.scoring import REPLICATES, THRESHOLD
from bench.sufficient import outcome

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from rich.table import Table

    from bench.formulas import Floats
    from bench.predictions import Predictions
    from bench.schema import Pair
    from bench.sufficient import Outcome

ALPHA = 0.05
"""Family-wise error rate at which two systems count as different."""

_BLOCK = 1 << 13


class Difference(Struct, frozen=True, kw_only=True):
    """`first` minus `second`, with interval, p-value, and the p-value after Holm's correction over all pairs."""

    first: str
    second: str
    difference: Figure
    p: float
    p_holm: float


class Standing(Struct, frozen=True, kw_only=True):
    """A system's value, the ranks that it may have, and the names of those it cannot be told apart from."""

    name: str
    figure: Figure
    best_rank: int
    worst_rank: int
    tied_with: list[str]

    @property
    def ranks(self) -> str:
        """Such as "2–4", or "7"."""
        return span(self.best_rank, self.worst_rank)


class Comparison(Struct, frozen=True, kw_only=True):
    """Systems from the best value down, and every pair of them.

    `randomisations` are as many as the replicates of the bootstrap, or more where Holm's correction over so many
    pairs could otherwise never fall below `ALPHA`.
    """

    metric: str
    randomisations: int
    standings: list[Standing]
    differences: list[Difference]


def span(best: int, worst: int) -> str:
    """A range of ranks as text, such as "2–4", or "7"."""
    return str(best) if best == worst else f"{best}–{worst}"


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted for all being looked at (Holm, A simple sequentially rejective test procedure, 1979)."""
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for n, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - n) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def compare_columns(
    gold: Gold,
    systems: Mapping[str, Predictions],
    *,
    threshold: float = THRESHOLD,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Comparison:
    """Compare predictions that are joined to gold already; see `compare`."""
    names = list(systems)
    kept = np.flatnonzero(~gold.ambiguous)
    stacked = np.stack(  # (events, systems, 2, 2)
        [outcome(gold, systems[name], threshold).detection(kept) for name in names], 1
    )
    metric = METRICS[HEADLINE]
    value = metric.function(stacked.sum(0))
    flat = stacked.reshape(gold.events, -1)
    drawn = replicated(
        lambda weights: metric.function((weights @ flat).reshape(-1, len(names), 2, 2)),
        gold.events,
        replicates,
        seed,
        flat.shape[1],
    )
    found = list(itertools.combinations(range(len(names)), 2))
    randomisations = max(replicates, math.ceil(2 * len(found) / ALPHA)) if replicates else 0
    extreme = exceedances(stacked, randomisations, seed)
    p_values = [float(p) for p in (extreme + 1) / (randomisations + 1)]
    adjusted = holm(p_values)
    differences = [
        Difference(
            first=names[i],
            second=names[j],
            difference=figure_of(value[i] - value[j], drawn[:, i] - drawn[:, j], metric.undefined),
            p=p,
            p_holm=q,
        )
        for (i, j), p, q in zip(found, p_values, adjusted, strict=True)
    ]
    different = {(i, j) for (i, j), q in zip(found, adjusted, strict=True) if q < ALPHA}
    different |= {(j, i) for i, j in different}
    standings = []
    for i in np.argsort(-value, kind="stable"):
        better = sum(bool((i, j) in different and value[j] > value[i]) for j in range(len(names)))
        worse = sum(bool((i, j) in different and value[j] < value[i]) for j in range(len(names)))
        standings.append(
            Standing(
                name=names[i],
                figure=figure_of(value[i], drawn[:, i], metric.undefined),
                best_rank=1 + better,
                worst_rank=len(names) - worse,
                tied_with=[names[j] for j in range(len(names)) if j != i and (i, j) not in different],
            )
        )
    return Comparison(
        metric=HEADLINE, randomisations=randomisations, standings=standings, differences=differences
    )


def exceedances(counts: Floats, randomisations: int, seed: int) -> NDArray[np.int64]:
    """In how many randomisations two systems differ at least as much as they do: (pairs of systems,).

    Args:
        counts: (events, systems, 2, 2) gold by predicted, contradiction or not.
        randomisations: each swaps any two systems in the same random half of the events.
        seed: of the draws.
    """
    function = METRICS[HEADLINE].function
    events, systems = counts.shape[:2]
    total = counts.sum(0).astype(np.float32)
    value = function(total)
    flat = counts.reshape(events, -1).T.astype(np.float32)  # counts are exact in it
    first, second = np.triu_indices(systems, 1)
    found = np.zeros(len(first), np.int64)
    generator = np.random.default_rng([seed, 1])
    for start in range(0, randomisations, _BLOCK):
        rows = min(_BLOCK, randomisations - start)
        swaps = generator.integers(2, size=(events, rows), dtype=np.int8).astype(np.float32)
        moved = (flat @ swaps).reshape(systems, 2, 2, rows)
        for n, (i, j) in enumerate(zip(first, second, strict=True)):
            gap = moved[i] - moved[j]
            one, other = (
                function(np.moveaxis(part, -1, 0))
                for part in (total[j, ..., None] + gap, total[i, ..., None] - gap)
            )
            found[n] += rows - np.count_nonzero(np.abs(one - other) < abs(value[i] - value[j]) - 1e-6)
    return found


def compare(
    pairs: Sequence[Pair],
    systems: Mapping[str, str | Path],
    *,
    threshold: float = THRESHOLD,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Comparison:
    """Compare two or more files of predictions by contradiction F1.

    Args:
        pairs: the gold pairs, such as `bench.load_pairs("test")`.
        systems: a file of predictions by the name of its system.
        threshold: from this score on a binary system says contradiction.
        replicates: of the bootstrap over events and of the randomisation.
        seed: of both.

    Raises:
        BadInputError: with every problem of a file.
        ValueError: if there are fewer than two systems, or no pairs.
    """
    if len(systems) < 2:
        raise ValueError("two systems or more are needed for a comparison")
    gold = gold_of(pairs)
    columns = {name: read_predictions(path, gold.pair_ids) for name, path in systems.items()}
    return compare_columns(gold, columns, threshold=threshold, replicates=replicates, seed=seed)


class SliceDifference(Struct, frozen=True, kw_only=True):
    """The paired difference of two systems on the pairs, of enough events, that share a value of a field."""

    field: str
    value: str
    metric: str
    pairs: int
    first: float | None
    second: float | None
    difference: Figure


class Contrast(Struct, frozen=True, kw_only=True):
    """Two systems on the same gold: how far apart, where, and on which pairs.

    `only_first` and `only_second` are the ids of the pairs that one system gets right (contradiction or not) and the
    other wrong.
    """

    headline: Difference
    slices: list[SliceDifference]
    only_first: list[str]
    only_second: list[str]


def contrast_columns(
    gold: Gold,
    systems: Mapping[str, Predictions],
    *,
    threshold: float = THRESHOLD,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Contrast:
    """Contrast exactly two systems that are joined to gold already; see `contrast`."""
    headline = compare_columns(
        gold, systems, threshold=threshold, replicates=replicates, seed=seed
    ).differences[0]
    results = [outcome(gold, predictions, threshold) for predictions in systems.values()]
    right = [(result.said == result.positive) & ~gold.ambiguous for result in results]

    def only(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> list[str]:
        return [gold.pair_ids[n] for n in np.flatnonzero(first & ~second & ~gold.ambiguous)]

    return Contrast(
        headline=headline,
        slices=_slice_differences(gold, results, replicates, seed),
        only_first=only(right[0], right[1]),
        only_second=only(right[1], right[0]),
    )


def _slice_differences(
    gold: Gold, results: Sequence[Outcome], replicates: int, seed: int
) -> list[SliceDifference]:
    tasks = []
    for field in SLICES:
        for value, members in gold.slices.get(field.name, {}).items():
            chosen = members[~gold.ambiguous[members]]
            if len(np.unique(gold.event[chosen])) >= LEAST_EVENTS:
                counts = np.stack([result.detection(chosen) for result in results], 1)
                tasks.append((field.name, value, METRICS[field.metrics[0]], len(chosen), counts))
    if not tasks:
        return []
    stacked = np.stack([counts for *_, counts in tasks], 1)  # (events, slices, 2, 2, 2)
    flat = stacked.reshape(gold.events, -1)

    def evaluate(weights: Floats) -> Floats:
        counts = (weights @ flat).reshape(-1, len(tasks), 2, 2, 2)
        return np.stack([task[2].function(counts[:, n]) for n, task in enumerate(tasks)], 1)

    point = evaluate(np.ones((1, gold.events)))[0]
    drawn = replicated(evaluate, gold.events, replicates, seed, flat.shape[1])
    return [
        SliceDifference(
            field=field,
            value=value,
            metric=metric.name,
            pairs=pairs,
            first=_number(point[n, 0]),
            second=_number(point[n, 1]),
            difference=figure_of(
                point[n, 0] - point[n, 1], drawn[:, n, 0] - drawn[:, n, 1], metric.undefined
            ),
        )
        for n, (field, value, metric, pairs, _) in enumerate(tasks)
    ]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def contrast(
    pairs: Sequence[Pair],
    systems: Mapping[str, str | Path],
    *,
    threshold: float = THRESHOLD,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Contrast:
    """Where two files of predictions differ: the headline, every slice, and the pairs that one gets right alone.

    Arguments and errors are those of `compare`; `systems` names exactly two.
    """
    if len(systems) != 2:
        raise ValueError("exactly two systems are needed for a contrast")
    gold = gold_of(pairs)
    columns = {name: read_predictions(path, gold.pair_ids) for name, path in systems.items()}
    return contrast_columns(gold, columns, threshold=threshold, replicates=replicates, seed=seed)


def contrast_table(found: Contrast, most: int = 12) -> Table:
    """The headline difference, and the slices whose interval leaves out 0, the largest differences first."""
    from rich.table import Table

    head = found.headline
    shown = Table(
        title=f"{head.first} minus {head.second}: {METRICS[HEADLINE].title} {head.difference}, p {head.p:.4f}".replace(
            "[", r"\["
        ),
        title_justify="left",
        caption=(
            f"Right alone: {head.first} {len(found.only_first):,} pairs, {head.second} {len(found.only_second):,}. "
            "Slices are looked at one by one: some intervals leave out 0 by chance."
        ),
        caption_justify="left",
    )
    for column in ("where", "metric", "pairs", head.first, head.second, "difference [95% interval]"):
        shown.add_column(column)
    apart = [part for part in found.slices if _leaves_out_zero(part.difference)]
    apart.sort(key=lambda part: -abs(part.difference.value or 0))
    for part in apart[:most]:
        values = ("–" if value is None else f"{value:.3f}" for value in (part.first, part.second))
        shown.add_row(
            f"{part.field}: {part.value}",
            METRICS[part.metric].title,
            f"{part.pairs:,}",
            *values,
            str(part.difference).replace("[", r"\["),
        )
    return shown


def _leaves_out_zero(figure: Figure) -> bool:
    return figure.low is not None and figure.high is not None and (figure.low > 0 or figure.high < 0)


def table(comparison: Comparison) -> Table:
    """The systems from the best down, with the ranks that each may have."""
    from rich.table import Table

    shown = Table(
        title=f"{METRICS[comparison.metric].title}, best first",
        title_justify="left",
        caption=f"Ranks and ties: paired over events, Holm-corrected, alpha {ALPHA}.",
        caption_justify="left",
    )
    for column in ("rank", "system", "value [95% interval]", "cannot be told apart from"):
        shown.add_column(column)
    for standing in comparison.standings:
        shown.add_row(
            standing.ranks,
            standing.name,
            str(standing.figure).replace("[", r"\["),
            ", ".join(standing.tied_with) or "–",
        )
    return shown
