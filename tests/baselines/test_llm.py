"""The `llm` baseline against a local server (extra `llm`)."""

import asyncio
import json
import logging
import pickle
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from baselines.llm import LanguageModel
from bench.files import to_jsonl
from bench.issues import BadInputError
from tests.baselines.endpoint_stub import hang, refuse, reset, running, status
from tests.conftest import ROOT, make_pair

openai = pytest.importorskip("openai")

PAIRS = [make_pair(f"e/c{a}-c{b}") for a in range(1, 5) for b in range(1, 5) if a != b]
HIT = [0.05, 0.05, 0.9]


@pytest.fixture
def stub(monkeypatch):
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.01)
    with running() as server:
        yield server


def model_of(stub, **settings):
    return LanguageModel(**{"model": "m", "base_url": stub.url} | settings)


def first(stub, *actions):
    """Faults of the pair c1-c2; its rows are checked by `rows`."""
    stub.faults["text of c1\nText 2: text of c2"] = list(actions)


def test_one_request_a_direction_with_what_was_set(stub):
    model = model_of(stub, temperature=0.5, seed=7, max_tokens=99, extra_body={"top_k": 3})
    np.testing.assert_allclose(model.predict_proba(PAIRS), [HIT] * 12)
    assert model.classes_ == ("entailment", "neutral", "contradiction")
    assert sorted(stub.asked) == sorted(f"Text 1: {p.claim}\nText 2: {p.counterclaim}" for p in PAIRS)
    sent = stub.bodies[0]
    assert {key: sent[key] for key in ("model", "temperature", "seed", "max_tokens", "top_k")} == {
        "model": "m",
        "temperature": 0.5,
        "seed": 7,
        "max_tokens": 99,
        "top_k": 3,
    }
    schema = sent["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["label"]["enum"] == list(model.classes_)
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]


@pytest.mark.parametrize(("format", "expected"), [("json_object", {"type": "json_object"}), ("text", None)])
def test_without_structured_output(stub, format, expected):
    first(stub, 'Sure!\n```json\n{"label": "neutral", "confidence": 1}\n```')
    model = model_of(stub, response_format=format, temperature=None, seed=None, max_tokens=None)
    assert model.predict_proba(PAIRS[:1]).tolist() == [[0, 1, 0]]
    assert stub.bodies[0].get("response_format") == expected
    assert not {"temperature", "seed", "max_tokens"} & set(stub.bodies[0])


def test_scores_of_a_stated_confidence(stub):
    first(stub, '<think>{"label": "neutral"}</think>{"label": "entailment", "confidence": 0.34}')
    (row,) = model_of(stub).predict_proba(PAIRS[:1])
    np.testing.assert_allclose(row, [0.34, 0.33, 0.33])


@pytest.mark.parametrize(
    "fault",
    [
        status(429, headers=[("Retry-After-Ms", "20")]),
        status(500),
        status(503),
        reset,
        hang,
    ],
    ids=["429", "500", "503", "reset", "time-out"],
)
def test_transport_faults_are_tried_again(stub, fault):
    first(stub, fault, fault)
    model = model_of(stub, timeout=1.0 if fault is hang else 60.0)
    np.testing.assert_allclose(model.predict_proba(PAIRS[:3]), [HIT] * 3)
    assert len(stub.bodies) == 5
    usage = model.usage_
    assert (usage["requests"], usage["retries"], usage["reasked"]) == (3, 2, 0)


def test_retry_after_is_honoured(stub, monkeypatch):
    waits = []
    sleep = asyncio.sleep

    async def note(seconds):
        waits.append(seconds)
        await sleep(0)

    monkeypatch.setattr("anyio.sleep", note)
    first(stub, status(429, headers=[("Retry-After", "7")]), status(500), status(500))
    model_of(stub).predict_proba(PAIRS[:1])
    assert waits[0] == 7
    assert 0.01 * 2 * 0.75 <= waits[1] <= 0.01 * 2  # the second retry of an exponential back-off, with jitter
    assert 0.01 * 4 * 0.75 <= waits[2] <= 0.01 * 4


