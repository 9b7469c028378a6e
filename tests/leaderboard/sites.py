"""Small sites to look at: a few shipped disputes, and systems of which some come with hostile texts."""

from functools import cache
from pathlib import Path

import numpy as np

from bench.build import read_release
from bench.events import read_events
from bench.files import data_home
from bench.gold import gold_of
from bench.predictions import from_records
from bench.schema import LABELS, Prediction
from leaderboard.explorer import make_dispute
from leaderboard.ranking import archived, rank
from leaderboard.site import Site
from leaderboard.submission import Sent, Submission, Target

HOSTILE = (
    "<script>window.hurt=1;alert(1)</script>",
    '"><img src=x onerror="window.hurt=1;alert(2)">',
    "'-alert(3)-'{{7*7}}${7*7}</title><svg onload=alert(4)>",
    "\u202egnp.exe\u2066 [click](javascript:alert(5)) **bold**",
    '=HYPERLINK("javascript:alert(6)","x")</script><script>window.hurt=1</script>',
    "x" * 500 + "\u0300" * 400,
)
LINKS = (
    "javascript:window.hurt=1",
    "data:text/html,<script>window.hurt=1</script>",
    "https://ok.example/paper?a=1&b=2",
    'https://ok.example/" onmouseover="window.hurt=1',
    "//ok.example/x",
    "HTTPS://ok.example:8080/y#z",
)


@cache
def shipped():
    """Every event that ships, checked once."""
    return read_events(data_home() / "events", read_release().canary)


def events(most=6):
    release, found = read_release(), shipped()
    tests = [event for event in found if release.split(event.date) == "test"][:most]
    trains = [event for event in found if release.split(event.date) == "train"][:2]
    return [make_dispute(event, release) for event in reversed(trains + tests)]


def submission(name, **fields):
    told = {
        "team": "A team", "date": "2025-01-02", "kind": "open", "training_data": "none", "test_seen": "no",
        "licence": "MIT", "contact": "a@b.example",
    }  # fmt: skip
    return Submission(name=name, **(told | fields))


def made(slug, gold, share, seed, submitted, *, binary=False):
    """A system that is right on about a share of the pairs."""
    generator = np.random.default_rng(seed)
    rows = []
    for id, code in zip(gold.pair_ids.tolist(), gold.label, strict=True):
        scores = generator.dirichlet(
            np.where(np.arange(3) == (code if generator.random() < share else 1), 5, 1)
        )
        if binary:
            rows.append(Prediction(pair_id=id, score=float(scores[2])))
        else:
            by_label = dict(zip(LABELS, map(float, scores), strict=True))
            rows.append(Prediction(pair_id=id, label=max(by_label, key=by_label.get), scores=by_label))
    return Sent(slug, submitted, from_records(rows, gold.pair_ids), Path("predictions.jsonl"))


def site(*, hostile=True, disputes=None):
    """A site of four systems, or ten; of a team's two, the second is no step above the first."""
    disputes = disputes or events()
    pairs = [pair for dispute in disputes if dispute.split == "test" for pair in dispute.pairs]
    gold = gold_of(pairs)
    sent = [
        made(
            "good",
            gold,
            0.9,
            1,
            submission("Good", kind="closed", pairs_per_second=12.5, parameters=22_700_000),
        ),
        made("plain", gold, 0.4, 2, submission("Plain", kind="baseline", team="B")),
        made("binary", gold, 0.5, 3, submission("Binary", team="C", test_seen="possibly"), binary=True),
        made("again", gold, 0.9, 1, submission("Again", date="2025-02-03")),
    ]
    if hostile:
        for n, (text, link) in enumerate(zip(HOSTILE, LINKS, strict=True)):
            told = submission(
                text,
                team=f"{n}{text}",
                code=link,
                paper=link,
                training_data=text,
                hardware=text,
                licence=text,
                contact=text,
            )
            sent.append(made(f"hostile-{n}", gold, 0.5 + n / 30, 10 + n, told))
    target = Target(gold.pair_ids, gold)
    older = rank(sent[:2], target, replicates=20)
    board = rank(sent, target, archives=[archived(older)], replicates=60)
    return Site(board, sent, target, disputes)
