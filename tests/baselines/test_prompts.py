import subprocess
import sys

import msgspec
import pytest
import yaml

import bench
from baselines.cache import open_cache
from baselines.prompts import SCHEMA, Answer, load_prompt, read_answer
from bench.files import configs_home
from bench.issues import BadInputError
from tests.conftest import ROOT, make_pair


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"label": "neutral", "confidence": 0.5}', Answer("neutral", 0.5)),
        ('{"confidence": 1, "label": "entailment"}', Answer("entailment", 1.0)),
        ('First {"label": "neutral"}, no:\n```json\n{"label": "entailment", "confidence": 0.34}\n```', Answer("entailment", 0.34)),
        ('{"label": "neutral", "confidence": 0.9}<think>{"x": 1}</think>', Answer("neutral", 0.9)),
        ('{"label": "neutral", "confidence": 0.5, "why": "both hold"}', Answer("neutral", 0.5)),
    ],
)  # fmt: skip
def test_answers(text, expected):
    assert read_answer(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "no JSON object"),
        ("contradiction", "no JSON object"),
        ('{"label": "neutral", "confidence": 0.5', "no JSON object"),
        ('{"label": "neutral" "confidence": 0.5}', "JSON is malformed"),
        ('{"label": "Neutral", "confidence": 0.5}', "Invalid enum value 'Neutral'"),
        ('{"label": "neutral"}', "missing required field `confidence`"),
        ('{"label": "neutral", "confidence": 0.33}', "Expected `float` >= 0.34"),
        ('{"label": "neutral", "confidence": 1.01}', "Expected `float` <= 1.0"),
        ('{"label": "neutral", "confidence": "high"}', "Expected `float`, got `str`"),
    ],
)
def test_what_is_no_answer(text, expected):
    with pytest.raises(ValueError, match=expected):
        read_answer(text)


@pytest.mark.parametrize("label", bench.LABELS)
@pytest.mark.parametrize("confidence", [0.34, 0.8, 1.0])
def test_the_label_is_the_likeliest(label, confidence):
    scores = Answer(label, confidence).scores()
    assert list(scores) == list(bench.LABELS)
    assert sum(scores.values()) == pytest.approx(1)
    assert max(scores, key=scores.get) == label


def test_the_schema_is_that_of_an_answer():
    ((_, properties),) = msgspec.json.schema_components([Answer])[1].items()
    assert set(properties["properties"]) == set(SCHEMA["properties"]) == set(SCHEMA["required"])
    assert set(properties["properties"]["label"]["enum"]) == set(SCHEMA["properties"]["label"]["enum"])


def test_a_prompt_shows_the_texts_alone():
    pair = make_pair(
        "e/c1-c2", "contradiction", claim="A {{ b }} & <c>", counterclaim="D", claim_speaker="Someone"
    )
    assert load_prompt("pairs").question(pair) == "Text 1: A {{ b }} & <c>\nText 2: D"


def test_a_prompt_holds_no_text_of_the_data():
    """Not even a long run of words of a claim."""
    prompt = load_prompt("pairs")
    words = f"{prompt.system} {prompt.pair}".casefold().split()
    runs = {tuple(words[n : n + 6]) for n in range(len(words))}
    for split in ("train", "validation", "test"):
        for claim in bench.load_claims(split):
            said = claim.text.casefold().split()
            assert not runs & {tuple(said[n : n + 6]) for n in range(len(said) - 5)}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("rules: a\nanswer: b", "missing required field `pair`"),
        ("rules: a\nanswer: b\npair: c\nmore: d", "unknown field `more`"),
        ("rules: a\nanswer: b\npair: '{{ label }}'", "'label' is undefined"),
        ("rules: a\nanswer: b\npair: '{{ claim'", "no prompt: unexpected end of template"),
        ("rules: [", "no prompt: while parsing"),
    ],
)
def test_what_is_no_prompt(tmp_path, content, expected):
    path = tmp_path / "p.yaml"
    path.write_text(content)
    with pytest.raises(BadInputError, match=expected):
        load_prompt(str(path))


def test_unknown_prompt():
    with pytest.raises(
        BadInputError, match="cannot read the prompt: No such file or directory, expected a YAML file"
    ):
        load_prompt("nothing")


def test_lm_eval_has_the_same_rules():
    text = (configs_home() / "lm_eval" / "counterclaim.yaml").read_text().replace("!function ", "")
    task = yaml.safe_load(text)
    assert task["description"].strip() == load_prompt("pairs").rules
    assert task["doc_to_choice"] == list(bench.LABELS)


def test_cache(tmp_path):
    path = str(tmp_path / "sub" / "c")
    with open_cache(path) as cache:
        assert cache.get("k") is None
        cache.put("k", b"1")
        cache.put("k", b"2")
        with open_cache(path) as other:  # committed as it comes
            assert other.get("k") == b"2"
    with open_cache(None) as cache:
        cache.put("k", b"1")
        assert cache.get("k") is None


def test_processes_share_a_cache(tmp_path):
    path = str(tmp_path / "c")
    code = """if True:
        import sys
        from baselines.cache import open_cache
        for n in range(50):
            with open_cache(sys.argv[1]) as cache:
                cache.put(f"{sys.argv[2]}/{n}", sys.argv[2].encode())
    """
    runs = [subprocess.Popen([sys.executable, "-c", code, path, name], cwd=ROOT) for name in "abc"]
    assert [run.wait() for run in runs] == [0, 0, 0]
    with open_cache(path) as cache:
        assert all(cache.get(f"{name}/{n}") == name.encode() for name in "abc" for n in range(50))


def test_what_is_no_cache(tmp_path):
    (tmp_path / "c").write_text("no database " * 100)
    for path, expected in (
        ("c", "file is not a database"),
        ("c/d", "cannot be made: "),
        (".", "unable to open"),
    ):
        with pytest.raises(BadInputError, match=expected), open_cache(str(tmp_path / path)):
            pass