@pytest.mark.parametrize(
    ("fault", "settings", "expected"),
    [
        (status(500), {"max_retries": 1}, "rejects the request with status 500, got"),
        (hang, {"max_retries": 1, "timeout": 0.2}, "no response within 0.2 s, 2 times"),
        (reset, {"max_retries": 0}, "cannot be reached"),
        (
            status(400, "response_format is not supported"),
            {},
            "expected a request it takes; response_format=json_object or text, where it has no structured output",
        ),
        (
            status(401, "Incorrect API key: sk-SECRET"),
            {"api_key_env": "STUB_KEY"},
            "expected a valid key in the variable that api_key_env names",
        ),
        (status(404, "no model m"), {}, "no model m"),
    ],
    ids=["500", "time-out", "reset", "unsupported", "key", "model"],
)
def test_what_cannot_be_mended_ends_the_run(stub, monkeypatch, fault, settings, expected):
    monkeypatch.setenv("STUB_KEY", "sk-SECRET")
    first(stub, *[fault] * 3)
    with pytest.raises(BadInputError) as caught:
        model_of(stub, **settings).predict_proba(PAIRS[:1])
    assert expected in str(caught.value)
    assert stub.url in str(caught.value)
    assert "SECRET" not in str(caught.value)
    assert len(stub.bodies) == settings.get("max_retries", 0) + 1


def test_no_server():
    with running() as stub:
        url = stub.url
    with pytest.raises(BadInputError, match=f"{url}/?: cannot be reached"):
        LanguageModel("m", url, max_retries=0).predict_proba(PAIRS[:1])


UNUSABLE = {
    "malformed": "contradiction, I think",
    "half an object": '{"label": "contradiction"',
    "label": '{"label": "unsure", "confidence": 0.9}',
    "confidence": '{"label": "neutral", "confidence": 0.2}',
    "no confidence": '{"label": "neutral"}',
    "empty": "",
    "refusal": refuse,
    "filter": status(400, code="content_filter"),
    "cut off": lambda handler: handler.say('{"label": "contr', finish_reason="length"),
    "filtered": lambda handler: handler.say("", finish_reason="content_filter"),
    "no choices": lambda handler: handler.send_json({"choices": []}),
    "no completion": lambda handler: handler.send_json({"error": "overloaded"}),
    "broken body": lambda handler: handler.send_bytes(b'{"choices": [{'),
    "page": lambda handler: handler.send_bytes(b"<html>", headers=[("Content-Type", "text/html")]),
}
REFUSALS = {"refusal", "filter", "filtered"}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_an_unusable_answer_is_asked_for_again(stub, kind):
    first(stub, UNUSABLE[kind])
    model = model_of(stub)
    np.testing.assert_allclose(model.predict_proba(PAIRS[:2]), [HIT] * 2)
    usage = model.usage_
    assert (len(stub.bodies), usage["requests"], usage["reasked"], usage["retries"]) == (3, 3, 1, 0)
    assert usage["refused"] == usage["malformed"] == 0


@pytest.mark.parametrize("kind", UNUSABLE)
def test_a_failure_is_counted_where_it_may_be_neutral(stub, tmp_path, kind):
    first(stub, *[UNUSABLE[kind]] * 3)
    model = model_of(stub, on_failure="neutral", cache=str(tmp_path / "c"))
    np.testing.assert_allclose(model.predict_proba(PAIRS[:2]), [[0, 1, 0], HIT])
    usage = model.usage_
    assert (usage["refused"], usage["malformed"]) == ((1, 0) if kind in REFUSALS else (0, 1))
    assert len(stub.bodies) == 4
    np.testing.assert_allclose(model.predict_proba(PAIRS[:2]), [HIT] * 2)  # a failure is not kept
    assert len(stub.bodies) == 5


def test_what_was_wrong_is_told(stub):
    first(stub, UNUSABLE["label"])
    model_of(stub).predict_proba(PAIRS[:1])
    *_, said, told = stub.bodies[1]["messages"]
    assert said == {"role": "assistant", "content": UNUSABLE["label"]}
    assert told["content"].startswith(
        "That cannot be used: Invalid enum value 'unsure' - at `$.label`. Answer"
    )


