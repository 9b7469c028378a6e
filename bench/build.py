"""Events -> the published tables and their manifest: `python -m bench.build [--check]`.

The tables are a function of the event files and of `configs/data.yaml` alone: same input, same bytes.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import yaml

from bench.card import manifest_sections, render
from bench.closure import converse
from bench.croissant import croissant
from bench.events import read_events
from bench.files import configs_home, data_home, to_json, to_jsonl, write
from bench.issues import Issues, bad_input, command
from bench.leaks import leaks
from bench.schema import EASY_REASONS, SPLITS, ClaimRow, Date, Event, EventRow, Pair, Relation, digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_DIFFERENCE_LINES = 20
_LABEL = {"equivalence": "entailment", "entails": "entailment", "entailed_by": "neutral"}


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the tables are built with besides the events: see `configs/data.yaml`."""

    version: str
    cut_dates: dict[str, str]
    canary: str

    def split(self, date: str) -> str:
        """The split that an event of this date, which may lack day or month, belongs to."""
        return max(
            (name for name in SPLITS[1:] if date >= self.cut_dates[name][: len(date)]),
            key=SPLITS.index,
            default=SPLITS[0],
        )


def read_release(path: Path | None = None) -> Release:
    """The release settings that ship with the package, or those in `path`.

    Raises:
        BadInputError: where they cannot be read.
    """
    path = path or configs_home() / "data.yaml"
    try:
        return msgspec.convert(yaml.safe_load(path.read_text("utf-8")), Release)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise bad_input(path, str(error)) from error


def is_ambiguous(relation: Relation) -> bool:
    """Whether three readings were made and no two of them gave the same relation."""
    kinds = [vote.split(":")[0] for vote in relation.votes]
    return len(kinds) >= 3 and len(set(kinds)) == len(kinds)


def label(relation: str) -> str:
    """The label of (a, b), premise first, given the relation of a to b."""
    return _LABEL.get(relation, relation)


def event_date(event: Event) -> Date:
    """The event's date as the tables hold it."""
    date = Date.parse(event.date)
    assert date is not None
    return date


def pair_rows(event: Event) -> Iterable[Pair]:
    """Both directions of every pair of an event, premise first.

    The neutral direction of a one-way entailment has the reason `supports`: what follows from a text makes it
    likelier without settling it.
    """
    claims = {claim.id: claim for claim in event.claims}
    language = {article.id: article.language for article in event.articles}
    outlets = len({article.outlet for article in event.articles})
    languages = {id: sorted({language[a] for a in claim.articles}) for id, claim in claims.items()}
    date = event_date(event)
    for pair in event.pairs:
        votes = [vote.split(":")[0] for vote in pair.votes]
        for first, second, turn in ((pair.a, pair.b, str), (pair.b, pair.a, converse)):
            one, other = claims[first], claims[second]
            value = label(turn(pair.relation))
            yield Pair(
                pair_id=f"{event.event_id}/{first}-{second}",
                event_id=event.event_id,
                claim_id=f"{event.event_id}/{first}",
                counterclaim_id=f"{event.event_id}/{second}",
                claim=one.text,
                counterclaim=other.text,
                label=value,
                dispute=pair.dispute,
                expression=pair.expression,
                reason=(pair.reason or "supports") if value == "neutral" else None,
                domain=event.domain,
                date=date,
                claim_speaker=one.speaker,
                counterclaim_speaker=other.speaker,
                claim_speaker_type=one.speaker_type,
                counterclaim_speaker_type=other.speaker_type,
                claim_languages=languages[first],
                counterclaim_languages=languages[second],
                claim_asserted=Date.parse(one.asserted),
                counterclaim_asserted=Date.parse(other.asserted),
                outlets=outlets,
                ambiguous=is_ambiguous(pair),
                votes=[label(turn(vote)) for vote in votes],
            )


def claim_rows(event: Event) -> Iterable[ClaimRow]:
    """The claims of an event, with where they were reported and where those pages are archived."""
    articles = {article.id: article for article in event.articles}
    for claim in event.claims:
        cited = [articles[id] for id in claim.articles]
        yield ClaimRow(
            claim_id=f"{event.event_id}/{claim.id}",
            event_id=event.event_id,
            text=claim.text,
            speaker=claim.speaker,
            speaker_type=claim.speaker_type,
            asserted=Date.parse(claim.asserted),
            outlets=sorted({article.outlet for article in cited}),
            urls=[article.url for article in cited],
            archive_urls=[
                f"https://web.archive.org/web/{(article.published or event.date).replace('-', '')}/{article.url}"
                for article in cited
            ],
            languages=sorted({article.language for article in cited}),
        )


def event_row(event: Event) -> EventRow:
    """One row that sums an event up; counts are of unordered pairs."""
    kinds = Counter(pair.relation for pair in event.pairs)
    return EventRow(
        event_id=event.event_id,
        title=event.title,
        domain=event.domain,
        countries=event.countries,
        date=event_date(event),
        articles=len(event.articles),
        outlets=sorted({article.outlet for article in event.articles}),
        languages=sorted({article.language for article in event.articles}),
        claims=len(event.claims),
        pairs=len(event.pairs),
        contradictions=kinds["contradiction"],
        entailments=kinds["equivalence"] + kinds["entails"] + kinds["entailed_by"],
        hard_neutrals=sum(
            pair.relation == "neutral" and pair.reason not in EASY_REASONS for pair in event.pairs
        ),
        canary=event.canary,
    )


