"""Reads and checks event files.

What annotation asks for and a program can check is an error; what only hints at a fault (a pronoun that points
outside the claim, a reporting verb) is a warning.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import json.decoder
import json.scanner
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from bench.closure import closure_faults
from bench.issues import Issues, one_of, show
from bench.schema import (
    DISPUTES,
    DOMAINS,
    EVENT_ID,
    EXPRESSIONS,
    PARTIAL_DATE,
    REASONS,
    RELATIONS,
    SPEAKER_TYPES,
    Article,
    Claim,
    Event,
    Relation,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

CLAIMS_PER_EVENT = range(5, 10)
WORDS_PER_CLAIM = range(8, 41)
LONGEST_FILE = 1 << 20

AXES = {
    "contradiction": {"dispute": DISPUTES, "expression": EXPRESSIONS},
    "neutral": {"reason": REASONS},
}
_OUTWARD = re.compile(
    r"^(He|She|They|It|This|That|These|Those|Its|Their|His|Her|"
    r"The (report|statement|spokes\w+|incident|country|company|minister|ministry|government|police))\b"
)
_RELATIVE_TIME = re.compile(
    r"\b(yesterday|today|tomorrow|recently|(last|this|next) (night|week|month|year)|"
    r"on (Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b(?!,? \d)",
    re.IGNORECASE,
)
_REPORTING = re.compile(r"\b(said|says|claimed that|stated that|told reporters|insisted that|according to)\b")


class _Record(dict[str, Any]):
    """A JSON object that knows its line and the keys that it holds twice."""

    line: int
    twice: list[str]


def _decode(text: str) -> Any:
    """The JSON value of `text`, its objects as `_Record`."""

    def pairs_hook(pairs: list[tuple[str, Any]]) -> _Record:
        record = _Record(pairs)
        record.twice = [key for key, n in Counter(key for key, _ in pairs).items() if n > 1]
        return record

    def parse_object(state: tuple[str, int], *rest: Any) -> tuple[Any, int]:
        record, end = json.decoder.JSONObject(state, *rest)  # type: ignore[attr-defined]
        record.line = text.count("\n", 0, state[1]) + 1
        return record, end

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not JSON")

    decoder = json.JSONDecoder(object_pairs_hook=pairs_hook, parse_constant=refuse)
    decoder.parse_object = parse_object  # type: ignore[attr-defined]
    decoder.scan_once = json.scanner.py_make_scanner(decoder)  # type: ignore[attr-defined]
    return decoder.decode(text)


class _Check:
    """Checks one event file and reports into `issues`."""

    def __init__(self, path: Path, canary: str, issues: Issues) -> None:
        self.path, self.canary, self.issues = path, canary, issues
        self.at: dict[str, int] = {}

    def error(self, line: int, id: str, what: str, expected: str = "", got: object = None) -> None:
        self.issues.error(
            self.path, line, id, what=what, expected=expected, got="" if got is None else show(got)
        )

    def convert(self, record: Any, kind: type[msgspec.Struct], line: int, id: str) -> bool:
        """Report every field of `record` that `kind` does not allow; True where there is none."""
        if not isinstance(record, _Record):
            self.error(line, id, f"not a record of {kind.__name__.lower()}", "an object", record)
            return False
        before = len(self.issues.errors)
        fields = {field.name: field for field in msgspec.structs.fields(kind)}
        for key in record.twice:
            self.error(self.line(record, key), id, f"{key} is given twice", "once")
        for key in sorted(record.keys() - fields.keys()):
            self.error(self.line(record, key), id, f"unknown field {key}", one_of(fields))
        for name, field in fields.items():
            if name not in record:
                if field.required:
                    self.error(record.line, id, f"{name} is missing")
                continue
            if kind is Event and name in ("articles", "claims", "pairs"):
                if not isinstance(record[name], list):
                    self.error(self.line(record, name), id, f"{name} is no list", "a list", record[name])
                continue
            try:
                msgspec.convert(record[name], field.type)
            except msgspec.ValidationError:
                expected = str(getattr(field.type, "__name__", field.type))
                self.error(self.line(record, name), id, f"{name} has the wrong type", expected, record[name])
        return len(self.issues.errors) == before

    def line(self, record: _Record, key: str) -> int:
        """The line to name for a field: its own in the head of the event, else that of its record."""
        return self.at.get(key, record.line) if record.line == 1 else record.line

    def read(self) -> Event | None:
        """The event, or None where its shape is so wrong that the rules cannot be looked at."""
        try:
            if not self.path.is_file():
                self.error(0, "", "is no regular file")
                return None
            if self.path.stat().st_size > LONGEST_FILE:
                self.error(0, "", "file is too long", f"at most {LONGEST_FILE} bytes")
                return None
            text = self.path.read_bytes().decode("utf-8")
            raw = _decode(text)
        except json.JSONDecodeError as error:
            self.error(error.lineno, "", f"not JSON: {error.msg}")
            return None
        except UnicodeDecodeError as error:
            self.error(0, "", f"not UTF-8 at byte {error.start}")
            return None
        except (ValueError, RecursionError) as error:
            self.error(
                0, "", f"not JSON: {'nested too deeply' if isinstance(error, RecursionError) else error}"
            )
            return None
        except OSError as error:
            self.error(0, "", f"cannot be read: {error.strerror}")
            return None
        self.at = {
            key: text.count("\n", 0, text.find(f'"{key}"')) + 1
            for key in Event.__struct_fields__
            if f'"{key}"' in text
        }
        sound = self.convert(raw, Event, 1, "")
        if not isinstance(raw, _Record):
            return None
        for field, kind in (("articles", Article), ("claims", Claim), ("pairs", Relation)):
            records = raw.get(field)
            for n, record in enumerate(records if isinstance(records, list) else []):
                sound &= self.convert(record, kind, raw.line, _name(record, f"{field}[{n}]"))
        if not sound:
            return None
        event = msgspec.convert(raw, Event)
        lines = {field: [record.line for record in raw[field]] for field in ("articles", "claims", "pairs")}
        self.head(event)
        self.articles(event, lines["articles"])
        self.claims(event, lines["claims"])
        if self.ids([claim.id for claim in event.claims], lines["claims"], "c"):
            self.pairs(event, lines["pairs"])
        return event

    def vocabulary(
        self, line: int, id: str, field: str, value: str | None, allowed: Mapping[str, str]
    ) -> None:
        if value not in allowed:
            self.error(line, id, f"unknown {field}", one_of(allowed), value)

    def text(self, line: int, id: str, field: str, value: str) -> None:
        if value != value.strip() or not value:
            self.error(line, id, f"{field} is empty or has blanks around it", got=value)
        if value != unicodedata.normalize("NFC", value):
            self.error(line, id, f"{field} is not in Unicode's normal form NFC", got=value)
        if any(unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") for char in value):
            self.error(line, id, f"{field} has a control character", got=value)

    def date(self, line: int, id: str, field: str, value: str | None) -> None:
        if value is None:
            return
        try:
            sound = bool(PARTIAL_DATE.fullmatch(value) and dt.date.fromisoformat((value + "-01-01")[:10]))
        except ValueError:
            sound = False
        if not sound:
            self.error(line, id, f"{field} is no date", "yyyy-mm-dd, yyyy-mm or yyyy", value)

    def head(self, event: Event) -> None:
        if event.event_id != self.path.stem:
            self.error(
                self.at["event_id"],
                "",
                "event_id is not the file's name",
                repr(self.path.stem),
                event.event_id,
            )
        if not EVENT_ID.fullmatch(event.event_id):
            self.error(
                self.at["event_id"], "", "event_id has the wrong form", "yyyy-mm-some-words", event.event_id
            )
        elif not event.event_id.startswith(event.date[:7]):
            self.error(
                self.at["event_id"],
                "",
                "event_id is not of the event's month",
                event.date[:7],
                event.event_id,
            )
        if event.canary != self.canary:
            self.error(self.at["canary"], "", "wrong canary", repr(self.canary), event.canary)
        self.text(self.at["title"], "", "title", event.title)
        self.date(self.at["date"], "", "date", event.date)
        self.vocabulary(self.at["domain"], "", "domain", event.domain, DOMAINS)
        if not event.countries:
            self.error(self.at["countries"], "", "countries is empty")
        for code in event.countries:
            if not _is_country(code):
                self.error(
                    self.at["countries"], "", "unknown country", "an ISO 3166-1 alpha-2 code or XK", code
                )
        if len(set(event.countries)) < len(event.countries):
            self.error(self.at["countries"], "", "a country is given twice", got=event.countries)

    def ids(self, ids: list[str], lines: list[int], prefix: str) -> bool:
        """Report ids of the wrong form and ids that occur twice; True where there are none."""
        sound = True
        for n, (id, line) in enumerate(zip(ids, lines, strict=True)):
            if not re.fullmatch(rf"{prefix}[1-9]\d?", id):
                self.error(line, id, "id has the wrong form", f"{prefix} and a number", id)
            elif id in ids[:n]:
                self.error(line, id, "id is given twice", "once")
            else:
                continue
            sound = False
        return sound

    def articles(self, event: Event, lines: list[int]) -> None:
        self.ids([article.id for article in event.articles], lines, "a")
        cited = {id for claim in event.claims for id in claim.articles}
        seen: dict[str, str] = {}
        for article, line in zip(event.articles, lines, strict=True):
            if not re.fullmatch(r"https?://[^\s/?#]+\.[^\s/?#]+([/?#]\S*)?", article.url):
                self.error(line, article.id, "url is no web address", "http(s)://host/path", article.url)
            if article.url in seen:
                self.error(line, article.id, f"url is that of {seen[article.url]} too", got=article.url)
            seen.setdefault(article.url, article.id)
            self.text(line, article.id, "outlet", article.outlet)
            self.date(line, article.id, "published", article.published)
            if not _is_language(article.language):
                self.error(line, article.id, "unknown language", "an ISO 639-1 code", article.language)
            if article.id not in cited:
                self.error(line, article.id, "no claim cites this article")

    def claims(self, event: Event, lines: list[int]) -> None:
        if len(event.claims) not in CLAIMS_PER_EVENT:
            self.error(self.at["claims"], "", "wrong number of claims", "5 to 9", len(event.claims))
        known = {article.id for article in event.articles}
        texts: dict[str, str] = {}
        for claim, line in zip(event.claims, lines, strict=True):
            self.text(line, claim.id, "text", claim.text)
            self.text(line, claim.id, "speaker", claim.speaker)
            self.vocabulary(line, claim.id, "speaker_type", claim.speaker_type, SPEAKER_TYPES)
            self.date(line, claim.id, "asserted", claim.asserted)
            words = len(claim.text.split())
            if words not in WORDS_PER_CLAIM:
                self.error(line, claim.id, "wrong length of text", "8 to 40 words", words)
            if not claim.articles or not set(claim.articles) <= known:
                self.error(line, claim.id, "cites no article or an unknown one", got=claim.articles)
            if claim.text.casefold() in texts:
                self.error(line, claim.id, f"same text as {texts[claim.text.casefold()]}")
            texts.setdefault(claim.text.casefold(), claim.id)
            for pattern, what in (
                (_OUTWARD, "may point outside the claim"),
                (_RELATIVE_TIME, "relative time without a date"),
                (_REPORTING, "may report instead of claim"),
            ):
                if match := pattern.search(claim.text):
                    self.issues.warn(self.path, line, claim.id, what=what, got=repr(match[0]))

    def pairs(self, event: Event, lines: list[int]) -> None:
        order = {claim.id: n for n, claim in enumerate(event.claims)}
        seen: dict[tuple[str, str], str] = {}
        for pair, line in zip(event.pairs, lines, strict=True):
            id = f"{pair.a}-{pair.b}"
            if pair.a not in order or pair.b not in order:
                self.error(line, id, "pair of an unknown claim", got=id)
                continue
            if order[pair.a] >= order[pair.b]:
                self.error(line, id, "pair out of order", "the earlier claim as a", id)
                continue
            if (pair.a, pair.b) in seen:
                self.error(line, id, "pair is given twice", "once")
            seen[pair.a, pair.b] = pair.relation
            self.vocabulary(line, id, "relation", pair.relation, RELATIONS)
            axes = AXES.get(pair.relation, {})
            if pair.relation not in RELATIONS:
                continue
            for axis in ("dispute", "expression", "reason"):
                value = getattr(pair, axis)
                if axis in axes:
                    self.vocabulary(line, id, axis, value, axes[axis])
                elif value is not None:
                    self.error(line, id, f"{axis} on {pair.relation}", "none", value)
            for vote in pair.votes:
                if not is_vote(vote):
                    self.error(line, id, "unknown vote", "relation or relation:axis:...", vote)
        for a, b in itertools.combinations(order, 2):
            if (a, b) not in seen:
                self.error(self.at["pairs"], f"{a}-{b}", "pair is missing")
        for message in closure_faults(seen):
            self.error(self.at["pairs"], "", message)
        kinds = Counter(seen.values())
        if not kinds["contradiction"]:
            self.error(self.at["pairs"], "", "no contradiction in the event", "one at least")
        if not kinds["equivalence"] + kinds["entails"] + kinds["entailed_by"]:
            self.error(self.at["pairs"], "", "no agreeing or entailing pair in the event", "one at least")


def _name(record: Any, default: str) -> str:
    """What a message calls a record of an event file: its id, or its pair of claims."""
    if isinstance(record, dict):
        if isinstance(record.get("id"), str):
            return str(record["id"])
        if isinstance(record.get("a"), str) and isinstance(record.get("b"), str):
            return f"{record['a']}-{record['b']}"
    return default


def _is_country(code: str) -> bool:
    import pycountry

    return code == "XK" or (code.isupper() and pycountry.countries.get(alpha_2=code) is not None)


def _is_language(code: str) -> bool:
    import pycountry

    return code.islower() and len(code) == 2 and pycountry.languages.get(alpha_2=code) is not None


def is_vote(vote: str) -> bool:
    """Whether `vote` is a relation, alone or with all axes of that relation, each from its vocabulary."""
    relation, *values = vote.split(":")
    axes = list(AXES.get(relation, {}).values())
    return relation in RELATIONS and (
        not values
        or (len(values) == len(axes) and all(v in axis for v, axis in zip(values, axes, strict=True)))
    )


def read_events(
    folder: Path, canary: str, *, on_warning: Callable[[Issues], None] | None = None
) -> list[Event]:
    """Every event of a folder, checked, in order of date and id.

    Args:
        folder: holds one `EVENT_ID.json` an event.
        canary: the GUID that every event file must carry.
        on_warning: is given the collector when there are warnings.

    Raises:
        BadInputError: with every problem of every file.
    """
    issues = Issues()
    if not folder.is_dir():
        issues.error(folder, what="no such folder of events")
    paths = sorted(folder.glob("*.json"))
    if folder.is_dir() and not paths:
        issues.error(folder, what="no event in this folder", expected="EVENT_ID.json")
    events = [_Check(path, canary, issues).read() for path in paths]
    issues.raise_if_any()
    if issues.warnings and on_warning:
        on_warning(issues)
    return sorted((event for event in events if event), key=lambda event: (event.date, event.event_id))
