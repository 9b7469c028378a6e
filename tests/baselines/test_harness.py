"""Inspect and lm-evaluation-harness run their mock models on the task; `bench` scores what they wrote (extra `harness`)."""

import json
import math
import os
import subprocess
import sys

import pytest

import bench
import bench.files
from baselines.convert import main

INSPECT = """
import sys
from inspect_ai import eval
from inspect_ai.model import ModelOutput, ModelUsage, get_model

def say(messages, tools, tool_choice, config):
    assert [message.role for message in messages] == ["system", "user"]
    assert config.response_schema.json_schema.required == ["label", "confidence"]
    text = messages[1].text
    label = "contradiction" if len(text) % 2 else "neutral"
    if sys.argv[2] == "faulty" and len(text) % 3 == 0:
        label = "none"
    content = f'{{"label": "{label}", "confidence": 0.8}}'
    output = ModelOutput.from_content("mockllm/model", content)
    output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
    return output

model = get_model("mockllm/model", custom_outputs=say)
(log,) = eval("baselines/counterclaim", model=model, limit=40, log_dir=".", display="none", log_format=sys.argv[1])
assert log.status == "success"
print(log.results.scores[0].metrics["accuracy"].value, log.location)
"""

PAIRS = bench.load_pairs("test")[:40]


def ran(command, folder):
    variables = os.environ | {"HF_HUB_OFFLINE": "1"}
    run = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def text_of(pair):
    return f"Text 1: {pair.claim}\nText 2: {pair.counterclaim}"


@pytest.mark.parametrize("format", ["eval", pytest.param("json", marks=pytest.mark.slow)])
def test_inspect(tmp_path, format, capsys):
    pytest.importorskip("inspect_ai")
    accuracy, log = ran([sys.executable, "-c", INSPECT, format, "sound"], tmp_path).split()
    output = tmp_path / "p.jsonl"
    assert main([log, "--output", str(output)]) == 0
    labels = ["contradiction" if len(text_of(pair)) % 2 else "neutral" for pair in PAIRS]
    expected = bench.score(
        PAIRS,
        [
            bench.Prediction(pair_id=pair.pair_id, label=label)
            for pair, label in zip(PAIRS, labels, strict=True)
        ],
        replicates=0,
    )
    report = bench.score(PAIRS, output, replicates=0)
    assert report.headline == expected.headline
    agree = sum(pair.label == label for pair, label in zip(PAIRS, labels, strict=True))
    assert float(accuracy) == pytest.approx(agree / len(PAIRS))


