"""Opens a sealed round: `python -m leaderboard.seal EVENTS_DIR OUT --private DIR`.

Takes a split that nobody has seen, in the format of `data/events`, and publishes in OUT what participants need: the texts
of every pair, and a commitment to the labels. The labels and the salt go to a folder outside the repository; until
`python -m leaderboard.reveal` publishes them, only whoever has that folder can score.

What could give a label away stays back: labels, votes, disputes, reasons, speakers, sources and dates; and claims are
numbered anew in an order drawn from the salt, since an author tends to write a claim before what contradicts it. Both
directions of every two claims of an event are there, sorted by id, so that neither choice nor order says anything.

The commitment is SHA-256 over a fixed prefix, the salt (32 random bytes) and the gold file: as long as SHA-256 is
resistant to collisions nobody can open it to other labels, and without the salt no guess of the labels can be checked
(Halevi & Micali, Practical and provably-secure commitment schemes from collision-free hashing, 1996; as a random oracle).
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import random
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from bench.build import pair_rows, read_release
from bench.events import read_events
from bench.files import data_home, to_json, to_jsonl, write
from bench.ids import PairIds
from bench.issues import Issues, bad_input, command
from bench.leaks import leaks
from leaderboard.submission import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.schema import Event, Pair

SALT_BYTES = 32
TEXTS, SEAL, GOLD, SALT = "pairs.jsonl", "seal.json", "gold.jsonl", "salt"
_PREFIX = b"CounterClaim sealed round 1\n"


class Text(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pair as participants see it."""

    pair_id: str
    claim: str
    counterclaim: str


class Seal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is published beside the texts: `commitment` to the gold file, and the SHA-256 of the texts."""

    commitment: str
    texts_sha256: str
    pairs: int
    events: int


def commit(gold: bytes, salt: bytes) -> str:
    """The commitment to a gold file, in hex.

    Raises:
        ValueError: if the salt has not 32 bytes; the length is fixed so that salt and file cannot run into each other.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"the salt must have {SALT_BYTES} bytes, got {len(salt)}")
    return hashlib.sha256(_PREFIX + salt + gold).hexdigest()


def renumbered(event: Event, salt: bytes) -> Event:
    """The event with its claims numbered in an order drawn from salt and event id."""
    ids = [claim.id for claim in event.claims]
    order = random.Random(hmac.digest(salt, event.event_id.encode(), "sha256"))
    new = dict(zip(ids, order.sample(ids, len(ids)), strict=True))
    replace = msgspec.structs.replace
    return replace(
        event,
        claims=[replace(claim, id=new[claim.id]) for claim in event.claims],
        pairs=[replace(pair, a=new[pair.a], b=new[pair.b]) for pair in event.pairs],
    )


def gold_pairs(events: Iterable[Event], salt: bytes) -> list[Pair]:
    """The pairs of a sealed round with their labels, by id."""
    rows = (row for event in events for row in pair_rows(renumbered(event, salt)))
    return sorted(rows, key=lambda row: row.pair_id)


def texts_of(pairs: Iterable[Pair]) -> bytes:
    """The published file: the same pairs without anything but their texts."""
    return to_jsonl(
        Text(pair_id=pair.pair_id, claim=pair.claim, counterclaim=pair.counterclaim) for pair in pairs
    )


def read_texts(path: Path) -> list[Text]:
    """The pairs of a sealed round as participants see them.

    Raises:
        BadInputError: where the file cannot be read or a line of it is no such pair.
    """
    try:
        return msgspec.json.decode(b"[" + b",".join(path.read_bytes().splitlines()) + b"]", type=list[Text])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise bad_input(
            path, f"no texts of a sealed round: {error}", "made by `python -m leaderboard.seal`"
        ) from error


def texts_target(path: Path) -> Target:
    """A sealed round as its participants see it: predictions can be checked, and not scored."""
    return Target(PairIds([text.pair_id for text in read_texts(path)]), None)


def repository_of(path: Path) -> Path | None:
    """The repository that a path lies in, existing or not; None where it lies in none."""
    path = path.resolve()
    return next((folder for folder in (path, *path.parents) if (folder / ".git").exists()), None)


def seal(events: Sequence[Event], out: Path, private: Path) -> Seal:
    """Publish the texts and the commitment in `out`; leave gold and salt in `private`.

    Raises:
        BadInputError: where an event stands in the published data too, where `private` lies in a repository or in
            `out`, or where a round has been sealed there already. Nothing is written then.
    """
    issues = Issues()
    if repository := repository_of(private):
        issues.error(private, what=f"lies in the repository {repository}", expected="a folder outside it")
    elif private.resolve().is_relative_to(out.resolve()):
        issues.error(private, what="lies in the folder that is published", expected="a folder outside it")
    for path in (private / GOLD, private / SALT, out / TEXTS, out / SEAL):
        if path.exists():
            issues.error(path, what="is there already", expected="a new folder for a new round")
    public = read_events(data_home() / "events", read_release().canary)
    for leak in leaks({"the published data": public, "the sealed round": events}):
        issues.error("events", id=leak.event_id, what=leak.what, got=leak.other)
    for id in {event.event_id for event in public} & {event.event_id for event in events}:
        issues.error("events", id=id, what="is published already")
    issues.raise_if_any()
    salt = secrets.token_bytes(SALT_BYTES)
    pairs = gold_pairs(events, salt)
    gold, texts = to_jsonl(pairs), texts_of(pairs)
    made = Seal(
        commitment=commit(gold, salt),
        texts_sha256=hashlib.sha256(texts).hexdigest(),
        pairs=len(pairs),
        events=len(events),
    )
    private.mkdir(mode=0o700, parents=True, exist_ok=True)
    write(private / GOLD, gold)
    write(private / SALT, salt.hex().encode() + b"\n")
    write(out / TEXTS, texts)
    write(out / SEAL, to_json(made))
    return made


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m leaderboard.seal", description="Open a sealed round from a private split."
    )
    parser.add_argument(
        "events", type=Path, metavar="EVENTS_DIR", help="event files, in the format of data/events"
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="what is published goes here")
    parser.add_argument(
        "--private",
        type=Path,
        metavar="DIR",
        required=True,
        help="gold and salt go here, outside the repository",
    )
    options = parser.parse_args(arguments)
    made = seal(read_events(options.events, read_release().canary), options.out, options.private)
    print(f"{made.pairs:,} pairs of {made.events:,} events in {options.out}; commitment {made.commitment}")
    print(f"Keep {options.private}: without its salt the labels can never be shown to be those of today.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
