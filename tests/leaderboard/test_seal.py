"""A sealed round from end to end, what it gives away, and what the commitment holds."""

import functools
import hashlib
import itertools
import json
import secrets

import msgspec
import numpy as np
import pytest

from bench.build import pair_rows, read_release
from bench.events import read_events
from bench.files import data_home
from bench.predictions import write_predictions
from bench.schema import Prediction
from leaderboard import init, reveal, seal, validate
from tests.conftest import CORPUS

EVENTS = CORPUS / "valid"
FIELDS = ["--name", "S", "--team", "T", "--kind", "closed", "--training-data", "none", "--test-seen", "no"]
FIELDS += ["--licence", "MIT", "--contact", "c"]


@pytest.fixture(scope="module", autouse=True)
def read_once():
    """The published events are read once for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seal, "read_events", functools.cache(seal.read_events))
        yield


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    """A round that has been sealed: what is published, and what is not."""
    folder = tmp_path_factory.mktemp("round")
    out, private = folder / "out", folder / "private"
    assert seal.main([str(EVENTS), str(out), "--private", str(private)]) == 0
    return out, private


@pytest.fixture
def copy(sealed, tmp_path):
    """The same, to be tampered with."""
    for source in sealed:
        (tmp_path / source.name).mkdir()
        for path in source.iterdir():
            (tmp_path / source.name / path.name).write_bytes(path.read_bytes())
    return tmp_path / "out", tmp_path / "private"


def test_from_end_to_end(copy, tmp_path, capsys):
    out, private = copy
    texts, folder = out / "pairs.jsonl", tmp_path / "submissions" / "a-system"
    rows = [json.loads(line) for line in texts.read_text().splitlines()]
    mine = tmp_path / "mine.jsonl"
    write_predictions(mine, [Prediction(pair_id=row["pair_id"], label="contradiction") for row in rows])
    # a participant, who has no labels
    submissions = ["--submissions", str(folder.parent)]
    assert (
        init.main(["a-system", "--predictions", str(mine), "--texts", str(texts), *submissions, *FIELDS]) == 0
    )
    assert validate.main([str(folder), "--texts", str(texts)]) == 0
    # a maintainer, who has
    assert validate.main([str(folder), "--gold", str(private / "gold.jsonl"), *submissions]) == 0
    printed = capsys.readouterr().out
    labels = [pair.label for event in events() for pair in pair_rows(event)]
    tp, size = labels.count("contradiction"), len(labels)
    assert f"a-system would take rank 1 of 1: Contradiction F1 {2 * tp / (size + tp):.3f}" in printed
    # the end
    assert reveal.main([str(out)]) == 2
    assert "gold.jsonl: cannot be read" in capsys.readouterr().err
    assert reveal.main([str(out), "--private", str(private)]) == 0
    assert reveal.main([str(out)]) == 0
    assert (out / "gold.jsonl").read_bytes() == (private / "gold.jsonl").read_bytes()
    assert validate.main([str(folder), "--gold", str(out / "gold.jsonl"), *submissions]) == 0


def events():
    return read_events(EVENTS, read_release().canary)


def test_texts_alone_are_published(sealed):
    out, _ = sealed
    assert sorted(path.name for path in out.iterdir()) == ["pairs.jsonl", "seal.json"]
    published = (out / "pairs.jsonl").read_text()
    rows = [json.loads(line) for line in published.splitlines()]
    assert {tuple(row) for row in rows} == {("pair_id", "claim", "counterclaim")}
    for event in events():
        for word in ("relation", "label", "votes", "speaker", *(claim.speaker for claim in event.claims)):
            assert f'"{word}"' not in published


def test_every_two_claims_in_both_directions_in_the_order_of_ids(sealed):
    rows = [json.loads(line) for line in (sealed[0] / "pairs.jsonl").read_text().splitlines()]
    ids = [row["pair_id"] for row in rows]
    assert ids == sorted(ids)
    wanted = [
        f"{event.event_id}/c{a}-c{b}"
        for event in events()
        for a, b in itertools.permutations(range(1, len(event.claims) + 1), 2)
    ]
    assert sorted(wanted) == ids


def test_labels_stay_with_their_texts():
    salt = bytes(32)
    turned = {(pair.claim, pair.counterclaim): pair for pair in seal.gold_pairs(events(), salt)}
    plain = {(pair.claim, pair.counterclaim): pair for event in events() for pair in pair_rows(event)}
    assert turned.keys() == plain.keys()
    for texts, pair in plain.items():
        ids = ("pair_id", "claim_id", "counterclaim_id")
        rest = {name: value for name, value in msgspec.structs.asdict(pair).items() if name not in ids}
        assert rest == {
            name: value for name, value in msgspec.structs.asdict(turned[texts]).items() if name not in ids
        }


def test_numbers_of_claims_say_nothing():
    """Over many salts, each claim gets each number about equally often, on its own and beside another."""
    event = events()[0]
    size = len(event.claims)
    texts = {claim.text: n for n, claim in enumerate(event.claims)}
    first, pairs = np.zeros((size, size)), np.zeros((size, size))
    for n in range(3000):
        new = seal.renumbered(event, n.to_bytes(32, "big"))
        order = [texts[claim.text] for claim in sorted(new.claims, key=lambda claim: claim.id)]
        for place, claim in enumerate(order):
            first[claim, place] += 1
        pairs[order[0], order[1]] += 1
    expected = 3000 / size
    assert ((first - expected) ** 2 / expected).sum() < 1.6 * size * size
    off = pairs[~np.eye(size, dtype=bool)]
    assert ((off - off.mean()) ** 2 / off.mean()).sum() < 2 * len(off)


def test_two_rounds_of_the_same_events_differ(sealed, tmp_path):
    assert seal.main([str(EVENTS), str(tmp_path / "out"), "--private", str(tmp_path / "private")]) == 0
    one, other = (json.loads((out / "seal.json").read_text()) for out in (sealed[0], tmp_path / "out"))
    assert one["commitment"] != other["commitment"]
    assert (sealed[1] / "salt").read_text() != (tmp_path / "private" / "salt").read_text()


def test_the_commitment_is_the_documented_hash(sealed):
    out, private = sealed
    salt = bytes.fromhex((private / "salt").read_text())
    content = b"CounterClaim sealed round 1\n" + salt + (private / "gold.jsonl").read_bytes()
    assert len(salt) == 32
    assert json.loads((out / "seal.json").read_text())["commitment"] == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_a_salt_of_another_length_is_refused(length):
    with pytest.raises(ValueError, match="32 bytes"):
        seal.commit(b"gold", bytes(length))


def tampered(copy, name, change, capsys):
    out, private = copy
    path = (private if name in ("gold.jsonl", "salt") else out) / name
    path.write_bytes(change(path.read_bytes()))
    assert reveal.main([str(out), "--private", str(private)]) == 2
    assert not (out / "gold.jsonl").exists()
    assert not (out / "salt").exists()
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        (
            "gold.jsonl",
            lambda b: b.replace(b'"contradiction"', b'"neutral"', 1),
            "are not those of the commitment",
        ),
        (
            "gold.jsonl",
            lambda b: b.replace(b'"ambiguous":false', b'"ambiguous":true', 1),
            "are not those of the commitment",
        ),
        ("gold.jsonl", lambda b: b + b"\n", "are not those of the commitment"),
        ("salt", lambda b: secrets.token_hex(32).encode(), "are not those of the commitment"),
        ("salt", lambda b: b[:20], "no salt, expected 32 bytes in hex"),
        ("salt", lambda b: b"not hex", "no salt, expected 32 bytes in hex"),
        ("salt", lambda b: b"\xff" * 64, "no salt, expected 32 bytes in hex"),
        ("pairs.jsonl", lambda b: b.replace(b"bridge", b"tunnel", 1), "the texts are not those of the seal"),
        (
            "seal.json",
            lambda b: b.replace(b'"commitment": "', b'"commitment": "0'),
            "are not those of the commitment",
        ),
        ("seal.json", lambda b: b"{}", "no seal"),
    ],
)
def test_what_has_been_changed_is_not_revealed(copy, capsys, name, change, expected):
    assert expected in tampered(copy, name, change, capsys)


def test_gold_of_other_texts_is_not_revealed(copy, capsys):
    """A commitment to labels of other texts than those that were published would bind nobody."""
    out, private = copy
    texts = (out / "pairs.jsonl").read_bytes().replace(b"bridge", b"tunnel", 1)
    (out / "pairs.jsonl").write_bytes(texts)
    made = json.loads((out / "seal.json").read_text()) | {"texts_sha256": hashlib.sha256(texts).hexdigest()}
    (out / "seal.json").write_text(json.dumps(made))
    assert reveal.main([str(out), "--private", str(private)]) == 2
    assert "the gold file is not of the published texts" in capsys.readouterr().err


def refused(arguments, capsys):
    assert seal.main([str(argument) for argument in arguments]) == 2
    return capsys.readouterr().err


def test_the_private_folder_is_outside_repository_and_publication(tmp_path, capsys):
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    inside = tmp_path / "repository" / "a" / "b"
    error = refused([EVENTS, tmp_path / "out", "--private", inside], capsys)
    assert "lies in the repository" in error
    error = refused([EVENTS, tmp_path / "out", "--private", tmp_path / "out" / "private"], capsys)
    assert "lies in the folder that is published" in error
    (tmp_path / "link").symlink_to(tmp_path / "repository")
    assert "lies in the repository" in refused(
        [EVENTS, tmp_path / "out", "--private", tmp_path / "link" / "x"], capsys
    )
    assert not (tmp_path / "out").exists()
    assert not inside.exists()


def test_a_round_is_not_sealed_twice(copy, capsys):
    out, private = copy
    before = {path: path.read_bytes() for folder in copy for path in folder.iterdir()}
    assert "is there already, expected a new folder for a new round" in refused(
        [EVENTS, out, "--private", private], capsys
    )
    assert before == {path: path.read_bytes() for folder in copy for path in folder.iterdir()}


def test_published_events_are_not_sealed(tmp_path, capsys):
    source = min((data_home() / "events").glob("*.json"))
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / source.name).write_bytes(source.read_bytes())
    error = refused([tmp_path / "events", tmp_path / "out", "--private", tmp_path / "private"], capsys)
    assert f"events: {source.stem}: is published already" in error
    assert "article in the published data and the sealed round" in error
    assert "nearly the same claim" in error
    assert not (tmp_path / "out").exists()


def test_events_are_checked(tmp_path, capsys):
    case = CORPUS / "events" / "closure_contradiction"
    error = refused([case, tmp_path / "out", "--private", tmp_path / "private"], capsys)
    assert "2020-05-bridge-closed.json" in error
    assert not (tmp_path / "private").exists()


def test_the_private_folder_is_for_its_owner_alone(sealed):
    assert sealed[1].stat().st_mode & 0o077 == 0


def test_texts_that_are_none(tmp_path, capsys):
    (tmp_path / "pairs.jsonl").write_text('{"pair_id":"x"}\n')
    assert validate.main([str(tmp_path), "--texts", str(tmp_path / "pairs.jsonl")]) == 2
    assert "no texts of a sealed round" in capsys.readouterr().err
