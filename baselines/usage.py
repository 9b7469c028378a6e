"""What asking a language model took: requests, tokens, cost, latency."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from baselines.prompts import Answer


class Reply(msgspec.Struct, frozen=True):
    """What became of one pair: the answer, or what was wrong with the last attempt, and what it took.

    `requests` counts what was asked, re-asks included; `retries` what the client sent again for want of a response.
    `seconds` is from the first request to the last response, waiting between retries included. Tokens are None where the
    server does not tell them.
    """

    answer: Answer | None
    problem: str
    content: str
    refused: bool
    served_by: str
    requests: int
    retries: int
    input_tokens: int | None
    output_tokens: int | None
    seconds: float


class Tally(msgspec.Struct):
    """Replies as they come in, from the endpoint (`fresh`) and from the cache."""

    fresh: list[Reply] = []
    cached: list[Reply] = []
    prompt_sha256: str = ""

    def add(self, other: Tally) -> None:
        """Join what another process took."""
        self.fresh += other.fresh
        self.cached += other.cached
        self.prompt_sha256 = other.prompt_sha256

    def usage(self, input_price: float | None, output_price: float | None) -> dict[str, Any]:
        """The figures of a run.

        Args:
            input_price: of a million tokens, or None.
            output_price: as `input_price`.

        Returns:
            Counts of pairs, requests and failures; `spent`: tokens and cost of this run; `answers`: those of every
            answer, from the cache or not; latency of an answer, from its first request to its last response, in
            seconds. None for what is not known.
        """
        replies = self.fresh + self.cached
        p50, p95 = np.quantile([r.seconds for r in replies], (0.5, 0.95)) if replies else (None, None)

        def price(part: list[Reply]) -> dict[str, Any]:
            tokens_in, tokens_out = (
                None if None in counts else sum(counts)  # type: ignore[arg-type]
                for counts in ([r.input_tokens for r in part], [r.output_tokens for r in part])
            )
            known = None not in (tokens_in, tokens_out, input_price, output_price)
            cost = (tokens_in * input_price + tokens_out * output_price) / 1e6 if known else None  # type: ignore[operator]
            return {"input_tokens": tokens_in, "output_tokens": tokens_out, "cost": cost}

        return {
            "pairs": len(replies),
            "cached": len(self.cached),
            "requests": sum(r.requests for r in self.fresh),
            "retries": sum(r.retries for r in self.fresh),
            "reasked": sum(r.requests > 1 for r in self.fresh),
            "refused": sum(r.answer is None and r.refused for r in self.fresh),
            "malformed": sum(r.answer is None and not r.refused for r in self.fresh),
            "spent": price(self.fresh),
            "answers": price(replies),
            "latency_p50": None if p50 is None else round(float(p50), 3),
            "latency_p95": None if p95 is None else round(float(p95), 3),
            "prompt_sha256": self.prompt_sha256,
            "served_by": sorted({r.served_by for r in replies}),
        }
