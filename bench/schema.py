"""The vocabulary and the records: what an event, an article, a claim, a pair and a prediction are.

Every vocabulary maps a value to its meaning in one line; the docs and the dataset card are written from them.
Where several values fit, the first in the order of the vocabulary is taken.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable

LABELS: Final = {
    "entailment": "if the claim holds, the counter-claim holds too",
    "neutral": "the counter-claim may hold or not hold beside the claim",
    "contradiction": "both cannot be true",
}
"""The label of a directed pair, in the field's standard order; the first text is the premise."""

NOT_CONTRADICTION: Final = "not_contradiction"
"""The other gold label of a binary data set, which does not tell entailment from neutral."""

RELATIONS: Final = {
    "contradiction": "both cannot be true; a careful reader finds it extremely unlikely that both hold",
    "equivalence": "each makes the other true",
    "entails": "a makes b true",
    "entailed_by": "b makes a true",
    "neutral": "anything else; suspicion and tension are neutral",
}
"""The relation of an unordered pair in an event file."""

DISPUTES: Final = {
    "communication": "whether something was said, asked, told, promised, signed or agreed",
    "quantity": "how many, how much, how large",
    "time": "when, how long, in which order",
    "place": "where",
    "actor": "who did it, who is responsible",
    "cause": "why it happened, what led to it",
    "manner": "how it happened: voluntary or forced, by which means, under which conditions",
    "status": "whether it still holds: left or remained, finished or going on, open or closed",
    "classification": "what it is or counts as: legal, safe, genuine, military",
    "intention": "what somebody plans or wants",
    "occurrence": "whether it happened or exists at all: what remains",
}
"""What a contradiction is about."""

EXPRESSIONS: Final = {
    "value": "two incompatible figures, dates or names fill the same slot",
    "negation": "one text negates what the other says",
    "antonym": "opposite words",
    "structure": "the same words, roles swapped",
    "modality": "a factive, modal or evidential shift",
    "lexical": "incompatible wording without any of these",
    "inference": "only ordinary knowledge beyond the words shows it",
}
"""How the two texts of a contradiction show it."""

REASONS: Final = {
    "supports": "one makes the other more likely without settling it",
    "undermines": "one makes the other less likely without ruling it out",
    "evasion": "an answer that denies something else than what was claimed",
    "no_knowledge": "does not know, cannot confirm",
    "no_comment": "declines to say",
    "different_time": "both hold, at different times; or a later figure",
    "different_scope": "another part, place, population",
    "different_definition": "another measure or meaning",
    "hedge": "possible, alleged, conditional",
    "plan_vs_act": "planned, threatened or forecast, and done",
    "opinion": "a judgement beside a fact",
    "range_overlap": "bounds or roundings that can both hold",
    "different_event": "a similar but different event",
    "unrelated_detail": "another point of the same story",
}
"""Why a neutral pair is neutral."""

EASY_REASONS: Final = frozenset({"different_event", "unrelated_detail"})
"""Neutrals of these reasons are not hard; every other pair belongs to the hard subset."""

DOMAINS: Final = {
    "diplomacy": "relations between states",
    "conflict": "war, attacks, armed groups",
    "politics": "parties, elections, government",
    "justice": "courts, police, prisons",
    "business": "companies and their dealings",
    "economy": "public money, prices, trade, work",
    "technology": "devices, software, networks",
    "science": "research and its findings",
    "health": "medicine and disease",
    "environment": "nature, climate, pollution",
    "disaster": "accidents and natural disasters",
    "sports": "sports and their bodies",
    "culture": "arts, media, heritage, religion",
    "society": "education, migration, daily life",
}
"""The field that a dispute belongs to."""

SPEAKER_TYPES: Final = {
    "government": "a state, its ministries and their officials",
    "military": "armed forces",
    "politician": "a politician or party out of government",
    "court": "a court, prosecutor or police authority",
    "company": "a company or its officers",
    "organisation": "any other organisation",
    "media": "a news outlet in its own voice",
    "expert": "a scientist or other specialist",
    "individual": "a person who speaks for nobody else",
    "armed_group": "an armed group that is no state's army",
    "sports_body": "a club, federation or league",
    "anonymous": "a source that the article does not name",
    "document": "a report, letter, law or record",
}
"""Who says it."""

