"""CounterClaim as an Inspect task: `inspect eval baselines/counterclaim`; `baselines.convert` reads its logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig, ResponseSchema
from inspect_ai.scorer import CORRECT, INCORRECT, NOANSWER, Score, Target, accuracy, scorer, stderr
from inspect_ai.solver import TaskState, generate, system_message
from inspect_ai.util import JSONSchema

from baselines.prompts import SCHEMA, load_prompt, read_answer
from bench.files import checkout
from bench.load import load_pairs

if TYPE_CHECKING:
    from inspect_ai.scorer import Scorer

NAME = "baselines/counterclaim" if checkout() else "counterclaim"
"""Inspect puts the import package before the name where it lies in site-packages, and nothing before it elsewhere."""


@scorer(metrics=[accuracy(), stderr()])
def label() -> Scorer:
    """Whether the label is right; a first look, since `bench` scores what matters."""

    async def score(state: TaskState, target: Target) -> Score:
        try:
            answer = read_answer(state.output.completion)
        except ValueError as error:
            return Score(value=NOANSWER, explanation=str(error))
        return Score(value=CORRECT if answer.label == target.text else INCORRECT, answer=answer.label)

    return score


@task(name=NAME)
def counterclaim(
    split: str = "test", prompt: str = "pairs", data_dir: str | None = None, structured: bool = True
) -> Task:
    """The pairs of a split, a sample for each; its id is the pair's.

    Args:
        split: train, validation or test.
        prompt: a file of `configs/prompt/` by its name, or the path of one.
        data_dir: a folder with the same tables; the data that ships with the package by default.
        structured: ask for output by JSON schema, which not every provider has.
    """
    asked = load_prompt(prompt)
    samples = [
        Sample(id=pair.pair_id, input=asked.question(pair), target=pair.label)
        for pair in load_pairs(split, data_dir)
    ]
    schema = ResponseSchema(name="label", json_schema=JSONSchema.model_validate(SCHEMA), strict=True)
    return Task(
        dataset=MemoryDataset(samples, name=f"counterclaim-{split}"),
        solver=[system_message(asked.system), generate()],
        scorer=label(),
        config=GenerateConfig(temperature=0.0, response_schema=schema if structured else None),
    )