@pytest.mark.slow
def test_inspect_samples_without_an_answer(tmp_path, capsys):
    pytest.importorskip("inspect_ai")
    _, log = ran([sys.executable, "-c", INSPECT, "eval", "faulty"], tmp_path).split()
    output = tmp_path / "p.jsonl"
    bad = {pair.pair_id for pair in PAIRS if len(text_of(pair)) % 3 == 0}
    assert 0 < len(bad) < 40
    assert main([log, "--output", str(output)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert {line.split(": ")[1] for line in lines[:-1]} == bad
    assert 'Invalid enum value \'none\' - at `$.label`, got \'{"label": "none"' in lines[0]
    assert not output.exists()
    assert main([log, "--output", str(output), "--skip"]) == 0
    assert f"{len(bad)} problems" in capsys.readouterr().err
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert {row["pair_id"] for row in rows} == {pair.pair_id for pair in PAIRS} - bad
    assert bench.score(PAIRS, output, replicates=0, on_missing="wrong").headline


@pytest.mark.slow
@pytest.mark.parametrize("shots", [0, 2])
def test_lm_eval(tmp_path, shots):
    pytest.importorskip("lm_eval")
    command = [
        sys.executable, "-m", "lm_eval", "run", "--model", "dummy", "--tasks", "counterclaim", "--include_path",
        str(bench.files.configs_home() / "lm_eval"), "--limit", "40", "--log_samples", "--output_path", "out",
        "--num_fewshot", str(shots),
    ]  # fmt: skip
    ran(command, tmp_path)
    (samples,) = tmp_path.glob("out/*/samples_counterclaim_*.jsonl")
    (results,) = tmp_path.glob("out/*/results_*.json")
    output = tmp_path / "p.jsonl"
    assert main([str(samples), "--output", str(output)]) == 0
    report = bench.score(PAIRS, output, replicates=0)
    accuracy = json.loads(results.read_text())["results"]["counterclaim"]["acc,none"]
    assert report.figures["accuracy"].value == pytest.approx(accuracy)
    prompt = json.loads(samples.read_text().splitlines()[0])["arguments"]["gen_args_0"]["arg_0"]
    assert prompt.endswith(f"{text_of(PAIRS[0])}\nLabel:")
    assert prompt.count("Label:") == shots + 1


def sample(
    pair_id="e/c1-c2",
    choices=(" entailment", " neutral", " contradiction"),
    likelihoods=("-1.0", "-2.0", "-3.0"),
):
    return json.dumps(
        {
            "doc": {"pair_id": pair_id, "label": 0},
            "arguments": {
                f"gen_args_{n}": {"arg_0": "?", "arg_1": choice} for n, choice in enumerate(choices)
            },
            "filtered_resps": [[likelihood, "False"] for likelihood in likelihoods],
        }
    )


def test_likelihoods_become_probabilities_by_hand(tmp_path):
    one = sample(likelihoods=[str(math.log(weight) - 900) for weight in (1, 2, 5)])
    two = sample("e/c2-c1", (" neutral", " contradiction", " entailment"), ("0.0", "-inf", "0.0"))
    (tmp_path / "a.jsonl").write_text(one)
    (tmp_path / "b.jsonl").write_text(two)
    output = tmp_path / "p.jsonl"
    assert main([str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"), "--output", str(output)]) == 0
    first, second = (json.loads(line) for line in output.read_text().splitlines())
    assert first["scores"] == pytest.approx({"entailment": 1 / 8, "neutral": 2 / 8, "contradiction": 5 / 8})
    assert second == {
        "pair_id": "e/c2-c1",
        "scores": {"entailment": 0.5, "neutral": 0.5, "contradiction": 0.0},
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{", "no sample of the task counterclaim: Input data was truncated"),
        ("{}", "no sample of the task counterclaim: Object missing required field `doc`"),
        (sample(choices=(" yes", " no", " maybe")), "the choices are ['yes', 'no', 'maybe']"),
        (sample(likelihoods=("-1.0",)), "the choices are ['entailment', 'neutral', 'contradiction']"),
        (sample(likelihoods=("nan", "-1", "-1")), "the log-likelihoods are [nan, -1.0, -1.0]"),
        (sample(likelihoods=("-inf",) * 3), "the log-likelihoods are [-inf, -inf, -inf]"),
        (sample(likelihoods=("low", "-1", "-1")), "could not convert string to float: 'low'"),
    ],
)
def test_what_is_no_sample(tmp_path, capsys, line, expected):
    path, output = tmp_path / "s.jsonl", tmp_path / "p.jsonl"
    path.write_text(f"{sample()}\n{line}\n")
    assert main([str(path), "--output", str(output)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"{path}:2: ")
    assert expected in error
    assert not output.exists()


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("x.txt", "", "unknown kind of file, expected .eval, .json or .jsonl, got .txt"),
        ("x.jsonl", None, "cannot be read: No such file or directory"),
        ("x.jsonl", "", "no sample in it"),
        ("x.eval", "no log", "no log of Inspect: "),
        ("x.json", "{}", "no log of Inspect: "),
        ("x.json", None, "no log of Inspect: "),
    ],
)
def test_what_is_no_file_of_a_harness(tmp_path, capsys, name, content, expected):
    pytest.importorskip("inspect_ai")
    if content is not None:
        (tmp_path / name).write_text(content)
    assert main([str(tmp_path / name), "--output", str(tmp_path / "p.jsonl")]) == 2
    assert f"{tmp_path / name}: {expected}" in capsys.readouterr().err
    assert not (tmp_path / "p.jsonl").exists()