SPLITS: Final = ("train", "validation", "test")
"""The splits, in time: train before validation before test."""

EVENT_ID: Final = re.compile(r"\d{4}-\d{2}(-[a-z0-9]+)+")
"""An event's id: the year and month of its date, then words."""

PARTIAL_DATE: Final = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
"""yyyy-mm-dd, yyyy-mm or yyyy."""


class Date(Struct, frozen=True, forbid_unknown_fields=True):
    """A date as precise as it is known; prints as yyyy-mm-dd, yyyy-mm or yyyy.

    The tables hold dates as such objects, since readers that guess types (Arrow's JSON reader, and with it
    Hugging Face `datasets`) would turn the strings into timestamps wherever a block happens to hold full dates only.
    """

    year: int
    month: int | None = None
    day: int | None = None

    @classmethod
    def parse(cls, text: str | None) -> Date | None:
        """The date that prints as `text`; None for None."""
        return None if text is None else cls(*map(int, text.split("-")))

    def __str__(self) -> str:
        """yyyy-mm-dd, yyyy-mm or yyyy."""
        parts = [f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part is not None)]
        return "-".join(parts)


class Article(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A page that reports the dispute. `copy` marks a repost: `outlet` is the original publisher."""

    id: str
    outlet: str
    url: str
    language: str
    published: str | None = None
    copy: bool = False


class Claim(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One self-contained proposition, who holds it, when it was said, and the articles that report it."""

    id: str
    text: str
    speaker: str
    speaker_type: str
    asserted: str | None = None
    articles: list[str]


class Relation(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """The label of an unordered pair of claims, and the readings that led to it.

    A vote is a relation, with its axes where the reading named them: `contradiction:quantity:value`,
    `neutral:hedge`, `entails`. The first is the curator's, the second a blind reader's, a third decided.
    """

    a: str
    b: str
    relation: str
    dispute: str | None = None
    expression: str | None = None
    reason: str | None = None
    votes: list[str] = []


class Event(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A dispute: its articles, its claims, and a label for every unordered pair of claims."""

    event_id: str
    title: str
    domain: str
    countries: list[str]
    date: str
    canary: str
    articles: list[Article]
    claims: list[Claim]
    pairs: list[Relation]


class Pair(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A row of the table `pairs`: one direction of one pair of claims of an event.

    `dispute` and `expression` are set for contradictions, `reason` for neutrals. `outlets` counts the distinct
    outlets that report the event. `votes` are the labels that single readings gave to this direction;
    `ambiguous` marks a pair whose three readings all differ.
    """

    pair_id: str
    event_id: str
    claim_id: str
    counterclaim_id: str
    claim: str
    counterclaim: str
    label: str
    dispute: str | None
    expression: str | None
    reason: str | None
    domain: str
    date: Date
    claim_speaker: str
    counterclaim_speaker: str
    claim_speaker_type: str
    counterclaim_speaker_type: str
    claim_languages: list[str]
    counterclaim_languages: list[str]
    claim_asserted: Date | None
    counterclaim_asserted: Date | None
    outlets: int
    ambiguous: bool
    votes: list[str]

    @property
    def hard(self) -> bool:
        """Whether the pair is anything but an easy neutral."""
        return self.reason not in EASY_REASONS


class ClaimRow(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A row of the table `claims`."""

    claim_id: str
    event_id: str
    text: str
    speaker: str
    speaker_type: str
    asserted: Date | None
    outlets: list[str]
    urls: list[str]
    archive_urls: list[str]
    languages: list[str]


class EventRow(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A row of the table `events`."""

    event_id: str
    title: str
    domain: str
    countries: list[str]
    date: Date
    articles: int
    outlets: list[str]
    languages: list[str]
    claims: int
    pairs: int
    contradictions: int
    entailments: int
    hard_neutrals: int
    canary: str


class Prediction(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What a system says of one pair: a label, the probability of every label, or that of contradiction."""

    pair_id: str
    label: str | None = None
    scores: dict[str, float] | None = None
    score: float | None = None


def digest(gold: Iterable[tuple[str, str]]) -> str:
    """SHA-256 over (pair_id, label) in the order of ids: it names exactly what predictions are scored against."""
    sha256 = hashlib.sha256()
    for pair_id, label in sorted(gold):
        sha256.update(f"{pair_id}\t{label}\n".encode())
    return sha256.hexdigest()
