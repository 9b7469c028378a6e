"""What a text says on its surface: words, negation and its scope, numbers, dates and names."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import snowballstemmer
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from baselines.lexicon import NEGATORS

MONTHS = calendar.month_name[1:]
_NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
).split()
_NUMBERS = {word: float(n) for n, word in enumerate(_NUMBER_WORDS) if word != "one"} | {
    "thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "seventy": 70.0, "eighty": 80.0,
    "ninety": 90.0, "dozen": 12.0,
}  # fmt: skip
_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9}

_TOKEN = re.compile(r"\d+(?:[,.:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*|[,;:.!?()]")
_MONTH = "|".join(MONTHS)
_DATE = re.compile(
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+)?\b(?P<month>{_MONTH})\b"
    rf"(?:\s+(?P<after>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:|\.\d))?(?:,?\s+(?P<year>\d{{4}})\b)?"
    rf"|\b(?P<alone>(?:1[5-9]|20)\d\d)\b"
)
_SCOPE_ENDS = frozenset(", ; : . ! ? ( ) but although though while whereas".split())

Date = tuple[int | None, int | None, int | None]
"""Year, month and day, each None where it is not told."""


@dataclass(frozen=True)
class Reading:
    """What `read` finds in a text; every word is a stem in lower case.

    Attributes:
        words: all words, in order.
        content: the words that are no stop words.
        negators: how many words negate.
        negated: the content words in the scope of a negator: those after it, up to the end of the clause.
        numbers: values of numerals and number words that are no part of a date.
        dates: dates as far as they are told.
        names: words with a capital that do not begin a sentence.
    """

    words: tuple[str, ...]
    content: frozenset[str]
    negators: int
    negated: frozenset[str]
    numbers: frozenset[float]
    dates: frozenset[Date]
    names: frozenset[str]


_stemmer = snowballstemmer.stemmer("english")


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """The stem of a word by Porter's Snowball stemmer for English, in lower case."""
    return str(_stemmer.stemWord(word.casefold()))


_NEGATORS = frozenset(map(stem, NEGATORS))
_STOP_WORDS = ENGLISH_STOP_WORDS | {"st", "nd", "rd", "th"}


@lru_cache(maxsize=1 << 16)
def read(text: str) -> Reading:
    """Read a text, each once."""
    tokens = _TOKEN.findall(re.sub(r"n['’]t\b", " not", re.sub(r"['’]s\b", "", text)))
    words = [token for token in tokens if token[0].isalpha()]
    content = {stem(word) for word in words if word.casefold() not in _STOP_WORDS}
    negators, negated = 0, set()
    inside = False
    for token in tokens:
        if stem(token) in _NEGATORS:
            negators, inside = negators + 1, True
        elif token.casefold() in _SCOPE_ENDS:
            inside = False
        elif inside and stem(token) in content:
            negated.add(stem(token))
    dates, rest = _dates(text)
    return Reading(
        words=tuple(map(stem, words)),
        content=frozenset(content),
        negators=negators,
        negated=frozenset(negated),
        numbers=_numbers(rest),
        dates=dates,
        names=_names(tokens),
    )


def _dates(text: str) -> tuple[frozenset[Date], str]:
    """The dates of a text, and the text without them. A month without day and year is a date only if it is not May."""
    dates = set()

    def take(match: re.Match[str]) -> str:
        year, day = match["year"] or match["alone"], match["day"] or match["after"]
        if match["month"] == "May" and not year and not day:
            return match[0]
        month = MONTHS.index(match["month"]) + 1 if match["month"] else None
        dates.add((int(year) if year else None, month, int(day) if day else None))
        return " "

    rest = _DATE.sub(take, text)
    return frozenset(dates), rest


def _numbers(text: str) -> frozenset[float]:
    """Values of numerals (20:50 is read as 20.50) and number words but `one`, times the scales that follow."""
    found: list[float] = []
    scalable = False
    for token in _TOKEN.findall(text):
        word = token.casefold()
        value = _value(token) if token[0].isdigit() else _NUMBERS.get(word)
        if value is not None:
            found.append(value)
            scalable = True
        elif scalable and word in _SCALES:
            found[-1] *= _SCALES[word]
        else:
            scalable = False
    return frozenset(found)


def _value(numeral: str) -> float | None:
    plain = re.sub(r",(?=\d{3}\b)", "", numeral).replace(":", ".", 1)
    return float(plain) if re.fullmatch(r"\d+(\.\d+)?", plain) else None


def _names(tokens: list[str]) -> frozenset[str]:
    """Capitalised words that do not begin a sentence and are no month."""
    pairs = zip(chain(["."], tokens), tokens, strict=False)
    return frozenset(
        token.casefold()
        for before, token in pairs
        if token[0].isupper() and token not in MONTHS and before not in (".", "!", "?")
    )
