"""How the pages show texts: everything that a submission brings is hostile.

Texts are escaped by Jinja2, isolated from the direction of what stands around them (`<bdi>`, in the templates), freed
of invisible characters and cut; addresses become links only where they are plain https.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from bench.metrics import METRICS
from bench.schema import DISPUTES, EXPRESSIONS, REASONS
from leaderboard.columns import COLUMNS, shown
from leaderboard.explorer import when
from leaderboard.fields import MARKS_IN_A_ROW, is_hidden, is_https

if TYPE_CHECKING:
    import jinja2

    from leaderboard.explorer import Dispute

_WEB = re.compile(r"https?://[^\s\"'<>\\`/?#@]+([/?#][^\s\"'<>\\`]*)?", re.IGNORECASE)
_USUAL_NAMES = {
    "BN": "Brunei",
    "CD": "Democratic Republic of the Congo",
    "PS": "Palestine",
    "RU": "Russia",
    "VA": "Vatican City",
    "XK": "Kosovo",
}


def clean(text: str, most: int = 80) -> str:
    """A text of at most `most` characters without what does not show as it is."""
    found: list[str] = []
    marks = 0
    for char in text[: 8 * most]:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if marks <= MARKS_IN_A_ROW:
            found.append("\N{REPLACEMENT CHARACTER}" if is_hidden(char) else char)
    whole = "".join(found)
    return whole if len(whole) <= most else whole[: most - 1] + "…"


def https(url: str | None) -> str:
    """The address, or nothing where it is no plain https address."""
    return url if url and len(url) <= 500 and is_https(url) else ""


def web(url: str) -> str:
    """The address of an article, or nothing where it is no http(s) address."""
    return url if _WEB.fullmatch(url) else ""


@cache
def country(code: str) -> str:
    """The usual English name of a country."""
    import pycountry

    found = pycountry.countries.get(alpha_2=code)
    formal = getattr(found, "common_name", getattr(found, "name", code))
    return _USUAL_NAMES.get(code, str(formal))


@cache
def language(code: str) -> str:
    """The English name of a language."""
    import pycountry

    found = pycountry.languages.get(alpha_2=code)
    return str(found.name).partition(" (")[0] if found else code


def script(**values: Any) -> bytes:
    """A script that sets values of `counterclaim`, which pages opened as files can load where they cannot fetch JSON."""
    body = msgspec.json.encode(values).decode()
    return f"Object.assign(globalThis.counterclaim ??= {{}}, {body});\n".encode()


def pair_facts(dispute: Dispute) -> list[list[Any]]:
    """The unordered pairs for a script: claims, relation, its axes, and how many readings there were."""
    return [
        [pair.a, pair.b, pair.relation, pair.dispute, pair.expression, pair.reason, len(pair.votes)]
        for pair in dispute.event.pairs
    ]


def used_meanings(dispute: Dispute) -> dict[str, dict[str, str]]:
    """The meanings of the values that the pairs of a dispute have, by axis."""
    return {
        axis: {value: words[value] for pair in dispute.event.pairs if (value := getattr(pair, axis))}
        for axis, words in (("dispute", DISPUTES), ("expression", EXPRESSIONS), ("reason", REASONS))
    }


@cache
def environment() -> jinja2.Environment:
    """The templates, with what they need to show values."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.PackageLoader("leaderboard"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "sort_keys": False}
    made.filters |= {
        "clean": clean,
        "https": https,
        "web": web,
        "country": country,
        "language": language,
        "when": when,
        "shown": shown,
        "small": lambda title: title[:1].lower() + title[1:],
        "words": lambda value: value.replace("_", " "),
    }
    made.globals |= {
        "country_names": lambda codes: sorted((country(code), code) for code in codes),
        "pair_facts": pair_facts,
        "used_meanings": used_meanings,
        "columns": COLUMNS,
        "metrics": METRICS,
        "meanings": {"dispute": DISPUTES},
    }
    return made
