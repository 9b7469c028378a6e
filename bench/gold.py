"""Gold pairs as columns, and the slices that a report shows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bench.ids import PairIds
from bench.schema import LABELS, NOT_CONTRADICTION, Pair, digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_COUNTED = ("contradiction_f1", "contradiction_precision", "contradiction_recall", "false_alarm_rate")
_RECALL = ("contradiction_recall",)
_FALSE_ALARMS = ("false_alarm_rate",)


@dataclass(frozen=True)
class SliceField:
    """A way to cut the pairs: the values a pair has (none, one or more), and the metrics that make sense there."""

    name: str
    title: str
    values: Callable[[Pair], Iterable[str]]
    metrics: tuple[str, ...] = _COUNTED


def _known(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _outlets(pair: Pair) -> tuple[str]:
    return ("" if not pair.outlets else f"{pair.outlets}" if pair.outlets < 4 else "4 or more",)


def _explicitness(pair: Pair) -> tuple[str, ...]:
    return () if pair.expression is None else ("implicit" if pair.expression == "inference" else "explicit",)


SLICES = (
    SliceField("subset", "Subset", lambda pair: ("hard" if pair.hard else "easy",)),
    SliceField("dispute", "What is disputed", lambda pair: _known(pair.dispute), _RECALL),
    SliceField("expression", "How it is expressed", lambda pair: _known(pair.expression), _RECALL),
    SliceField("explicitness", "Explicit or implicit", _explicitness, _RECALL),
    SliceField("reason", "Why it is neutral", lambda pair: _known(pair.reason), _FALSE_ALARMS),
    SliceField("domain", "Domain", lambda pair: (pair.domain,)),
    SliceField("year", "Year", lambda pair: (str(pair.date.year),)),
    SliceField(
        "language", "Language of a source", lambda pair: {*pair.claim_languages, *pair.counterclaim_languages}
    ),
    SliceField(
        "speaker_type",
        "Type of a speaker",
        lambda pair: {pair.claim_speaker_type, pair.counterclaim_speaker_type},
    ),
    SliceField("outlets", "Outlets that report the event", _outlets),
)
"""Every way to cut the pairs, in the order in which reports show them."""


@dataclass(frozen=True)
class Gold:
    """What predictions are scored against.

    Attributes:
        labels: names of the gold labels, contradiction last.
        pair_ids: the n ids, each once.
        label: (n,) code of the label in `labels`.
        event: (n,) number of the event, the unit that is resampled.
        events: how many events there are.
        ambiguous: (n,) pairs that stay out of the figures.
        claims: (n, 2) numbers of premise and hypothesis, or None where pairs do not name them.
        slices: by field and value, the numbers of the pairs that belong there.
    """

    labels: tuple[str, ...]
    pair_ids: PairIds
    label: NDArray[np.int64]
    event: NDArray[np.int64]
    events: int
    ambiguous: NDArray[np.bool_]
    claims: NDArray[np.int64] | None
    slices: Mapping[str, Mapping[str, NDArray[np.int64]]]

    @cached_property
    def sha256(self) -> str:
        """Digest of ids and labels in the order of ids: what exactly was scored."""
        return digest(zip(self.pair_ids.tolist(), (self.labels[code] for code in self.label), strict=True))


def gold_of(pairs: Sequence[Pair]) -> Gold:
    """The columns of a list of pairs, in the order of their ids.

    With a pair that is only known to be no contradiction, all labels are folded to contradiction or not.

    Raises:
        ValueError: if there is no pair, or an id occurs twice.
    """
    if not pairs:
        raise ValueError("no pairs to score")
    pairs = sorted(
        pairs, key=lambda pair: pair.pair_id
    )  # so that neither figures nor draws hang on the order given
    binary = any(pair.label == NOT_CONTRADICTION for pair in pairs)
    names = (NOT_CONTRADICTION, "contradiction") if binary else tuple(LABELS)
    code = dict.fromkeys((*LABELS, NOT_CONTRADICTION), 0) | {name: n for n, name in enumerate(names)}
    ids = [pair.pair_id for pair in pairs]
    if len(set(ids)) < len(ids):
        raise ValueError("a pair_id occurs twice among the gold pairs")
    number: dict[str, int] = {}
    event = [number.setdefault(pair.event_id, len(number)) for pair in pairs]
    claim: dict[str, int] = {}
    for pair in pairs:
        for id in (pair.claim_id, pair.counterclaim_id):
            claim.setdefault(id, len(claim))
    return Gold(
        labels=names,
        pair_ids=PairIds(ids),
        label=np.array([code[pair.label] for pair in pairs], np.int64),
        event=np.array(event, np.int64),
        events=len(number),
        ambiguous=np.array([pair.ambiguous for pair in pairs]),
        claims=np.array([[claim[pair.claim_id], claim[pair.counterclaim_id]] for pair in pairs], np.int64),
        slices={field.name: _slices(pairs, field) for field in SLICES},
    )


def _slices(pairs: Sequence[Pair], field: SliceField) -> dict[str, NDArray[np.int64]]:
    """By value of a field: the numbers of the pairs that have it."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for n, values in enumerate(map(field.values, pairs)):
        for value in values:
            found[value].append(n)
    return {value: np.array(members, np.int64) for value, members in sorted(found.items()) if value}