def test_failures_are_listed_and_the_rest_is_kept(stub, tmp_path):
    first(stub, *[refuse] * 3)
    stub.faults["text of c3\nText 2: text of c4"] = ["x" * 500] * 2
    settings = {"reasks": 1, "cache": str(tmp_path / "c")}
    stub.faults["text of c1\nText 2: text of c2"] = [refuse] * 2
    with pytest.raises(BadInputError) as caught:
        model_of(stub, **settings).predict_proba(PAIRS)
    one, two, total = str(caught.value).splitlines()
    assert one == "m: e/c1-c2: a refusal, got 'I cannot help with that.'"
    assert two.startswith("m: e/c3-c4: no JSON object, got 'xxx")
    assert len(two) < 200
    assert total == "2 problems"
    stub.bodies.clear()
    np.testing.assert_allclose(model_of(stub, **settings).predict_proba(PAIRS), [HIT] * 12)
    assert len(stub.bodies) == 2


def test_no_more_requests_under_way_than_allowed(stub):
    barrier = threading.Barrier(4)
    count = iter(range(100))

    def gate(handler):
        if next(count) < 8:
            barrier.wait(10)

    stub.gate = gate
    model_of(stub, concurrency=4).predict_proba(PAIRS)
    assert stub.most == 4


def test_a_repeated_run_is_free(stub, tmp_path):
    settings = {"cache": str(tmp_path / "sub" / "c"), "input_price": 2.0, "output_price": 10.0}
    model = model_of(stub, **settings)
    answer = model.predict_proba(PAIRS)
    cost = pytest.approx(12 * (400 * 2 + 10 * 10) / 1e6)
    assert model.usage_["spent"] == {"input_tokens": 4800, "output_tokens": 120, "cost": cost}
    again = model_of(stub, **settings)
    np.testing.assert_array_equal(again.predict_proba(PAIRS[::-1]), answer[::-1])
    assert len(stub.bodies) == 12
    usage = again.usage_
    assert (usage["pairs"], usage["cached"], usage["requests"]) == (12, 12, 0)
    assert usage["spent"] == {"input_tokens": 0, "output_tokens": 0, "cost": 0}
    assert usage["answers"] == {"input_tokens": 4800, "output_tokens": 120, "cost": cost}
    assert usage["served_by"] == ["stub-2024"]


@pytest.mark.parametrize(
    "change",
    [{"model": "n"}, {"temperature": 1.0}, {"seed": 1}, {"max_tokens": 9}, {"response_format": "text"},
     {"extra_body": {"top_k": 1}}, {"prompt": "other"}],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_what_determines_an_answer_is_in_the_key(stub, tmp_path, change):
    if "prompt" in change:
        change = {"prompt": str(tmp_path / "other.yaml")}
        (tmp_path / "other.yaml").write_text("rules: r\nanswer: a\npair: '{{ claim }} / {{ counterclaim }}'")
    settings = {"cache": str(tmp_path / "c")}
    model_of(stub, **settings).predict_proba(PAIRS[:1])
    model_of(stub, **settings, timeout=9, concurrency=1, reasks=0).predict_proba(PAIRS[:1])
    assert len(stub.bodies) == 1
    model_of(stub, **settings | change).predict_proba(PAIRS[:1])
    assert len(stub.bodies) == 2


def test_a_rejected_run_goes_on(stub, tmp_path):
    stub.faults["text of c4"] = [status(402, "out of credit")] * 20
    settings = {"cache": str(tmp_path / "c"), "concurrency": 1}
    with pytest.raises(BadInputError, match="rejects the request with status 402"):
        model_of(stub, **settings).predict_proba(PAIRS)
    answered = [text for text in stub.asked if "c4" not in text]
    stub.faults.clear()
    stub.bodies.clear()
    np.testing.assert_allclose(model_of(stub, **settings).predict_proba(PAIRS), [HIT] * 12)
    assert answered
    assert sorted(stub.asked + answered) == sorted({*stub.asked, *answered})
    assert len(stub.asked + answered) == 12


def test_a_killed_run_goes_on(stub, tmp_path):
    """Requests that the kill caught under way are sent again, and no others."""
    enough = threading.Event()

    def gate(handler):
        if len(stub.bodies) > 8:
            enough.set()
            stub.closing.wait(30)

    stub.gate = gate
    code = (
        "import sys; from baselines.llm import LanguageModel; from tests.baselines.test_llm import PAIRS\n"
        "LanguageModel('m', sys.argv[1], cache=sys.argv[2], concurrency=2).predict_proba(PAIRS)"
    )
    cache = str(tmp_path / "c")
    run = subprocess.Popen([sys.executable, "-c", code, stub.url, cache], cwd=ROOT)
    assert enough.wait(60)
    run.send_signal(signal.SIGKILL)
    run.wait()
    stub.gate = None
    before = stub.asked.copy()
    stub.bodies.clear()
    model = model_of(stub, cache=cache)
    np.testing.assert_allclose(model.predict_proba(PAIRS), [HIT] * 12)
    assert {*before, *stub.asked} == {f"Text 1: {p.claim}\nText 2: {p.counterclaim}" for p in PAIRS}
    assert len({*before} & {*stub.asked}) <= 2
    assert model.usage_["cached"] == 12 - len(stub.asked) >= 6


def test_the_key_is_sent_and_written_nowhere(stub, tmp_path, monkeypatch, capfd, caplog):
    from bench.evaluate import main

    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("STUB_KEY", "sk-SECRET")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data" / "pairs").mkdir(parents=True)
    pairs = [make_pair(p.pair_id, "contradiction" if n % 2 else "neutral") for n, p in enumerate(PAIRS)]
    (tmp_path / "data" / "pairs" / "test.jsonl").write_bytes(to_jsonl(pairs))
    arguments = [
        "baseline=llm", "baseline.settings.model=m", f"baseline.settings.base_url={stub.url}",
        "baseline.settings.api_key_env=STUB_KEY", "data_dir=data", "bootstrap.replicates=20",
    ]  # fmt: skip
    first(stub, status(500), UNUSABLE["malformed"])
    assert main(arguments) == 0
    stub.faults["text of c2\nText 2: text of c1"] = [status(403, "bad key sk-SECRET")]
    assert main([*arguments, "baseline.settings.seed=1"]) == 2
    output = capfd.readouterr()
    assert "status 403" in output.err
    assert {headers["Authorization"] for headers in stub.headers} == {"Bearer sk-SECRET"}
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"llm.sqlite", "results.json", "predictions.jsonl"} <= {path.name for path in files}
    assert not [path for path in files if b"SECRET" in path.read_bytes()]
    assert "SECRET" not in output.out + output.err + caplog.text
    settings = json.loads((tmp_path / "results" / "llm" / "results.json").read_text())["system"]["settings"]
    assert settings["api_key_env"] == "STUB_KEY"


