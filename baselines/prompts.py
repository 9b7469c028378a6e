"""What a language model is asked about a pair, and how its answer is read."""

from __future__ import annotations

import hashlib
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec
import yaml
from jinja2 import StrictUndefined, Template, TemplateError

from bench.files import configs_home
from bench.issues import bad_input, show
from bench.schema import LABELS

if TYPE_CHECKING:
    from bench.schema import Pair

LEAST_CONFIDENCE: Final = 0.34
"""Below a third, another label would be likelier than the one that was given."""

SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "label": {"type": "string", "enum": list(LABELS)},
        "confidence": {"type": "number"},
    },
    "required": ["label", "confidence"],
    "additionalProperties": False,
}
"""JSON schema of an answer. Not every server takes bounds of numbers in a schema; `read_answer` checks them."""

_OBJECT = re.compile(r"\{[^{}]*\}")
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)


class Answer(msgspec.Struct, frozen=True):
    """A label, and the probability in [`LEAST_CONFIDENCE`, 1] that it is right, as the model states it."""

    label: Literal["entailment", "neutral", "contradiction"]
    confidence: Annotated[float, msgspec.Meta(ge=LEAST_CONFIDENCE, le=1)]

    def scores(self) -> dict[str, float]:
        """The probability of every label: the other two share what the stated confidence leaves."""
        rest = (1 - self.confidence) / (len(LABELS) - 1)
        return {label: self.confidence if label == self.label else rest for label in LABELS}


def read_answer(text: str) -> Answer:
    """The answer that a text holds: its last JSON object, whatever stands around it.

    Raises:
        ValueError: where there is none, or it is no answer; the message says what is wrong.
    """
    objects = _OBJECT.findall(_THOUGHT.sub("", text))
    if not objects:
        raise ValueError("no JSON object")
    return msgspec.json.decode(objects[-1], type=Answer)


class Prompt(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """The rules, the form of an answer, and a Jinja template with `claim` and `counterclaim`."""

    rules: str
    answer: str
    pair: str

    @cached_property
    def template(self) -> Template:
        """Of the pair; a name that is not there is an error."""
        return Template(self.pair, undefined=StrictUndefined)

    @property
    def system(self) -> str:
        """The system message: the rules and the form of an answer."""
        return f"{self.rules}\n\n{self.answer}"

    @property
    def sha256(self) -> str:
        """Of its three parts."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()

    def question(self, pair: Pair) -> str:
        """The user message: the two texts, and nothing else of the pair."""
        return self.template.render(claim=pair.claim, counterclaim=pair.counterclaim)

    def messages(self, pair: Pair) -> list[dict[str, str]]:
        """The chat that asks for the label of a pair."""
        return [
            {"role": "system", "content": self.system},
            {"role": "user", "content": self.question(pair)},
        ]


def load_prompt(name: str) -> Prompt:
    """A prompt by its name in `configs/prompt/`, or by the path of a YAML file.

    Raises:
        BadInputError: where there is no such file, it has other keys, or its template does not render.
    """
    path = configs_home() / "prompt" / f"{name}.yaml"
    if not path.is_file():
        path = Path(name)
    try:
        prompt = msgspec.convert(yaml.safe_load(path.read_text("utf-8")), Prompt)
        prompt.template.render(claim="", counterclaim="")
    except OSError as error:
        known = sorted(file.stem for file in (configs_home() / "prompt").glob("*.yaml"))
        what = f"cannot read the prompt: {error.strerror}"
        raise bad_input("settings", what, f"a YAML file, or one of {', '.join(known)}", show(name)) from error
    except (yaml.YAMLError, msgspec.ValidationError, TemplateError, UnicodeDecodeError) as error:
        raise bad_input(path, f"no prompt: {' '.join(str(error).split())}", "rules, answer, pair") from error
    return prompt
