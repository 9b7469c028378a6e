"""The repository's workflows: what they may do, what they run, and the comment that they post."""

import importlib.metadata
import json
import re
import subprocess
import sys

import pytest
import yaml

from leaderboard.comment import LONGEST, body, number
from tests.conftest import ROOT

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def workflow(name):
    return yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text())


def test_zizmor_has_nothing_to_say():
    program = next(path for path in importlib.metadata.files("zizmor") if path.name == "zizmor").locate()
    done = subprocess.run(
        [program, "--offline", "--persona=auditor", "--no-progress", *map(str, FILES)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_actions_are_pinned_by_hash_with_their_version(path):
    uses = re.findall(r"uses: (.*)", path.read_text())
    assert uses
    for line in uses:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_of_an_event_is_pasted_into_a_command(path):
    for job in yaml.safe_load(path.read_text())["jobs"].values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", "")
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_the_check_can_read_and_no_more():
    found = workflow("submission")
    assert set(found[True]) == {"pull_request"}  # YAML 1.1 reads `on` as true
    assert found["permissions"] == {}
    assert [job["permissions"] for job in found["jobs"].values()] == [{"contents": "read"}]
    assert "secrets" not in (ROOT / ".github" / "workflows" / "submission.yml").read_text()


def test_the_check_runs_the_base_branch_on_data_of_the_head():
    steps = workflow("submission")["jobs"]["check"]["steps"]
    checkouts = {step["with"]["path"]: step["with"] for step in steps if "checkout" in step.get("uses", "")}
    assert checkouts["base"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert "repository" not in checkouts["base"]
    assert checkouts["head"]["sparse-checkout"] == "leaderboard/submissions"
    commands = [step for step in steps if "run" in step]
    assert not any(step.get("working-directory", "base") != "base" for step in commands)
    assert "./head" not in "".join(step["run"] for step in commands)


def test_the_comment_has_the_only_token_that_writes():
    writers = {
        path.stem: scope
        for path in FILES
        for job in yaml.safe_load(path.read_text())["jobs"].values()
        for scope, access in job["permissions"].items()
        if access == "write"
    }
    assert writers == {"comment": "pull-requests"}
    (trigger,) = workflow("comment")[True]
    assert trigger == "workflow_run"


def test_the_comment_runs_nothing_of_the_pull_request():
    steps = workflow("comment")["jobs"]["comment"]["steps"]
    (checkout,) = (step["with"] for step in steps if "checkout" in step.get("uses", ""))
    assert not {"ref", "repository"} & checkout.keys()  # the default branch
    text = " ".join(step.get("run", "") for step in steps)
    assert '= "open $SHA"' in text  # the number is that of the commit that was checked


def report(folder, text="fine\n", given="12\n"):
    (folder / "report.txt").write_bytes(text if isinstance(text, bytes) else text.encode())
    (folder / "number").write_bytes(given if isinstance(given, bytes) else given.encode())
    return folder


def test_a_number(tmp_path):
    assert number(report(tmp_path)) == 12


@pytest.mark.parametrize(
    "given",
    [
        "",
        "0",
        "-1",
        "1 2",
        "1\n2",
        "1; rm -rf /",
        "../1",
        "１２",
        "1" * 10,
        "9" * 30,
        "0x1",
        b"\xff",
        "1/../../issues/2",
    ],
)
def test_no_number(tmp_path, given):
    with pytest.raises(ValueError, match="no number"):
        number(report(tmp_path, given=given))


@pytest.mark.parametrize(
    "text",
    [
        "```\n@everyone [x](javascript:alert(1)) <img src=x onerror=alert(1)>\n",
        "`" * 100 + "\n# heading\n",
        "~~~\n</details>\n" + "````text\n",
        "#1 closes #2 @org/team\n",
    ],
)
def test_a_report_stays_in_its_fence(tmp_path, text):
    lines = body(report(tmp_path, text)).splitlines()
    fence = lines[-1]
    assert set(fence) == {"`"}
    assert len(fence) >= 4
    assert lines[2] == f"{fence}text"
    assert fence not in "\n".join(lines[3:-1])


def test_a_report_is_printable_and_bounded(tmp_path):
    text = body(report(tmp_path, b"\x1b[31m\x00\xff\r\x85\xe2\x80\xae" + b"x" * 10_000_000))
    assert len(text) < LONGEST + 200
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "the rest is in the log" in text


def test_what_is_no_report(tmp_path):
    folder = report(tmp_path)
    for name, read in (("number", number), ("report.txt", body)):
        path = folder / name
        content = path.read_bytes()
        for make in (
            lambda p: p.symlink_to("/etc/passwd"),
            lambda p: p.mkdir(),
            lambda p: p.symlink_to("/dev/zero"),
        ):
            path.unlink() if path.is_file() or path.is_symlink() else path.rmdir()
            make(path)
            with pytest.raises(ValueError, match="no regular file"):
                read(folder)
        path.unlink()
        with pytest.raises(OSError, match="No such file"):
            read(folder)
        path.write_bytes(content)


def comment(*arguments):
    """The command, as the workflow starts it: with a Python that has none of the project's packages."""
    return subprocess.run(
        [sys.executable, "-I", "-S", str(ROOT / "leaderboard" / "comment.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_command(tmp_path):
    folder = report(tmp_path, "two\nlines\n")
    assert comment(folder, "number").stdout == "12\n"
    assert json.loads(comment(folder, "body").stdout)["body"].endswith("````text\ntwo\nlines\n````\n")
    (folder / "number").write_text("x")
    done = comment(folder, "number")
    assert done.returncode == 2
    assert done.stderr == "the report cannot be used: no number of a pull request\n"


def step(name, job, title):
    """The command of a step."""
    return next(found["run"] for found in workflow(name)["jobs"][job]["steps"] if found.get("name") == title)


def shell(command, folder, **environment):
    """Run a step's command as the runner does, with these programs first: python, and a `gh` that keeps what it is given."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    python = f'#!/bin/bash\nexec {sys.executable} "$@"\n'
    gh = f'#!/bin/bash\necho "$*" >> {folder}/asked\n[ -z "$PULL" ] || echo "$PULL"\n'
    for name, script in {"python": python, "python3": python, "gh": gh}.items():
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    environment |= {"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(folder)}
    return subprocess.run(
        ["bash", "-e", "-c", command], capture_output=True, text=True, cwd=ROOT, env=environment, timeout=120
    )


@pytest.mark.parametrize(("pull", "code"), [("open abc", 0), ("open abd", 1), ("closed abc", 1), ("", 1)])
def test_the_comment_is_for_the_commit_that_was_checked(tmp_path, pull, code):
    (tmp_path / "report").mkdir()
    report(tmp_path / "report", "found\n")
    given = {"OUT": str(tmp_path), "REPOSITORY": "o/r", "SHA": "abc"}
    done = shell(
        step("comment", "comment", "Find the open pull request of this head"), tmp_path, PULL=pull, **given
    )
    assert done.returncode == code, done.stderr
    assert (tmp_path / "asked").read_text().startswith("api repos/o/r/pulls/12 ")
    if not code:
        assert shell(step("comment", "comment", "Comment"), tmp_path, **given).returncode == 0
        asked = (tmp_path / "asked").read_text().splitlines()[1]
        assert (
            asked == f"api --silent --method POST repos/o/r/issues/12/comments --input {tmp_path}/body.json"
        )
        assert "found" in json.loads((tmp_path / "body.json").read_text())["body"]


def test_the_check_leaves_its_report_and_its_status(tmp_path):
    head = tmp_path / "head"
    (head / "a-system").mkdir(parents=True)
    given = {"HEAD": str(head), "OUT": str(tmp_path / "report"), "NUMBER": "7"}
    done = shell(
        step("submission", "check", "Check"), tmp_path, GITHUB_OUTPUT=str(tmp_path / "output"), **given
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "output").read_text() == "status=2\n"
    assert number(tmp_path / "report") == 7
    assert "a-system: no submission.yaml" in body(tmp_path / "report")
