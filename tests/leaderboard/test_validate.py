"""`python -m leaderboard.validate` and `changes`: what a team reads before anybody else does."""

import subprocess
import sys

import pytest

from leaderboard import changes, validate
from leaderboard.submission import submissions_home
from tests.conftest import ROOT
from tests.leaderboard.samples import gold_file, gold_pairs, submit

PAIRS = gold_pairs(events=30)


@pytest.fixture
def place(tmp_path):
    """A gold file, and a folder of two submissions."""
    gold = gold_file(tmp_path / "gold.jsonl", PAIRS)
    for slug, skill in (("good", 0.9), ("poor", 0.0)):
        submit(tmp_path / "submissions" / slug, PAIRS, skill, team=slug)
    return gold, tmp_path / "submissions"


def run(folder, place):
    return validate.main([str(folder), "--gold", str(place[0]), "--submissions", str(place[1])])


def test_figures_rank_and_ties(place, tmp_path, capsys):
    assert run(submit(tmp_path / "mine" / "new", PAIRS, 0.9, seed=2), place) == 0
    out = capsys.readouterr().out
    assert "Contradiction F1" in out
    assert "Macro-F1" in out
    assert "new would take rank 1–2 of 3: Contradiction F1 0." in out
    assert "It cannot be told apart from good." in out
    assert "it is the team's public best" in out
    assert "counterclaim:" in out


def test_an_existing_submission_is_ranked_among_the_others(place, capsys):
    assert run(place[1] / "poor", place) == 0
    out = capsys.readouterr().out
    assert "poor would take rank 2 of 2" in out
    assert "It cannot be told apart from no other system." in out


def test_a_copy_is_noticed(place, tmp_path, capsys):
    assert run(submit(tmp_path / "mine" / "copy", PAIRS, 0.9, team="good", date="2026-11-02"), place) == 0
    out = capsys.readouterr().out
    assert "Note: the same file of predictions as good." in out
    assert "it does not move the team's public best by a step" in out


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"date": "2099-01-01"},
            "submission.yaml: date is in the future, expected the day of the submission, got 2099-01-01",
        ),
        (
            {"kind": "baseline"},
            "submission.yaml: kind is baseline, expected open or closed: baselines are this project's own",
        ),
    ],
)
def test_what_a_record_alone_does_not_tell(place, tmp_path, capsys, fields, expected):
    assert run(submit(tmp_path / "mine" / "new", PAIRS, **fields), place) == 2
    assert expected in capsys.readouterr().err


def test_a_folder_that_is_not_there(place, tmp_path, capsys):
    assert run(tmp_path / "absent", place) == 2
    assert capsys.readouterr().err.strip().endswith("absent: cannot be read: No such file or directory")


@pytest.mark.slow
def test_the_command_on_the_public_split():
    done = subprocess.run(
        [sys.executable, "-m", "leaderboard.validate", "leaderboard/submissions/negation"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "negation would take rank " in done.stdout


@pytest.fixture
def head(tmp_path):
    """All submissions as a pull request leaves them, which changes nothing yet."""
    head = tmp_path / "head"
    for folder in submissions_home().iterdir():
        (head / folder.name).mkdir(parents=True)
        for path in folder.iterdir():
            (head / folder.name / path.name).write_bytes(path.read_bytes())
    return head


def test_a_pull_request_that_brings_nothing(head, capsys):
    assert changes.main([str(head)]) == 0
    assert capsys.readouterr().out == "No new submission.\n"


def test_a_pull_request_that_brings_a_good_and_a_bad_one(head, capsys):
    submit(head / "bad", PAIRS)
    source = head / "majority"
    (head / "good").mkdir()
    (head / "good" / "predictions.jsonl.gz").write_bytes((source / "predictions.jsonl.gz").read_bytes())
    text = (source / "submission.yaml").read_text().replace('kind: "baseline"', "kind: open")
    (head / "good" / "submission.yaml").write_text(text)
    assert changes.main([str(head)]) == 2
    out, error = capsys.readouterr()
    assert "good would take rank" in out
    assert "bad/predictions.jsonl.gz:1: e00/c1-c2: unknown pair_id" in error


def test_what_is_there_may_not_change(head, tmp_path, capsys):
    base = tmp_path / "base"
    for name in ("kept", "changed", "removed", "linked", "more"):
        for folder in (base, head):
            submit(folder / name, PAIRS)
    text = (head / "changed" / "submission.yaml").read_text()
    (head / "changed" / "submission.yaml").write_text(text.replace("A system", "Another"))
    (head / "removed").rename(tmp_path / "gone")
    (head / "linked").rename(tmp_path / "linked")
    (head / "linked").symlink_to(tmp_path / "linked")
    (head / "more" / "run.trec").symlink_to("/dev/zero")
    assert changes.main([str(head), "--base", str(base)]) == 2
    error = capsys.readouterr().err
    for name in ("changed", "linked", "more"):
        assert f"{head}/{name}: a submission that is there is changed, expected a new slug" in error
    assert "the submission 'removed' is removed" in error
    assert "kept" not in error


def test_a_baseline_that_is_made_anew_is_shown(head, capsys):
    (head / "majority" / "predictions.jsonl.gz").write_bytes(
        (head / "negation" / "predictions.jsonl.gz").read_bytes()
    )
    assert changes.main([str(head)]) == 0
    out = capsys.readouterr().out
    assert "Maintainers alone change a baseline: majority differs from that of the base branch." in out
    assert "majority would take rank " in out
    assert "majority would take rank 10" not in out  # its own predictions are the last
    assert "Note: the same file of predictions as negation." in out


def test_a_pull_request_with_too_many(head, capsys):
    for n in range(6):
        (head / f"s{n}").mkdir()
    assert changes.main([str(head)]) == 2
    assert "6 new submissions, expected at most 5" in capsys.readouterr().err


def test_a_head_that_is_reached_by_a_link(head, tmp_path, capsys):
    (tmp_path / "link").symlink_to(head.parent)
    assert changes.main([str(tmp_path / "link" / "head")]) == 2
    assert "is reached by a symbolic link" in capsys.readouterr().err


def test_slugs_of_a_pull_request(head, capsys):
    (head / "Majority").mkdir()
    (head / "x\n::error::y").mkdir()
    assert changes.main([str(head)]) == 2
    error = capsys.readouterr().err
    assert "the name of the folder is no slug, expected 1 to 40 of a-z, 0-9 and -, got 'Majority'" in error
    assert r"got 'x\n::error::y'" in error