@pytest.mark.parametrize("key", ["sk-SECRET", "gsk_SECRET", ""])
def test_a_key_in_place_of_its_name_is_not_shown(key):
    with pytest.raises(BadInputError) as caught:
        LanguageModel("m", api_key_env=key).predict_proba(PAIRS)
    assert str(caught.value) == (
        "settings: api_key_env is wrong, expected the name of a variable, as OPENAI_API_KEY"
    )


def test_bad_settings_are_told_together(monkeypatch):
    monkeypatch.delenv("STUB_KEY", raising=False)
    model = LanguageModel(
        api_key_env="STUB_KEY", response_format="xml", on_failure="skip", concurrency="many", timeout=0,
        max_retries=-1, reasks=-1, input_price=1.0,
    )  # fmt: skip
    with pytest.raises(BadInputError) as caught:
        model.predict_proba(PAIRS)
    lines = str(caught.value).splitlines()
    assert len(lines) == 10
    assert "settings: model is wrong, expected the name that the endpoint serves, got None" in lines
    assert "settings: the environment variable STUB_KEY is not set, expected the key" in lines


def test_a_pickled_model_answers(stub):
    model = pickle.loads(pickle.dumps(model_of(stub)))
    assert model.predict_proba(PAIRS[:2]).shape == (2, 3)
    assert pickle.loads(pickle.dumps(model)).usage_["requests"] == 2


def test_within_an_event_loop(stub):
    async def notebook():
        return model_of(stub).predict_proba(PAIRS[:2])

    assert asyncio.run(notebook()).shape == (2, 3)


def test_unknown_usage_is_not_zero(stub):
    stub.usage = None
    model = model_of(stub, input_price=1.0, output_price=1.0)
    model.predict_proba(PAIRS[:1])
    assert model.usage_["spent"] == {"input_tokens": None, "output_tokens": None, "cost": None}


def test_no_pair(stub):
    model = model_of(stub)
    assert model.predict_proba([]).shape == (0, 3)
    assert model.usage_["latency_p50"] is None
