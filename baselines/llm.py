"""A language model behind an OpenAI-compatible endpoint: vLLM, Ollama, or a hosted one."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from baselines.cache import Cache, open_cache
from baselines.endpoint import Endpoint
from baselines.prompts import SCHEMA, Prompt, load_prompt
from baselines.usage import Reply, Tally
from bench.issues import Issues, needs, one_of, show
from bench.schema import LABELS

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from bench import Pair

RESPONSE_FORMATS: dict[str, dict[str, Any] | None] = {
    "json_schema": {
        "type": "json_schema",
        "json_schema": {"name": "label", "strict": True, "schema": SCHEMA},
    },
    "json_object": {"type": "json_object"},
    "text": None,
}
"""What a request asks for, by the value of the setting."""

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")


class LanguageModel(ClassifierMixin, BaseEstimator):
    """Asks a language model for the label of each pair, one request a direction; learns nothing.

    The model states a label and its confidence c: the label gets the probability c, the other two (1 - c) / 2 each.
    What a model says of its confidence need not be calibrated; the report shows whether it is.

    Args:
        model: as the endpoint calls it.
        base_url: of the endpoint; None for OpenAI's.
        api_key_env: name of the environment variable that holds the key; None where the endpoint wants none.
        prompt: a file of `configs/prompt/` by its name, or the path of one.
        response_format: `json_schema`, `json_object`, or `text`.
        temperature: None leaves it to the endpoint; the same holds for `seed` and `max_tokens`.
        seed: of the endpoint's sampling, where it has one.
        max_tokens: longest answer.
        extra_body: more fields of the request.
        concurrency: requests under way at once.
        timeout: seconds for one attempt.
        max_retries: attempts after the first one fails: status 408, 409, 429, 5xx, a time-out, a lost connection; with
            exponential back-off, or as long as `Retry-After` says.
        reasks: how often a model is asked again after a malformed answer or a refusal.
        on_failure: `error`, or `neutral`: with probability 1, and counted in `usage_`.
        cache: file that keeps the answers; None for none.
        input_price: of a million tokens, in any currency; both prices or neither.
        output_price: as `input_price`.

    Attributes:
        usage_: what the pairs so far took; see `baselines.usage.Tally.usage`.
    """

    classes_ = tuple(LABELS)

    def __init__(
        self,
        model: str | None = None,
        base_url: str | None = None,
        *,
        api_key_env: str | None = None,
        prompt: str = "pairs",
        response_format: str = "json_schema",
        temperature: float | None = 0.0,
        seed: int | None = 0,
        max_tokens: int | None = 256,
        extra_body: dict[str, Any] | None = None,
        concurrency: int = 16,
        timeout: float = 60.0,
        max_retries: int = 6,
        reasks: int = 2,
        on_failure: str = "error",
        cache: str | None = None,
        input_price: float | None = None,
        output_price: float | None = None,
    ) -> None:
        self.model = model
        self.base_url = base_url
        self.api_key_env = api_key_env
        self.prompt = prompt
        self.response_format = response_format
        self.temperature = temperature
        self.seed = seed
        self.max_tokens = max_tokens
        self.extra_body = extra_body
        self.concurrency = concurrency
        self.timeout = timeout
        self.max_retries = max_retries
        self.reasks = reasks
        self.on_failure = on_failure
        self.cache = cache
        self.input_price = input_price
        self.output_price = output_price
        self._tally = Tally()

    @property
    def identity(self) -> str:
        """What tells this prompt from another of its name."""
        return load_prompt(self.prompt).sha256

    @property
    def usage_(self) -> dict[str, Any]:
        """Requests, tokens, cost and latency of the pairs so far."""
        return self._tally.usage(self.input_price, self.output_price)

    def take_tally(self) -> bytes:
        """What the pairs since the last call took, encoded; `usage_` forgets it."""
        tally, self._tally = self._tally, Tally()
        return msgspec.json.encode(tally)

    def add_tally(self, tally: bytes) -> None:
        """Count in `usage_` what another process took."""
        self._tally.add(msgspec.json.decode(tally, type=Tally))

    def predict_proba(self, pairs: Sequence[Pair]) -> NDArray[np.float64]:
        """(pairs, 3) probabilities in the order of `classes_`.

        Raises:
            BadInputError: for settings that make no sense; where the endpoint cannot be reached or rejects a request; with
                `on_failure="error"`, listing every pair without a usable answer. Answers so far stay in the cache.
        """
        self._check()
        replies = _run(self._ask_all(pairs))
        issues = Issues()
        for pair, reply in zip(pairs, replies, strict=True):
            if reply.answer is None and self.on_failure == "error":
                issues.error(self.model, id=pair.pair_id, what=reply.problem, got=show(reply.content))
        issues.raise_if_any()
        neutral = dict.fromkeys(LABELS, 0.0) | {"neutral": 1.0}
        scores = (neutral if reply.answer is None else reply.answer.scores() for reply in replies)
        return np.array([list(row.values()) for row in scores]).reshape(-1, len(LABELS))

    def _check(self) -> None:
        """Raise `BadInputError` with every setting that makes no sense."""
        issues = Issues()
        variable = self.api_key_env
        prices = (self.input_price, self.output_price)
        for name, sound, expected in (
            ("model", self.model, "the name that the endpoint serves"),
            ("response_format", self.response_format in RESPONSE_FORMATS, one_of(RESPONSE_FORMATS)),
            ("on_failure", self.on_failure in ("error", "neutral"), one_of(("error", "neutral"))),
            ("concurrency", _whole(self.concurrency, 1), "1 or more"),
            ("timeout", isinstance(self.timeout, int | float) and self.timeout > 0, "more than 0 seconds"),
            ("max_retries", _whole(self.max_retries, 0), "0 or more"),
            ("reasks", _whole(self.reasks, 0), "0 or more"),
            ("input_price", (prices[0] is None) == (prices[1] is None), "both prices or neither"),
        ):
            if not sound:
                issues.error(
                    "settings", what=f"{name} is wrong", expected=expected, got=show(getattr(self, name))
                )
        if variable is not None and not _VARIABLE.fullmatch(variable):  # perhaps the key: it is not shown
            issues.error(
                "settings", what="api_key_env is wrong", expected="the name of a variable, as OPENAI_API_KEY"
            )
        elif variable is not None and not os.environ.get(variable):
            issues.error(
                "settings", what=f"the environment variable {variable} is not set", expected="the key"
            )
        issues.raise_if_any()

    def _fields(self) -> dict[str, Any]:
        """The fields of a request besides its messages."""
        optional = {
            "response_format": RESPONSE_FORMATS[self.response_format],
            "temperature": self.temperature,
            "seed": self.seed,
            "max_tokens": self.max_tokens,
            "extra_body": self.extra_body or None,
        }
        return {"model": self.model} | {name: value for name, value in optional.items() if value is not None}

    async def _ask_all(self, pairs: Sequence[Pair]) -> list[Reply]:
        """A reply for each pair. The first request that fails for good stops the others."""
        with needs("llm"):
            from openai import AsyncOpenAI
        prompt = load_prompt(self.prompt)
        self._tally.prompt_sha256 = prompt.sha256
        key = os.environ[self.api_key_env] if self.api_key_env else "no-key"
        client = AsyncOpenAI(
            base_url=self.base_url, api_key=key, timeout=self.timeout, max_retries=self.max_retries
        )
        endpoint = Endpoint(client, self._fields(), self.reasks)
        turn = asyncio.Semaphore(self.concurrency)
        with open_cache(self.cache) as cache:
            try:
                async with client, asyncio.TaskGroup() as group:
                    tasks = [
                        group.create_task(self._reply(endpoint, turn, cache, prompt, pair)) for pair in pairs
                    ]
            except ExceptionGroup as errors:
                raise errors.exceptions[0] from None
        return [task.result() for task in tasks]

    async def _reply(
        self, endpoint: Endpoint, turn: asyncio.Semaphore, cache: Cache, prompt: Prompt, pair: Pair
    ) -> Reply:
        """What the cache or the model says of one pair."""
        messages = prompt.messages(pair)
        request = endpoint.fields | {"messages": messages}
        key = hashlib.sha256(msgspec.json.encode(request, order="deterministic")).hexdigest()
        if (known := cache.get(key)) is not None:
            reply = msgspec.json.decode(known, type=Reply)
            self._tally.cached.append(reply)
            return reply
        async with turn:
            reply = await endpoint.ask(messages, prompt.answer)
        if reply.answer is not None:
            cache.put(key, msgspec.json.encode(reply))
        self._tally.fresh.append(reply)
        return reply


def _whole(value: object, least: int) -> bool:
    return isinstance(value, int) and value >= least


def _run(coroutine: Coroutine[Any, Any, list[Reply]]) -> list[Reply]:
    """Run it here, or in a thread where this one has an event loop already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()
