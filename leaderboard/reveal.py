"""Closes a sealed round: `python -m leaderboard.reveal OUT --private DIR`.

Checks that the gold file and the salt of DIR are those that the commitment in OUT was made of and that they belong to the
published texts, then publishes both in OUT. Without `--private`, it checks a round that has been revealed: anyone can.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bench.files import write
from bench.issues import Issues, bad_input, command
from bench.load import read_pairs
from leaderboard.seal import GOLD, SALT, SALT_BYTES, SEAL, TEXTS, Seal, commit, texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence


def read_seal(path: Path) -> Seal:
    """What was published when the round was sealed.

    Raises:
        BadInputError: where there is no such file.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Seal)
    except (OSError, msgspec.MsgspecError) as error:
        raise bad_input(path, f"no seal: {error}", "made by `python -m leaderboard.seal`") from error


def check(out: Path, private: Path) -> dict[str, bytes]:
    """Gold file and salt of `private` by name, which are those that `out` committed to.

    Raises:
        BadInputError: where they are not, or cannot be read.
    """
    seal, issues = read_seal(out / SEAL), Issues()
    try:
        texts = (out / TEXTS).read_bytes()
        gold, salt = (private / GOLD).read_bytes(), (private / SALT).read_bytes()
    except OSError as error:
        raise bad_input(error.filename, f"cannot be read: {error.strerror}") from error
    try:
        key = bytes.fromhex(salt.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != SALT_BYTES:
        raise bad_input(private / SALT, "no salt", f"{SALT_BYTES} bytes in hex")
    if not hmac.compare_digest(commit(gold, key), seal.commitment):
        issues.error(
            private / GOLD, what="gold and salt are not those of the commitment", expected=seal.commitment
        )
    if hashlib.sha256(texts).hexdigest() != seal.texts_sha256:
        issues.error(out / TEXTS, what="the texts are not those of the seal", expected=seal.texts_sha256)
    issues.raise_if_any()
    if texts_of(read_pairs(private / GOLD)) != texts:
        issues.error(private / GOLD, what="the gold file is not of the published texts")
    issues.raise_if_any()
    return {GOLD: gold, SALT: salt}


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m leaderboard.reveal",
        description="Check the labels of a sealed round against its commitment, and publish them.",
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="the folder that was published")
    parser.add_argument(
        "--private", type=Path, metavar="DIR", help="gold and salt; without it, those in OUT are checked"
    )
    options = parser.parse_args(arguments)
    found = check(options.out, options.private or options.out)
    if options.private:
        for name, content in found.items():
            write(options.out / name, content)
    print(
        f"The labels are those of the commitment{'; published' if options.private else ''}: {options.out / GOLD}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
