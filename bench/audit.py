"""What an auditor would ask of the data: `python -m bench.audit`.

Artefacts, leaks, agreement, spread, closure, provenance, texts; each figure beside its bar (`configs/audit.yaml`).
Writes `data/audit.json` and the built parts of the dataset card; exits with 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import yaml
from msgspec import Struct

from bench.agreement import AgreementReport
from bench.agreement import report as agreement_report
from bench.artefacts import Probe, panel
from bench.build import difference, read_release
from bench.card import render, table
from bench.closure import closure_faults
from bench.events import read_events
from bench.files import configs_home, data_home, to_json, write
from bench.issues import command
from bench.leaks import leaks
from bench.load import load_claims, load_pairs
from bench.schema import DISPUTES, DOMAINS, EASY_REASONS, EXPRESSIONS, REASONS, SPLITS
from bench.spread import Spread, rarest, spread, stories_told_twice

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from bench.agreement import Agreement
    from bench.schema import Event
    from bench.spread import Sources, Texts

_DIGITS = 3
_YEARS = [str(year) for year in range(2008, 2026)]


class Bar(Struct, frozen=True, kw_only=True):
    """A figure beside the bound that it must keep."""

    name: str
    value: float | None
    bound: float
    at_least: bool

    @property
    def kept(self) -> bool:
        """Whether the figure is there and keeps its bound."""
        if self.value is None:
            return False
        return self.value >= self.bound if self.at_least else self.value <= self.bound


class Audit(Struct, frozen=True, kw_only=True):
    """Everything that the audit finds."""

    version: str
    bars: list[Bar]
    artefacts: list[Probe]
    agreement: AgreementReport
    spread: Spread
    leaks: list[str]
    stories_told_twice: list[tuple[str, str]]
    closure_faults: list[str]


def audit(events: Sequence[Event], data_dir: Path, settings: Path | None = None) -> Audit:
    """Audit events and the tables that were built from them.

    Raises:
        BadInputError: where a table cannot be read.
    """
    release = read_release()
    bounds = yaml.safe_load((settings or configs_home() / "audit.yaml").read_text("utf-8"))
    splits: dict[str, list[Event]] = {split: [] for split in SPLITS}
    for event in events:
        splits[release.split(event.date)].append(event)
    claims = [row for split in SPLITS for row in load_claims(split, data_dir)]
    whole = Audit(
        version=release.version,
        bars=[],
        artefacts=panel(load_pairs("train", data_dir), load_pairs("test", data_dir), claims),
        agreement=agreement_report(events),
        spread=spread(events),
        leaks=[f"{leak.event_id}: {leak.what}: {leak.other}" for leak in leaks(splits)],
        stories_told_twice=stories_told_twice(events),
        closure_faults=[
            f"{event.event_id}: {fault}"
            for event in events
            for fault in closure_faults({(pair.a, pair.b): pair.relation for pair in event.pairs})
        ],
    )
    values = _values(whole, splits)
    bars = [
        Bar(name=name, value=values[name], bound=bound, at_least=side == "at_least")
        for side in ("at_least", "at_most")
        for name, bound in bounds[side].items()
    ]
    return msgspec.structs.replace(whole, bars=bars)


def _values(found: Audit, splits: Mapping[str, Sequence[Event]]) -> dict[str, float | None]:
    """Every figure that a bar can be set for."""
    counts, totals = found.spread, found.spread.totals
    contradictions = max(totals["contradictions"], 1)
    probes = {(probe.name, probe.subset): probe for probe in found.artefacts}
    test = splits["test"]
    values: dict[str, float | None] = {
        **{name: float(n) for name, n in totals.items()},
        "median_outlets_an_event": counts.sources.median_outlets_an_event,
        "countries": len(counts.country),
        "languages": len(counts.language),
        "outlets": counts.sources.outlets,
        "non_english_articles": counts.sources.non_english,
        "events_in_the_rarest_domain": rarest(counts.domain, DOMAINS),
        "events_in_the_rarest_year_from_2008_to_2025": rarest(counts.year, _YEARS),
        "test_events": len(test),
        "test_events_from_2023": sum(event.date >= "2023" for event in test),
        "contradictions_of_the_rarest_dispute": rarest(counts.dispute, DISPUTES),
        "contradictions_of_the_rarest_expression_but_structure": rarest(
            counts.expression, EXPRESSIONS.keys() - {"structure"}
        ),
        "pairs_of_the_rarest_hard_reason": rarest(counts.reason, REASONS.keys() - EASY_REASONS),
        "kappa_of_contradiction": found.agreement.contradiction.kappa,
        "share_of_pairs_read_twice": found.agreement.pairs / max(totals["unordered_pairs"], 1),
        "share_of_the_largest_domain": max(counts.domain.values()) / totals["events"],
        "share_of_the_largest_outlet": max(counts.sources.largest_outlets.values()) / counts.sources.articles,
        "share_of_negation_among_contradictions": counts.expression.get("negation", 0) / contradictions,
        "share_of_quantity_among_contradictions": counts.dispute.get("quantity", 0) / contradictions,
        "leaks_between_splits": len(found.leaks),
        "stories_told_twice": len(found.stories_told_twice),
        "closure_faults": len(found.closure_faults),
        "negation_mismatch_macro_f1_hard": probes["negation mismatch", "hard"].macro_f1.value,
        "overlap_auroc_hard": probes["overlap", "hard"].auroc.value,
    }
    for side in ("claim", "counterclaim"):
        values[f"{side}_only_accuracy_above_majority_hard"] = probes[
            f"{side} only", "hard"
        ].above_majority.value
    return values


def _agreement_row(name: str, figure: Agreement) -> list[object]:
    cells = [
        "–" if value is None else f"{value:.3f}" for value in (figure.observed, figure.kappa, figure.alpha)
    ]
    return [name, figure.units, *cells]


def _sources_line(sources: Sources) -> str:
    return (
        f"{sources.articles:,} articles of {sources.outlets:,} outlets, {sources.non_english:.0%} not in English, "
        f"{sources.reposts:,} read in a repost, {sources.undated:,} without a date on the page; "
        f"{sources.events_of_one_outlet} events rest on one outlet, the median event on "
        f"{sources.median_outlets_an_event:g}"
    )


def _texts_line(texts: Texts) -> str:
    words = ", ".join(f"{label} {n:.1f}" for label, n in texts.mean_words_by_label.items())
    negated = ", ".join(f"{label} {n:.0%}" for label, n in texts.share_negated_by_label.items())
    return (
        f"{texts.mean_words:.1f} words a claim in the mean; by label of the pairs: {words}. "
        f"{texts.share_negated:.0%} of the claims have a negation word; by label of the pairs: {negated}"
    )


def card_sections(found: Audit) -> dict[str, str]:
    """The parts of the dataset card that the audit builds: `agreement`, `artefacts`, `spread`, `bars`."""
    read, counts = found.agreement, found.spread
    names = list(read.confusion)
    columns = sorted({name for row in read.confusion.values() for name in row})
    agreement = table(
        ["label", "pairs", "observed agreement", "Cohen's kappa", "Krippendorff's alpha"],
        [
            _agreement_row("contradiction or not", read.contradiction),
            _agreement_row("contradiction, entailment, neutral", read.three_way),
            _agreement_row("all five relations", read.five_way),
            _agreement_row("dispute (both say contradiction)", read.axes.dispute),
            _agreement_row("expression (both say contradiction)", read.axes.expression),
            _agreement_row("reason (both say neutral)", read.axes.reason),
            *(_agreement_row(f"contradiction or not: {name}", row) for name, row in read.by_domain.items()),
        ],
    )
    confusion = table(
        ["first reading \\ second", *columns],
        [[name, *(read.confusion[name].get(column, 0) for column in columns)] for name in names],
    )
    fate = (
        f"{read.third_readings:,} pairs on which the two readings differ in relation were read a third time; "
        f"{read.changed:,} ended with another relation than the first reading's, and {read.ambiguous:,} are marked "
        "ambiguous."
    )
    artefacts = table(
        ["probe", "pairs", "accuracy", "above majority", "macro-F1, contradiction or not", "AUROC"],
        [
            [
                f"{p.name}, {p.subset}",
                p.pairs,
                str(p.accuracy),
                str(p.above_majority),
                str(p.macro_f1),
                str(p.auroc),
            ]
            for p in found.artefacts
        ],
    )

    def line(name: str, values: Mapping[str, int], most: int = 60) -> str:
        ordered = sorted(values.items(), key=lambda item: (-item[1], item[0]))
        shown = ", ".join(f"{key} {n:,}" for key, n in ordered[:most])
        return f"- **{name}** ({len(values)}): {shown}" + (", ..." if len(ordered) > most else "")

    sources = counts.sources
    spread_lines = "\n".join(
        [
            line("Relation of unordered pairs", counts.relation),
            line("Dispute", counts.dispute),
            line("Expression", counts.expression),
            line("Reason", counts.reason),
            line("Domain of events", counts.domain),
            f"- **Year of events**: {', '.join(f'{year} {n}' for year, n in counts.year.items())}",
            line("Country of events", counts.country, 30),
            line("Language of articles", counts.language),
            line("Type of speaker of claims", counts.speaker_type),
            line("Largest outlets", sources.largest_outlets),
            f"- **Sources**: {_sources_line(sources)}",
            f"- **Texts**: {_texts_line(counts.texts)}",
        ]
    )
    bars = table(
        ["figure", "value", "bar", "kept"],
        [
            [
                bar.name.replace("_", " "),
                "–" if bar.value is None else f"{bar.value:.4g}",
                ("at least " if bar.at_least else "at most ") + f"{bar.bound:g}",
                "yes" if bar.kept else "**no**",
            ]
            for bar in found.bars
        ],
    )
    share = f"{read.pairs:,} of {counts.totals['unordered_pairs']:,} unordered pairs have been read twice."
    return {
        "agreement": f"{share}\n\n{agreement}\n\n{confusion}\n\n{fate}" if read.pairs else share,
        "artefacts": artefacts,
        "spread": spread_lines,
        "bars": bars,
    }


def show(found: Audit, console: Console) -> None:
    """Print the bars, the artefact panel, agreement, and what is wrong."""
    from rich.markdown import Markdown

    sections = card_sections(found)
    for title, name in (
        ("Artefacts", "artefacts"),
        ("Agreement", "agreement"),
        ("Spread", "spread"),
        ("Bars", "bars"),
    ):
        console.print(Markdown(f"## {title}\n\n{sections[name]}"))
    for title, lines in (
        ("Leaks", found.leaks),
        ("Stories told twice", [" and ".join(pair) for pair in found.stories_told_twice]),
        ("Closure", found.closure_faults),
    ):
        for text in lines:
            console.print(f"{title}: {text}", highlight=False)


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit", description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR", help="events/ and the tables (default: data)")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 where the card is out of step"
    )
    parser.add_argument(
        "--links",
        action="store_true",
        help="ask every article's address instead, and list those that are gone",
    )
    options = parser.parse_args(arguments)
    data = options.data or data_home()
    from rich.console import Console

    console = Console()
    events = read_events(data / "events", read_release().canary)
    if options.links:
        from bench.links import check_links

        return check_links([article.url for event in events for article in event.articles], console)
    found = audit(events, data)
    files = {"audit.json": to_json(found, _DIGITS)}
    card = data / "README.md"
    if card.is_file():
        files["README.md"] = render(card.read_text("utf-8"), card_sections(found)).encode()
    missed = [bar for bar in found.bars if not bar.kept]
    if options.check:
        changes = [line for name, content in files.items() for line in difference(data / name, content)]
        print("\n".join(changes) if changes else "the audit in the card is in step with the data")
        return 1 if changes or missed else 0
    for name, content in files.items():
        write(data / name, content)
    show(found, console)
    for bar in missed:
        print(f"missed: {bar.name}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
