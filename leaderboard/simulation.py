"""What the Ladder prevents: `python -m leaderboard.simulation` prints the table of `leaderboard/README.md`.

Two teams without any skill send submission after submission and learn from nothing but the score that the board shows:

- boosting: random predictions; those with a good score vote on each pair, and the vote is sent last (Blum & Hardt 2015,
  section 4).
- climbing: the predictions of some random events of the best submission so far are drawn anew, and kept where the
  score went up.

Each "system" also predicts fresh events, which the board does not have: its F1 there is its true score, and what the board
shows above that is overfitting.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.resample import event_counts
from leaderboard.ladder import DIGITS, Ladder, Rung, f1_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bench.formulas import Floats

EVENTS, PAIRS, FRESH = 150, 40, 1500
CONTRADICTIONS = 1 / 6
ROUNDS = 1000
SEEDS = 10

Bools = NDArray[np.bool_]


class Shows(Protocol):
    """A board, as a team sees it."""

    def submit(self, counts: Floats) -> Rung:
        """The score that is shown, and whether it is a new best."""


class Plain:
    """A board that shows the score of every submission."""

    def __init__(self) -> None:
        self._best = -1.0

    def submit(self, counts: Floats) -> Rung:
        """The score, and whether no earlier one was as high."""
        score = round(f1_of(counts), DIGITS)
        accepted, self._best = score > self._best, max(score, self._best)
        return Rung(score, accepted)


class Outcome(NamedTuple):
    """Where an attack ended: the score on the board, the true score, and how often the public best moved."""

    public: float
    true: float
    moves: float


class World:
    """Events with labels that nothing predicts: `EVENTS` of the board, then `FRESH` others."""

    def __init__(self, seed: int) -> None:
        """Draw the labels."""
        self.generator = np.random.default_rng(seed)
        self.gold = self.generator.random((EVENTS + FRESH, PAIRS)) < CONTRADICTIONS

    def draw(self, events: int = EVENTS + FRESH) -> Bools:
        """Random predictions, half of them contradiction: (events, pairs)."""
        return self.generator.random((events, PAIRS)) < 0.5

    def counts(self, said: Bools, *, fresh: bool) -> Floats:
        """(events, 2, 2) counts of the board's events, or of the fresh ones."""
        part = slice(EVENTS, None) if fresh else slice(EVENTS)
        gold, predicted = self.gold[part], said[part]
        event = np.repeat(np.arange(len(gold)), PAIRS)
        return event_counts(gold.ravel(), predicted.ravel(), event, len(gold), 2)


class Team:
    """Sends submissions to a board, and remembers its public best."""

    def __init__(self, world: World, board: Shows) -> None:
        """Args: what is predicted, and who shows the scores."""
        self.world, self.board = world, board
        self.best, self.public, self.moves = np.zeros(world.gold.shape, bool), 0.0, 0

    def send(self, said: Bools) -> Rung:
        """What the board shows then."""
        rung = self.board.submit(self.world.counts(said, fresh=False))
        if rung.accepted:
            self.best, self.public, self.moves = said, rung.public_f1, self.moves + 1
        return rung

    def outcome(self) -> Outcome:
        """Where the team stands."""
        return Outcome(self.public, f1_of(self.world.counts(self.best, fresh=True)), self.moves)


def boosting(team: Team) -> None:
    """Random submissions, and the vote of the good ones. On a Ladder, the good ones are those that moved the best."""
    chance = CONTRADICTIONS / (CONTRADICTIONS + 0.5)  # F1 of such predictions
    votes, voters = np.zeros(team.best.shape, np.int64), 0
    for _ in range(ROUNDS - 1):
        said = team.world.draw()
        rung = team.send(said)
        if rung.accepted if isinstance(team.board, Ladder) else rung.public_f1 > chance:
            votes, voters = votes + said, voters + 1
    team.send(votes * 2 > voters)


def climbing(team: Team, changed: int = 10) -> None:
    """Draw the predictions of `changed` events of the public best anew, again and again."""
    generator = team.world.generator
    team.send(team.world.draw())
    for _ in range(ROUNDS - 1):
        said = team.best.copy()
        share = np.r_[
            generator.choice(EVENTS, changed, replace=False),
            EVENTS + generator.choice(FRESH, changed * FRESH // EVENTS, replace=False),
        ]
        said[share] = team.world.draw(len(share))
        team.send(said)


ATTACKS = {"boosting": boosting, "climbing": climbing}
BOARDS: dict[str, Callable[[], Shows]] = {
    "plain": Plain,
    "standard error alone": partial(Ladder, step=0.0),  # as in the parameter-free Ladder
    "Ladder": Ladder,
}


def run(seeds: Iterable[int]) -> dict[tuple[str, str], Outcome]:
    """Where each attack ends on each board, by the names of both: means over the seeds."""
    found = {}
    for attack, attacks in ATTACKS.items():
        for name, board in BOARDS.items():
            outcomes = []
            for seed in seeds:
                team = Team(World(seed), board())
                attacks(team)
                outcomes.append(team.outcome())
            found[attack, name] = Outcome(*(float(x) for x in np.mean(outcomes, 0)))
    return found


def main() -> None:
    """The command."""
    table = Table(
        title=f"{ROUNDS:,} submissions without skill, {EVENTS} events of {PAIRS} pairs, means of {SEEDS} runs",
        title_justify="left",
    )
    for column in ("attack", "board", "F1 on the board", "true F1", "too high by", "moves of the best"):
        table.add_column(column)
    for (attack, board), found in run(range(SEEDS)).items():
        gap = found.public - found.true
        table.add_row(
            attack, board, f"{found.public:.3f}", f"{found.true:.3f}", f"{gap:+.3f}", f"{found.moves:.1f}"
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
