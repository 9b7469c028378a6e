"""The board -> the files of a static site, which needs neither network nor server.

    index.html              the board
    compare.html            any two systems beside each other
    systems/SLUG.html       a system; SLUG.report.html its full report, SLUG.json the same for programs
    disputes/index.html     the disputes; EVENT_ID.html one of them
    data/                   what the scripts read
    leaderboard.json, leaderboard.csv

The same submissions, data and code give the same bytes.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace

from bench.files import to_json
from bench.gold import SLICES
from bench.load import load_claims
from bench.metrics import METRICS
from bench.page import page
from bench.scoring import THRESHOLD
from bench.sufficient import outcome
from leaderboard.columns import COLUMNS, as_csv, as_json, compact, figures
from leaderboard.explorer import LETTERS, Dispute, Verdicts
from leaderboard.ladder import team_key
from leaderboard.layout import thumbnail
from leaderboard.render import clean, environment, script

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.report import Figure, Slice
    from leaderboard.ranking import Board, Entry
    from leaderboard.submission import Sent, Target

LISTED = 8
"""How many disputes a system's page lists as read best, and as read worst."""

_STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True)
class SliceRow:
    """A slice of a system's page: its figure, and the best value of any system there."""

    part: Slice
    figure: Figure
    best: float | None


@dataclass(frozen=True)
class Read:
    """How a system read a dispute: pairs that it has right, contradictions found and missed, false alarms."""

    dispute: Dispute
    right: int
    pairs: int
    found: int
    contradictions: int
    false_alarms: int


