import msgspec
import pytest

from baselines.results import RUNGS, Results, baselines, differences, ladder_section, main, with_seeds
from bench.files import home

GOLDEN = msgspec.json.decode((home() / "baselines" / "results.json").read_bytes(), type=Results)


def test_baselines_give_their_golden_results(capsys):
    names = [name for name, baseline in baselines().items() if not baseline.extra]
    assert main(["--check", *names]) == 0, capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of other libraries
def test_neural_baselines_give_their_golden_results(capsys):
    pytest.importorskip("sentence_transformers", reason="needs the extra neural")
    names = [name for name, baseline in baselines().items() if baseline.extra == "neural"]
    names.remove("cross_encoder")  # it trains for minutes, and rounds differently on every machine
    assert main(["--check", *names]) == 0, capsys.readouterr().out


def test_every_baseline_has_a_golden_result():
    assert {row.name for row in GOLDEN.baselines} == set(baselines())


def test_a_difference_is_told():
    first = GOLDEN.baselines[0]
    figure = msgspec.structs.replace(first.figures["mcc"], value=0.9)
    changed = msgspec.structs.replace(first, figures=first.figures | {"mcc": figure})
    found = Results(GOLDEN.signature, [changed, msgspec.structs.replace(first, name="new")], [])
    assert differences(found, GOLDEN) == [
        f"{first.name}: mcc is 0.9, golden {first.figures['mcc'].value}",
        "new: no golden result",
    ]
    assert differences(GOLDEN, GOLDEN) == []


def test_names_are_for_checks(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["majority"])
    assert caught.value.code == 2
    assert "names go with --check" in capsys.readouterr().err


def test_seeds():
    assert with_seeds({"C": 1}, 5) == [{"C": 1}]
    assert with_seeds({"random_state": 3, "C": 1}, 2) == [
        {"random_state": 3, "C": 1},
        {"random_state": 4, "C": 1},
    ]


def test_rungs_are_set_against_the_best_probe():
    best = next(row.name for row in GOLDEN.baselines if row.name not in RUNGS)
    assert {(row.first, row.second) for row in GOLDEN.over_probes} == {(rung, best) for rung in RUNGS}
    value = {row.name: row.figures["contradiction_f1"].value for row in GOLDEN.baselines}
    for row in GOLDEN.over_probes:
        assert row.difference.value == pytest.approx(value[row.first] - value[best], abs=2e-4)


def test_the_ladder_shows_every_slice():
    lines = ladder_section(GOLDEN).splitlines()
    assert lines[0] == "| slice | `negation` | `tfidf` | `features` | `minilm` | `cross_encoder` |"
    first = GOLDEN.baselines[0]
    assert len(lines) == 4 + sum(len(values) for values in first.slices.values())
    negation = next(row for row in GOLDEN.baselines if row.name == "negation")
    recall = negation.slices["expression"]["negation"].value
    (line,) = (line for line in lines if line.startswith("| expression: negation "))
    assert f"| {recall:.2f} |" in line


def test_unknown_name(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["nothing"])
    assert caught.value.code == 2
    assert "unknown baseline nothing, expected one of claim_only" in capsys.readouterr().err


def test_the_example_of_the_readme_runs(tmp_path, monkeypatch):
    """The class under «Your own» is the one that is run here."""
    from bench.evaluate import main as evaluate

    text = (home() / "baselines" / "README.md").read_text("utf-8").partition("## Your own")[2]
    code = "\n".join(
        line[4:] for line in text.splitlines() if line.startswith("    ") and "python -m" not in line
    )
    (tmp_path / "my_model.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert evaluate(["model=my_model:LengthGap", "split=validation", "bootstrap.replicates=20"]) == 0
    assert (tmp_path / "results" / "LengthGap" / "results.json").is_file()
