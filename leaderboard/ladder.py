"""The Ladder: a team's public best moves only by more than a step, so that feedback cannot be climbed.

After Blum & Hardt, The Ladder: a reliable leaderboard for machine learning competitions, ICML 2015 (algorithms 1 and
2). The submissions of a team are taken in order of date. The first sets the public best. A later one becomes the
public best only where

    F1(new) - F1(best) > max(STEP, SE(F1(new) - F1(best)))

and otherwise the board shows the public best that was there. As in the parameter-free Ladder, the standard error is
that of the paired difference; here it is over events and of an F1, so that it is linearised: with the counts of event e,

    d_e = [2 tp_e - F1 (2 tp_e + fp_e + fn_e)] / (2 TP + FP + FN),    SE^2 = E / (E - 1) * sum_e (d_e - d'_e)^2

(the delta method for a ratio over clusters, Binder, On the variances of asymptotically normal estimators from complex
surveys, 1983). Unlike there, a step is never below `STEP`: two submissions that differ in a few events alone have a
small standard error, and without a floor a climber takes many small steps.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.formulas import Floats

STEP = 0.01
"""The least step, in F1."""

DIGITS = 3
"""Decimals of a public score: the board shows no more, so that a score says no more."""


class Rung(NamedTuple):
    """What the board may show after a submission: the team's public best, and whether this submission is it."""

    public_f1: float
    accepted: bool


def f1_of(counts: Floats) -> float:
    """F1 of counts (events, 2, 2), gold by predicted; 0 where no pair is or is said to be a contradiction."""
    _, fp, fn, tp = counts.sum(0).ravel()
    size = 2 * tp + fp + fn
    return float(2 * tp / size) if size else 0.0


def influences(counts: Floats) -> Floats:
    """d_e of every event: (events,); see the module's formula."""
    fp, fn, tp = counts[:, 0, 1], counts[:, 1, 0], counts[:, 1, 1]
    size = 2 * tp + fp + fn
    total = size.sum()
    return (2 * tp - f1_of(counts) * size) / total if total else np.zeros(len(counts))


def standard_error(new: Floats, best: Floats) -> float:
    """Standard error of F1(new) - F1(best), both of counts (events, 2, 2), paired over events."""
    events = len(new)
    if events < 2:
        return float("inf")
    return float(np.sqrt(events / (events - 1) * ((influences(new) - influences(best)) ** 2).sum()))


class Ladder:
    """A team's public best, moved by one submission after the other."""

    def __init__(self, step: float = STEP) -> None:
        """Args: the least step, in F1."""
        self.step = step
        self._best: Floats | None = None

    def submit(self, counts: Floats) -> Rung:
        """What the board may show after a submission with these counts (events, 2, 2)."""
        accepted = self._best is None or f1_of(counts) - f1_of(self._best) > max(
            self.step, standard_error(counts, self._best)
        )
        if accepted:
            self._best = counts
        assert self._best is not None
        return Rung(round(f1_of(self._best), DIGITS), accepted)


def team_key(team: str) -> str:
    """What two ways to write a team's name have in common."""
    return " ".join(unicodedata.normalize("NFKC", team).casefold().split())


def climb(submissions: Sequence[tuple[str, str, str, Floats]]) -> dict[str, Rung]:
    """By slug: what the board may show. Submissions are (team, date, slug, counts); a team's are taken by date, then slug."""
    ladders: dict[str, Ladder] = {}
    return {
        slug: ladders.setdefault(team_key(team), Ladder()).submit(counts)
        for team, _, slug, counts in sorted(submissions, key=lambda sent: sent[1:3])
    }
