"""The second, blind reading of events, and the third: `python -m bench.blind texts|merge|open`.

`texts` writes the claims of events alone, in shuffled order, for a reader who must see nothing else; below them the pairs
to read, where some of the event were read before. The reader answers with a line for every pair, in the form of a vote
(see data/ANNOTATION.md):

    3f9a1c07
    A-B contradiction:status:antonym
    A-C neutral:hedge
    B-C entails

`merge` adds the answers to the event files as second votes. `open` writes the pairs on whose relation two readings
differ, for a third reading in the same form; `merge` then lets the third vote decide.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import string
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bench.build import read_release
from bench.closure import closure_faults, converse
from bench.events import AXES, is_vote, read_events
from bench.files import data_home, write
from bench.issues import Issues, bad_input, command, one_of, show

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.schema import Event, Relation

_ANSWER = re.compile(r"([A-Z])-([A-Z])\s+(\S+)")
_KEY = re.compile(r"[0-9a-f]{8}")


def event_key(event: Event) -> str:
    """What stands for an event where its name must not be seen."""
    return hashlib.sha256(event.event_id.encode()).hexdigest()[:8]


def letters(event: Event) -> dict[str, str]:
    """The letter that stands for each claim; the order is shuffled, the same for the same event."""
    ids = [claim.id for claim in event.claims]
    random.Random(event.event_id).shuffle(ids)
    return dict(zip(ids, string.ascii_uppercase, strict=False))


def first_vote(pair: Relation) -> str:
    """The label of a pair as a vote."""
    axes = (getattr(pair, axis) for axis in AXES.get(pair.relation, {}))
    return ":".join([pair.relation, *axes])


def turned(vote: str) -> str:
    """The vote for (b, a), given that for (a, b)."""
    relation, *axes = vote.split(":")
    return ":".join([converse(relation), *axes])


def differs(pair: Relation) -> bool:
    """Whether two readings were made, and gave different relations."""
    return len(pair.votes) == 2 and pair.votes[0].split(":")[0] != pair.votes[1].split(":")[0]


def texts(event: Event) -> list[str]:
    """The key and the claims of an event, for a blind reader."""
    names = letters(event)
    claims = sorted((names[claim.id], claim.text) for claim in event.claims)
    return [event_key(event), *(f"{letter}: {text}" for letter, text in claims)]


def waiting(event: Event) -> list[str]:
    """The pairs of an event that wait for a second vote, as letters: "A-B"."""
    names = letters(event)
    return sorted("-".join(sorted((names[p.a], names[p.b]))) for p in event.pairs if len(p.votes) < 2)


def waiting_texts(events: Iterable[Event]) -> str:
    """The claims of the events with pairs that wait for a second vote; and the pairs, where only some of them wait."""
    lines = []
    for event in events:
        pairs = waiting(event)
        if pairs:
            lines += [*texts(event), *(pairs if len(pairs) < len(event.pairs) else ()), ""]
    return "\n".join(lines)


def open_pairs(events: Iterable[Event]) -> str:
    """The events on which two readings differ, with both votes, in an order that tells not whose is whose."""
    lines = []
    for event in events:
        names, cases = letters(event), []
        for pair in filter(differs, event.pairs):
            a, b, votes = names[pair.a], names[pair.b], list(pair.votes)
            if a > b:
                a, b, votes = b, a, [turned(vote) for vote in votes]
            random.Random(event.event_id + a + b).shuffle(votes)
            cases.append(f"{a}-{b}   {votes[0]}   {votes[1]}")
        if cases:
            lines += [*texts(event), *sorted(cases), ""]
    return "\n".join(lines)


def read_answers(path: Path, events: Sequence[Event]) -> dict[str, dict[tuple[str, str], str]]:
    """By event id: the vote for each pair (a, b) of claim ids, a before b in the event.

    Raises:
        BadInputError: with every line that is no answer, and every pair answered twice.
    """
    issues, by_key = Issues(), {event_key(event): event for event in events}
    found: dict[str, dict[tuple[str, str], str]] = {}
    event: Event | None = None
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise bad_input(path, f"cannot be read: {error}") from error
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or re.match(r"[A-Z]: ", line):
            continue
        if _KEY.fullmatch(line):
            event = by_key.get(line)
            if event is None:
                issues.error(path, number, line, what="unknown event")
            continue
        match = _ANSWER.fullmatch(line)
        if event is None or not match:
            issues.error(
                path, number, what="not an answer", expected="A-B VOTE below an event's key", got=show(line)
            )
            continue
        one, other, vote = match.groups()
        claim = {letter: id for id, letter in letters(event).items()}
        if one >= other or one not in claim or other not in claim:
            issues.error(
                path,
                number,
                what="unknown pair",
                expected="two letters of the event in order",
                got=f"{one}-{other}",
            )
        elif not is_vote(vote) or (":" not in vote and vote in AXES):
            issues.error(
                path,
                number,
                what="unknown vote",
                expected=one_of(
                    (
                        "entails",
                        "entailed_by",
                        "equivalence",
                        "contradiction:DISPUTE:EXPRESSION",
                        "neutral:REASON",
                    )
                ),
                got=show(vote),
            )
        else:
            order = [claim.id for claim in event.claims]
            a, b = claim[one], claim[other]
            if order.index(a) > order.index(b):
                a, b, vote = b, a, turned(vote)
            if (a, b) in found.setdefault(event.event_id, {}):
                issues.error(path, number, what=f"{one}-{other} is answered twice", expected="once")
            found[event.event_id][a, b] = vote
    issues.raise_if_any()
    return found


def merged(event: Event, answers: dict[tuple[str, str], str], path: Path) -> Event:
    """The event with the answers as second votes, or as third votes that decide.

    Raises:
        BadInputError: where a pair that waits for a second vote has no answer, or another is answered beside it,
            where one is answered that has three votes, or where the labels that come out break a rule of logic.
    """
    issues, pairs, names = Issues(), [], letters(event)
    second = waiting(event)
    for pair in event.pairs:
        vote, votes = answers.get((pair.a, pair.b)), pair.votes or [first_vote(pair)]
        both = "-".join(sorted((names[pair.a], names[pair.b])))
        if vote is None and both in second:
            issues.error(path, id=event_key(event), what=f"no answer for {both}")
        elif vote is not None and second and both not in second:
            issues.error(path, id=event_key(event), what=f"{both} does not wait for a second vote")
        elif vote is not None and len(votes) > 2:
            issues.error(path, id=event.event_id, what=f"{pair.a}-{pair.b} has three votes already")
        if vote is None or len(votes) < 2:
            pairs.append(msgspec.structs.replace(pair, votes=votes + [vote] * (vote is not None)))
        else:
            relation, *axes = vote.split(":")
            named = dict(zip(AXES.get(relation, {}), axes, strict=True))
            pairs.append(type(pair)(a=pair.a, b=pair.b, relation=relation, votes=[*votes, vote], **named))
    for fault in closure_faults({(pair.a, pair.b): pair.relation for pair in pairs}):
        issues.error(path, id=event.event_id, what=fault)
    issues.raise_if_any()
    return msgspec.structs.replace(event, pairs=pairs)


def format_event(event: Event) -> bytes:
    """An event file as it is committed: one record a line."""
    fields = msgspec.to_builtins(event)
    lines = []
    for name, value in fields.items():
        if name in ("articles", "claims", "pairs"):
            rows = ",\n".join("    " + json.dumps(row, ensure_ascii=False) for row in value)
            lines.append(f'  "{name}": [\n{rows}\n  ]')
        else:
            lines.append(f'  "{name}": {json.dumps(value, ensure_ascii=False)}')
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.blind",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("action", choices=("texts", "merge", "open"))
    parser.add_argument("answers", nargs="?", type=Path, help="the file of answers, for merge")
    parser.add_argument("--events", type=Path, metavar="DIR", help="event files (default: data/events)")
    parser.add_argument("--only", nargs="+", metavar="EVENT", help="texts of these events alone")
    options = parser.parse_args(arguments)
    folder = options.events or data_home() / "events"
    events = read_events(folder, read_release().canary)
    if options.action == "texts":
        chosen = (event for event in events if not options.only or event.event_id in options.only)
        print(waiting_texts(chosen), end="")
    elif options.action == "open":
        print(open_pairs(events), end="")
    elif options.answers is None:
        parser.error("merge needs a file of answers")
    else:
        answers = read_answers(options.answers, events)
        done = [
            merged(event, answers[event.event_id], options.answers)
            for event in events
            if event.event_id in answers
        ]
        for event in done:
            write(folder / f"{event.event_id}.json", format_event(event))
        left = sum(differs(pair) for event in done for pair in event.pairs)
        print(f"{len(done)} events merged; on {left} pairs two readings differ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