@dataclass(frozen=True)
class Site:
    """What the pages are made of; `sent` has every submission of the board, in any order."""

    board: Board
    sent: Sequence[Sent]
    target: Target
    disputes: Sequence[Dispute]

    @property
    def entries(self) -> list[Entry]:
        """The systems from the best down."""
        return self.board.entries

    @cached_property
    def bests(self) -> set[str]:
        """The slugs of the public best of every team, and of all baselines."""
        best: dict[str, Entry] = {}
        found = set()
        for entry in self.entries:
            if entry.submission.kind == "baseline":
                found.add(entry.slug)
            elif entry.accepted:
                key = team_key(entry.submission.team)
                if key not in best or entry.public_f1 > best[key].public_f1:
                    best[key] = entry
        return found | {entry.slug for entry in best.values()}

    @cached_property
    def by_slug(self) -> dict[str, Sent]:
        """The submissions by slug."""
        return {one.slug: one for one in self.sent}

    @cached_property
    def verdicts(self) -> Verdicts:
        """What the systems said."""
        return Verdicts(self.target.gold, [self.by_slug[entry.slug].predictions for entry in self.entries])

    @cached_property
    def scored(self) -> list[Dispute]:
        """The disputes that the systems were scored on."""
        return [dispute for dispute in self.disputes if self.verdicts.of(dispute) is not None]

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Path and content of every file."""
        for path in sorted(_STATIC.iterdir()):
            yield f"static/{path.name}", path.read_bytes()
        yield "leaderboard.json", as_json(self.board)
        yield "leaderboard.csv", as_csv(self.board)
        yield from self._board()
        yield from self._data()
        yield from self._systems()
        yield from self._disputes()

    def _render(self, template: str, root: str = "", **values: Any) -> bytes:
        made = environment().get_template(template)
        return made.render(root=root, board=self.board, systems=self.entries, **values).encode()

    def _board(self) -> Iterator[tuple[str, bytes]]:
        rows = [(entry, figures(entry)) for entry in self.entries]
        ends = [found[0].high or found[0].value or 0.0 for _, found in rows if found[0]]
        yield (
            "index.html",
            self._render(
                "board.html.j2",
                rows=rows,
                bests=self.bests,
                given=[n for n in range(len(COLUMNS)) if any(found[n] for _, found in rows)],
                most=max(np.ceil(max(ends, default=1.0) * 10) / 10, 0.1),
                fields=self._slice_fields(),
                older=[(older, [(e, figures(e)) for e in older.entries]) for older in self.board.archives],
            ),
        )
        yield "compare.html", self._render("compare.html.j2")

    def _slice_fields(self) -> list[tuple[str, list[tuple[int, Slice]]]]:
        """By title of a field: its slices, with their place among all."""
        if not self.entries:
            return []
        numbered = list(enumerate(self.entries[0].report.slices))
        groups = [
            (field.title, [(n, part) for n, part in numbered if part.field == field.name]) for field in SLICES
        ]
        return [(title, parts) for title, parts in groups if parts]

    def _data(self) -> Iterator[tuple[str, bytes]]:
        """What the scripts read."""
        yield (
            "data/systems.js",
            script(
                columns=[
                    {"short": c.short, "title": c.title, "better": c.better, "digits": c.digits}
                    for c in COLUMNS
                ],
                systems=[
                    {
                        "slug": entry.slug,
                        "name": clean(entry.submission.name, 60),
                        "team": clean(entry.submission.team),
                        "kind": entry.submission.kind,
                        "rank": entry.rank,
                        "figures": compact(figures(entry)),
                    }
                    for entry in self.entries
                ],
            ),
        )
        first = self.entries[0].report.slices if self.entries else []
        titles = {field.name: field.title for field in SLICES}
        yield (
            "data/slices.js",
            script(
                sliceLabels=[
                    [
                        titles[part.field],
                        part.value,
                        METRICS[name].title,
                        METRICS[name].higher_is_better,
                        part.pairs,
                    ]
                    for part in first
                    for name in list(part.figures)[:1]
                ],
                slices=[
                    compact([next(iter(part.figures.values())) for part in entry.report.slices])
                    for entry in self.entries
                ],
            ),
        )
        yield (
            "data/pairs.js",
            script(
                disputes=[
                    [
                        dispute.event.event_id,
                        dispute.event.title,
                        [[claim.id, claim.speaker, claim.text] for claim in dispute.event.claims],
                        dispute.gold,
                    ]
                    for dispute in self.scored
                ]
            ),
        )
        yield "data/differences.js", self._differences()
        said = [self.verdicts.of(dispute) or [] for dispute in self.scored]
        for n, entry in enumerate(self.entries):
            letters = "".join(rows[n] for rows in said)
            yield (
                f"data/said/{entry.slug}.js",
                f'counterclaim.said.set("{entry.slug}", "{letters}");\n'.encode(),
            )
        yield "data/search.js", script(searchTexts=[dispute.search_text for dispute in self.disputes])

    def _differences(self) -> bytes:
        """The upper triangle of the systems, row by row: difference, its interval, p, and p after Holm."""
        known = {frozenset((part.first, part.second)): part for part in self.board.comparison.differences}
        rows = []
        for one, other in itertools.combinations(self.entries, 2):
            part = known[frozenset((one.slug, other.slug))]
            value, low, high = part.difference.value, part.difference.low, part.difference.high
            if part.first != one.slug:
                value, low, high = (None if x is None else -x for x in (value, high, low))
            rows.append([None if x is None else round(x, 5) for x in (value, low, high, part.p, part.p_holm)])
        return script(differences=rows)

    def _systems(self) -> Iterator[tuple[str, bytes]]:
        pairs = [pair for dispute in self.scored for pair in dispute.pairs]
        claims = load_claims("test") if self.target.public else []
        names = {entry.slug: entry.submission.name for entry in self.entries}
        best = self._best_slices()
        reads = self._reads()
        for entry in self.entries:
            path = f"systems/{entry.slug}"
            ordered = sorted(
                reads[entry.slug],
                key=lambda read: (
                    read.right / read.pairs,
                    read.found / max(read.contradictions, 1),
                    read.dispute.event.event_id,
                ),
            )
            yield (
                f"{path}.html",
                self._render(
                    "system.html.j2",
                    "../",
                    entry=entry,
                    found=list(zip(COLUMNS, figures(entry), strict=True)),
                    names=names,
                    groups=_groups(entry, best),
                    worst=ordered[:LISTED],
                    read_best=ordered[::-1][:LISTED],
                ),
            )
            one = self.by_slug[entry.slug]
            command = f"python -m bench.evaluate predictions=leaderboard/submissions/{one.slug}/{one.predictions_path.name}"
            result = outcome(self.target.gold, one.predictions, THRESHOLD)
            system = replace(entry.report.system, name=clean(entry.submission.name, 60))
            yield (
                f"{path}.report.html",
                page(replace(entry.report, system=system), result, pairs, claims, command).encode(),
            )
            yield f"{path}.json", to_json(entry.report, digits=6)

    def _best_slices(self) -> list[float | None]:
        """The best value of any system on every slice."""
        found: list[float | None] = []
        for parts in zip(*(entry.report.slices for entry in self.entries), strict=True):
            name = next(iter(parts[0].figures))
            values = [v for part in parts if (v := next(iter(part.figures.values())).value) is not None]
            choose = max if METRICS[name].higher_is_better else min
            found.append(choose(values, default=None))
        return found

    def _reads(self) -> dict[str, list[Read]]:
        """By slug: how the system read every scored dispute."""
        reads: dict[str, list[Read]] = {entry.slug: [] for entry in self.entries}
        positive = LETTERS["contradiction"]
        for dispute in self.scored:
            gold = dispute.gold
            for entry, said in zip(self.entries, self.verdicts.of(dispute) or [], strict=True):
                two = [(g, s) for g, s in zip(gold, said, strict=True) if g.islower()]
                reads[entry.slug].append(
                    Read(
                        dispute=dispute,
                        right=sum((g == positive) == (s == positive) for g, s in two),
                        pairs=len(two),
                        found=two.count((positive, positive)),
                        contradictions=gold.count(positive),
                        false_alarms=said.count(positive) - two.count((positive, positive)),
                    )
                )
        return reads

    def _disputes(self) -> Iterator[tuple[str, bytes]]:
        shares = {
            dispute.event.event_id: right
            for dispute in self.scored
            if (right := self.verdicts.right(dispute)) is not None
        }
        yield (
            "disputes/index.html",
            self._render(
                "disputes.html.j2",
                "../",
                cards=[
                    (dispute, thumbnail(dispute.layout), shares.get(dispute.event.event_id))
                    for dispute in self.disputes
                ],
            ),
        )
        for before, dispute, after in zip(
            [None, *self.disputes[:-1]], self.disputes, [*self.disputes[1:], None], strict=True
        ):
            said = self.verdicts.of(dispute)
            share = shares.get(dispute.event.event_id)
            yield (
                f"disputes/{dispute.event.event_id}.html",
                self._render(
                    "dispute.html.j2",
                    "../",
                    dispute=dispute,
                    newer=before,
                    older=after,
                    verdicts=None
                    if said is None or share is None
                    else {"gold": dispute.gold, "said": said, "share": [round(float(x), 3) for x in share]},
                ),
            )


def _groups(entry: Entry, best: Sequence[float | None]) -> list[tuple[str, str, list[SliceRow]]]:
    """Title of a field, title of its metric, and a row for each value."""
    rows = [
        SliceRow(part, next(iter(part.figures.values())), top)
        for part, top in zip(entry.report.slices, best, strict=True)
    ]
    groups = []
    for field in SLICES:
        members = [row for row in rows if row.part.field == field.name]
        if len(members) > 1:
            groups.append((field.title, METRICS[next(iter(members[0].part.figures))].title, members))
    return groups
