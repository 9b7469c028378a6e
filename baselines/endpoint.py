"""Questions to an OpenAI-compatible endpoint, asked again where the answer cannot be used."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baselines.prompts import read_answer
from baselines.usage import Reply
from bench.issues import BadInputError, bad_input, show

if TYPE_CHECKING:
    from openai import APIError, AsyncOpenAI

    from baselines.prompts import Answer


FILTERED = "content_filter"
"""In place of a completion: the endpoint's filter rejected the request."""


@dataclass(frozen=True)
class Endpoint:
    """A client, the fields of every request besides its messages, and how often a question is asked again."""

    client: AsyncOpenAI
    fields: dict[str, Any]
    reasks: int

    async def ask(self, messages: list[dict[str, str]], form: str) -> Reply:
        """Ask until there is an answer: each further time with the last one, what was wrong with it, and `form`.

        Raises:
            BadInputError: where the endpoint rejects the request, or the client's retries are used up.
        """
        started = time.perf_counter()
        turns = list(messages)
        retries, tokens = 0, []
        for _ in range(self.reasks + 1):
            completion, retried = await self._complete(turns)
            retries += retried
            tokens.append(_tokens(completion))
            answer, problem, content, refused = _read(completion)
            if answer is not None:
                break
            if content:
                turns += [
                    {"role": "assistant", "content": content},
                    {"role": "user", "content": f"That cannot be used: {problem}. {form}"},
                ]
        total = [None if None in counts else sum(counts) for counts in zip(*tokens, strict=True)]
        return Reply(
            answer=answer,
            problem=problem,
            content=content,
            refused=refused,
            served_by=str(getattr(completion, "model", None) or ""),
            requests=len(tokens),
            retries=retries,
            input_tokens=total[0],
            output_tokens=total[1],
            seconds=round(time.perf_counter() - started, 3),
        )

    async def _complete(self, messages: list[dict[str, str]]) -> tuple[Any, int]:
        """The completion, None where the response is none, or `FILTERED`; and the client's retries."""
        import openai

        try:
            raw = await self.client.chat.completions.with_raw_response.create(
                messages=messages,  # type: ignore[arg-type]
                **self.fields,
            )
        except openai.APIError as error:
            if getattr(error, "code", None) == "content_filter":
                return FILTERED, 0
            raise self._failure(error) from error
        try:
            return raw.parse(), raw.retries_taken
        except (ValueError, openai.APIResponseValidationError):
            return None, raw.retries_taken

    def _failure(self, error: APIError) -> BadInputError:
        """What ended the run, without the key."""
        import openai

        where = self.client.base_url
        if isinstance(error, openai.APITimeoutError):
            attempts = self.client.max_retries + 1
            return bad_input(where, f"no response within {self.client.timeout} s, {attempts} times")
        if not isinstance(error, openai.APIStatusError):
            return bad_input(where, "cannot be reached", got=show(str(error.__cause__ or error)))
        expected = ""
        if error.status_code in (401, 403):
            expected = "a valid key in the variable that api_key_env names"
        elif error.status_code == 400 and "response_format" in self.fields:
            expected = (
                "a request it takes; response_format=json_object or text, where it has no structured output"
            )
        message = error.message.replace(self.client.api_key, "***")
        return bad_input(
            where, f"rejects the request with status {error.status_code}", expected, show(message)
        )


def _read(completion: Any) -> tuple[Answer | None, str, str, bool]:
    """The answer or what is wrong with it, the text it was read from, and whether it is a refusal."""
    if completion == FILTERED:
        return None, "stopped by a filter", "", True
    choices = getattr(completion, "choices", None)
    if not choices or choices[0].message is None:
        return None, "the response holds no message", "", False
    message = choices[0].message
    content = message.content or ""
    if refusal := getattr(message, "refusal", None):
        return None, "a refusal", refusal, True
    if choices[0].finish_reason == FILTERED:
        return None, "stopped by a filter", content, True
    try:
        return read_answer(content), "", content, False
    except ValueError as error:
        cut = " (cut off at max_tokens)" if choices[0].finish_reason == "length" else ""
        return None, f"{error}{cut}", content, False


def _tokens(completion: Any) -> tuple[int | None, int | None]:
    usage = getattr(completion, "usage", None)
    return getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None)
