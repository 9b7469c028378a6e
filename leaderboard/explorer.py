"""The disputes as the explorer shows them, and what each system said of their pairs."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bench.build import Release, claim_rows, pair_rows, read_release
from bench.events import read_events
from bench.files import data_home
from bench.schema import LABELS
from bench.scoring import THRESHOLD
from bench.sufficient import outcome
from leaderboard.layout import AGREEMENTS, Layout, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from bench.gold import Gold
    from bench.predictions import Predictions
    from bench.schema import Article, Claim, Event, Pair, Relation

LETTERS = {name: name[0] for name in LABELS}
"""A label in compact data; x is what a binary system says where it does not say contradiction."""


@dataclass(frozen=True)
class Moment:
    """A date of the timeline, how long after the one before, the claims made then and the articles published then."""

    date: str
    since: str
    claims: list[Claim]
    articles: list[Article]


@dataclass(frozen=True)
class Source:
    """An article, where it is archived, and the claims that cite it."""

    article: Article
    archive_url: str
    claims: list[str]


@dataclass(frozen=True)
class Dispute:
    """An event as its page shows it; its pairs, both directions, go row by row of the matrix of its claims."""

    event: Event
    split: str
    layout: Layout
    pairs: list[Pair]

    @cached_property
    def claims(self) -> dict[str, Claim]:
        """By id."""
        return {claim.id: claim for claim in self.event.claims}

    @property
    def contradictions(self) -> list[Relation]:
        """Unordered pairs that cannot both be true."""
        return [pair for pair in self.event.pairs if pair.relation == "contradiction"]

    @property
    def agreements(self) -> list[Relation]:
        """Unordered pairs of which one makes the other true, or each the other."""
        return [pair for pair in self.event.pairs if pair.relation in AGREEMENTS]

    @property
    def kinds(self) -> list[str]:
        """What is disputed, the most frequent first."""
        found = [pair.dispute or "" for pair in self.contradictions]
        return sorted(set(found), key=lambda kind: (-found.count(kind), kind))

    @property
    def speakers(self) -> list[str]:
        """Everyone who says something, in the order of claims."""
        return list(dict.fromkeys(claim.speaker for claim in self.event.claims))

    def speakers_of(self, claims: Iterable[str]) -> list[str]:
        """Who holds these claims, the most frequent first."""
        found = [self.claims[id].speaker for id in claims]
        return sorted(dict.fromkeys(found), key=lambda name: -found.count(name))

    @property
    def gold(self) -> str:
        """A letter for each pair, a capital where the pair is ambiguous and counts for nothing."""
        letters = (LETTERS[pair.label] for pair in self.pairs)
        return "".join(
            letter.upper() if pair.ambiguous else letter
            for letter, pair in zip(letters, self.pairs, strict=True)
        )

    @property
    def timeline(self) -> list[Moment]:
        """From the first date to the last; what has no date is left out."""
        dates = {claim.asserted for claim in self.event.claims} | {
            article.published for article in self.event.articles
        }
        moments, before = [], ""
        for date in sorted(date for date in dates if date):
            moments.append(
                Moment(
                    date=date,
                    since=_since(before, date),
                    claims=[claim for claim in self.event.claims if claim.asserted == date],
                    articles=[article for article in self.event.articles if article.published == date],
                )
            )
            before = date
        return moments

    @property
    def sources(self) -> list[Source]:
        """The articles in their order."""
        archived = {
            url: archive
            for row in claim_rows(self.event)
            for url, archive in zip(row.urls, row.archive_urls, strict=True)
        }
        return [
            Source(
                article,
                archived[article.url],
                [claim.id for claim in self.event.claims if article.id in claim.articles],
            )
            for article in self.event.articles
        ]

    @property
    def search_text(self) -> str:
        """What a search looks through, in small letters."""
        parts = [self.event.title, *self.speakers, *(claim.text for claim in self.event.claims)]
        parts += [article.outlet for article in self.event.articles]
        return " ".join(dict.fromkeys(parts)).casefold()


def make_dispute(event: Event, release: Release) -> Dispute:
    """An event with its drawing and its directed pairs."""
    order = {claim.id: n for n, claim in enumerate(event.claims)}
    rows = {pair.pair_id: pair for pair in pair_rows(event)}
    ids = [f"{event.event_id}/{a}-{b}" for a in order for b in order if a != b]
    return Dispute(event, release.split(event.date), lay_out(event), [rows[id] for id in ids])


def read_disputes() -> list[Dispute]:
    """Every dispute of the data that ships with this version, the latest first.

    Raises:
        BadInputError: with every problem of an event file.
    """
    release = read_release()
    events = read_events(data_home() / "events", release.canary)
    return [make_dispute(event, release) for event in reversed(events)]


class Verdicts:
    """What systems said of every pair, a letter a pair."""

    def __init__(self, gold: Gold, systems: Sequence[Predictions]) -> None:
        """Args: the gold pairs, and the predictions of the systems in the order of the board."""
        self._gold = gold
        self._said = np.stack([_letters(gold, predictions) for predictions in systems])

    def of(self, dispute: Dispute) -> list[str] | None:
        """What each system said of the pairs of a dispute, in their order; None where they were not scored."""
        places = self._places(dispute)
        return None if places is None else [row.tobytes().decode("ascii") for row in self._said[:, places]]

    def right(self, dispute: Dispute) -> NDArray[np.float64] | None:
        """(pairs,) share of the systems that are right on a pair; None where the pairs were not scored.

        A binary system is right where it tells contradiction from the rest.
        """
        places = self._places(dispute)
        if places is None:
            return None
        gold = np.frombuffer(dispute.gold.lower().encode(), np.uint8)
        said = self._said[:, places]
        right = (said == gold) | ((said == ord("x")) & (gold != ord(LETTERS["contradiction"])))
        return np.asarray(right.mean(0))

    def _places(self, dispute: Dispute) -> NDArray[np.int64] | None:
        places = self._gold.pair_ids.find([pair.pair_id for pair in dispute.pairs])
        return None if (places < 0).any() else places


def _letters(gold: Gold, predictions: Predictions) -> NDArray[np.uint8]:
    """(n,) the letter of each decision."""
    result = outcome(gold, predictions, THRESHOLD)
    letters = "".join(LETTERS.values()) if result.three_way else "xc"
    return np.frombuffer(letters.encode(), np.uint8)[result.predicted]


def when(date: str) -> str:
    """`2008-10-08` as 8 October 2008, `2008-10` as October 2008."""
    parts = date.split("-")
    words = [parts[0]]
    if len(parts) > 1:
        words.insert(0, calendar.month_name[int(parts[1])])
    if len(parts) > 2:
        words.insert(0, str(int(parts[2])))
    return " ".join(words)


def _since(before: str, date: str) -> str:
    """How long after the date before; empty unless both are days."""
    if len(before) < 10 or len(date) < 10:
        return ""
    days = (dt.date.fromisoformat(date) - dt.date.fromisoformat(before)).days
    for unit, size in (("year", 365), ("month", 30), ("day", 1)):
        if days >= (2 if unit == "month" else 1) * size:
            n = days // size
            return f"{n} {unit}{'s' if n > 1 else ''} later"
    return ""
