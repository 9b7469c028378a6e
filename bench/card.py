"""The parts of the dataset card that are built: they stand between `<!-- built: NAME -->` and `<!-- /built -->`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bench.schema import (
    DISPUTES,
    DOMAINS,
    EXPRESSIONS,
    LABELS,
    REASONS,
    SPEAKER_TYPES,
    SPLITS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_BUILT = re.compile(r"(?P<open><!-- built: (?P<name>[\w-]+) -->\n).*?(?P<close><!-- /built -->)", re.DOTALL)


def render(card: str, sections: Mapping[str, str]) -> str:
    """The card with its built parts made anew; parts that `sections` does not name stay as they are."""

    def part(match: re.Match[str]) -> str:
        name = match["name"]
        return (
            match["open"] + sections[name].strip() + "\n" + match["close"] if name in sections else match[0]
        )

    return _BUILT.sub(part, card)


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; numbers get thousands separators and stand right."""
    names, cells = list(head), [list(row) for row in rows]
    right = [bool(cells) and all(isinstance(row[n], int | float) for row in cells) for n in range(len(names))]

    def cell(value: object) -> str:
        return f"{value:,}" if isinstance(value, int) else str(value).replace("|", r"\|")

    lines = ["| " + " | ".join(names) + " |", "|" + "|".join("--:" if r else "---" for r in right) + "|"]
    return "\n".join(lines + ["| " + " | ".join(map(cell, row)) + " |" for row in cells])


def manifest_sections(manifest: Mapping[str, Any]) -> dict[str, str]:
    """What the manifest and the vocabularies say: `counts`, `version` and `vocabulary`."""
    splits, cuts = manifest["splits"], manifest["cut_dates"]
    span = {
        "train": f"before {cuts['validation']}",
        "validation": f"{cuts['validation']} to before {cuts['test']}",
        "test": f"from {cuts['test']} on",
    }
    total = {
        key: sum(splits[split][key] for split in SPLITS)
        for key in ("events", "articles", "claims", "pairs", "hard_pairs", "ambiguous_pairs")
    }
    counts = table(
        ["split", "events dated", "events", "articles", "claims", "pairs", *LABELS, "hard", "ambiguous"],
        [
            [
                split,
                span[split],
                *(splits[split][key] for key in ("events", "articles", "claims", "pairs")),
                *(splits[split]["labels"].get(label, 0) for label in LABELS),
                splits[split]["hard_pairs"],
                splits[split]["ambiguous_pairs"],
            ]
            for split in SPLITS
        ]
        + [
            [
                "all",
                "",
                *(total[key] for key in ("events", "articles", "claims", "pairs")),
                *(sum(splits[split]["labels"].get(label, 0) for split in SPLITS) for label in LABELS),
                total["hard_pairs"],
                total["ambiguous_pairs"],
            ]
        ],
    )
    vocabularies = (
        ("`label`", LABELS),
        ("`dispute`: what a contradiction is about", DISPUTES),
        ("`expression`: how the two texts show it", EXPRESSIONS),
        ("`reason`: why a neutral pair is neutral", REASONS),
        ("`domain`", DOMAINS),
        ("`speaker_type`", SPEAKER_TYPES),
    )
    return {
        "version": f"Version {manifest['version']}. Canary GUID: `{manifest['canary']}`.",
        "counts": counts,
        "vocabulary": "\n\n".join(
            f"{title}\n\n" + table(["value", "meaning"], ([f"`{k}`", v] for k, v in words.items()))
            for title, words in vocabularies
        ),
    }
