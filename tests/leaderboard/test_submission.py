"""What a submission's folder may hold, and what becomes of it."""

import pytest

from bench.issues import BadInputError, Issues
from leaderboard.fields import FIELDS, read_fields
from leaderboard.submission import Submission, public_target, read_submission, submissions_home
from tests.leaderboard.samples import gold_pairs, submit, target_of

PAIRS = gold_pairs()
TARGET = target_of(PAIRS)


def test_a_sound_submission(tmp_path):
    sent = read_submission(
        submit(tmp_path / "a-system", PAIRS, parameters="22700000", code="https://example.org/x?y=1#z"),
        TARGET,
    )
    assert sent.slug == "a-system"
    assert sent.submission == Submission(
        name="A system",
        team="A team",
        date="2026-11-01",
        kind="open",
        code="https://example.org/x?y=1#z",
        parameters=22700000,
        training_data="Nothing.",
        test_seen="no",
        licence="MIT",
        contact="someone@example.org",
    )
    assert len(sent.predictions.labels) == len(PAIRS)
    assert sent.validation is None
    assert sent.run is None


def test_fields_are_those_of_the_record():
    assert tuple(FIELDS) == Submission.__struct_fields__
    required = {name for name, field in FIELDS.items() if field.required}
    assert required == {"name", "team", "date", "kind", "training_data", "test_seen", "licence", "contact"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),  # a word, not YAML 1.1's false
        ("'no'", "no"),
        ('"no"', "no"),
        (">\n  no\n", "no"),
    ],
)
def test_values_are_text(tmp_path, text, value):
    folder = submit(tmp_path / "a-system", PAIRS, test_seen=text)
    assert read_submission(folder, TARGET).submission.test_seen == value


@pytest.mark.parametrize("empty", ["", "~", "null", "''", "# nothing"])
def test_nothing_is_nothing(tmp_path, empty):
    submission = read_submission(
        submit(tmp_path / "a-system", PAIRS, code=empty, hardware=empty), TARGET
    ).submission
    assert submission.code is None
    assert submission.hardware is None


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "'**bold** [x](javascript:alert(1))'",
        "[red]x[/red]",
        "漢字 Система é",
        "=1+1",
    ],
)
def test_texts_with_markup_are_texts(tmp_path, name):
    folder = submit(tmp_path / "a-system", PAIRS, name=f'"{name}"' if "'" not in name else name)
    assert read_submission(folder, TARGET).submission.name == name.strip("'")


def test_all_fields_that_are_wrong_are_named_at_once(tmp_path):
    path = tmp_path / "submission.yaml"
    path.write_text("".join(f"{name}: '\\u202e'\n" for name in FIELDS).replace("'", '"'))
    issues = Issues()
    assert read_fields(path, issues) is None
    assert [issue.line for issue in issues.errors] == list(range(1, len(FIELDS) + 1))


def test_validation_and_run_of_the_public_round(tmp_path):
    target = public_target()
    folder = tmp_path / "a-system"
    source = submissions_home() / "majority"
    folder.mkdir()
    for path in source.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    validation = target.validation.pair_ids.tolist()
    (folder / "validation.jsonl").write_text(
        "".join(f'{{"pair_id":"{id}","label":"neutral"}}\n' for id in validation)
    )
    ids = sorted(claim.claim_id for claim in target.retrieval.claims)
    lines = [
        f"{query} Q0 {ids[0] if ids[0] != query else ids[1]} 1 1.0 x\n" for query in target.retrieval.relevant
    ]
    (folder / "run.trec").write_text("".join(lines))
    sent = read_submission(folder, target)
    assert len(sent.validation.labels) == len(validation)
    assert len(sent.run) == len(target.retrieval.relevant)
    (folder / "run.trec").write_text("".join(lines[1:]))
    with pytest.raises(BadInputError, match="no ranking for this query"):
        read_submission(folder, target)


def test_the_submissions_that_came_with_this_version_are_sound():
    target = public_target()
    names = set()
    for folder in submissions_home().iterdir():
        sent = read_submission(folder, target)
        names.add((sent.slug, sent.submission.kind))
    assert {"majority", "tfidf"} <= {slug for slug, kind in names if kind == "baseline"}


def test_a_sealed_round_has_no_labels(tmp_path):
    from leaderboard.submission import Target

    target = Target(TARGET.pair_ids, None)
    assert not target.labelled
    assert read_submission(submit(tmp_path / "a-system", PAIRS), target).slug == "a-system"
    with pytest.raises(ValueError, match="sealed"):
        _ = target.gold