def _retrieval(events: dict[str, list[Event]]) -> dict[str, bytes]:
    """The retrieval task in BEIR's layout: a document is relevant to a query if it contradicts it.

    The judgements stand in two forms: TSV as BEIR reads them, JSONL as Hugging Face does beside the other tables.
    """
    claims = [row for split in SPLITS for event in events[split] for row in claim_rows(event)]
    relevant: dict[str, list[tuple[str, str]]] = {
        split: [
            (pair.claim_id, pair.counterclaim_id)
            for event in events[split]
            for pair in pair_rows(event)
            if pair.label == "contradiction" and not pair.ambiguous
        ]
        for split in SPLITS
    }
    queries = {query for rows in relevant.values() for query, _ in rows}
    tables = {
        "retrieval/corpus.jsonl": to_jsonl(
            {"_id": row.claim_id, "title": "", "text": row.text} for row in claims
        ),
        "retrieval/queries.jsonl": to_jsonl(
            {"_id": row.claim_id, "text": row.text} for row in claims if row.claim_id in queries
        ),
    }
    for split, rows in relevant.items():
        lines = ["query-id\tcorpus-id\tscore"] + [f"{query}\t{claim}\t1" for query, claim in sorted(rows)]
        tables[f"retrieval/qrels/{split}.tsv"] = ("\n".join(lines) + "\n").encode()
        tables[f"retrieval/qrels/{split}.jsonl"] = to_jsonl(
            {"query-id": query, "corpus-id": claim, "score": 1} for query, claim in sorted(rows)
        )
    return tables


def build(events: Sequence[Event], release: Release) -> dict[str, bytes]:
    """Every published table and the manifest, by path below `data/`.

    Raises:
        BadInputError: where an article or a near-identical claim stands in two splits.
    """
    by_split: dict[str, list[Event]] = {split: [] for split in SPLITS}
    for event in events:
        by_split[release.split(event.date)].append(event)
    issues = Issues()
    for leak in leaks(by_split):
        issues.error("events", id=leak.event_id, what=leak.what, got=leak.other)
    issues.raise_if_any()

    tables: dict[str, bytes] = {}
    counts = {}
    for split, chosen in by_split.items():
        pairs = [row for event in chosen for row in pair_rows(event)]
        rows = [event_row(event) for event in chosen]
        tables[f"pairs/{split}.jsonl"] = to_jsonl(pairs)
        tables[f"claims/{split}.jsonl"] = to_jsonl(row for event in chosen for row in claim_rows(event))
        tables[f"events/{split}.jsonl"] = to_jsonl(rows)
        counts[split] = {
            "events": len(rows),
            "articles": sum(row.articles for row in rows),
            "claims": sum(row.claims for row in rows),
            "pairs": len(pairs),
            "labels": dict(sorted(Counter(pair.label for pair in pairs).items())),
            "hard_pairs": sum(pair.hard for pair in pairs),
            "gold_sha256": digest((pair.pair_id, pair.label) for pair in pairs),
            "ambiguous_pairs": sum(pair.ambiguous for pair in pairs),
        }
    tables |= _retrieval(by_split)
    manifest = {
        "name": "counterclaim",
        "version": release.version,
        "canary": release.canary,
        "cut_dates": release.cut_dates,
        "splits": counts,
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(tables.items())},
    }
    tables["manifest.json"] = to_json(manifest)
    tables["croissant.json"] = croissant(manifest)
    return tables


def rendered_card(path: Path, manifest: bytes) -> dict[str, bytes]:
    """The dataset card at `path` with its counts made anew, by its name; nothing where there is no card."""
    if not path.is_file():
        return {}
    sections = manifest_sections(msgspec.json.decode(manifest))
    return {path.name: render(path.read_text("utf-8"), sections).encode()}


def difference(path: Path, wanted: bytes) -> list[str]:
    """What would change in the file at `path` if `wanted` were written: lines of a short unified diff."""
    if not path.is_file():
        return [f"{path}: not there"]
    found = path.read_bytes()
    if found == wanted:
        return []
    lines = list(
        difflib.unified_diff(
            found.decode("utf-8", "replace").splitlines(),
            wanted.decode().splitlines(),
            f"{path} (on disk)",
            f"{path} (built)",
            lineterm="",
            n=0,
        )
    )
    shown = [line if len(line) <= 200 else line[:199] + "…" for line in lines[:_DIFFERENCE_LINES]]
    return shown + ([f"... and {len(lines) - len(shown)} more lines"] if len(lines) > len(shown) else [])


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.build", description=__doc__)
    parser.add_argument("--events", type=Path, metavar="DIR", help="event files (default: data/events)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the tables go (default: data)")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 where tables are out of step"
    )
    options = parser.parse_args(arguments)
    out = options.out or data_home()
    folder = options.events or data_home() / "events"
    release = read_release()
    events = read_events(folder, release.canary, on_warning=_print_warnings)
    tables = build(events, release)
    tables |= rendered_card(out / "README.md", tables["manifest.json"])
    if options.check:
        changes = [line for name, content in tables.items() for line in difference(out / name, content)]
        print("\n".join(changes) if changes else f"{len(tables)} files are in step with {len(events)} events")
        return 1 if changes else 0
    if out.exists() and not out.is_dir():
        raise bad_input(out, "is not a folder")
    for name, content in tables.items():
        write(out / name, content)
    print(f"{len(tables)} files from {len(events)} events in {out}")
    return 0


def _print_warnings(issues: Issues) -> None:
    for issue in issues.warnings:
        print(f"warning: {issue}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
