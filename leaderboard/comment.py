"""The comment on a pull request, from what the check left: `python leaderboard/comment.py DIR number|body`.

The check runs with the pull request's own copy of its workflow, so that DIR may hold anything. Two regular files are read,
within bounds: `number`, which must be a number, and `report.txt`, which is shown as plain text in a fence longer than any in
it: no link, no mention, no markup. Whether the number is that of the commit that was checked is for the caller to ask
GitHub. Needs nothing but Python.
"""

import json
import re
import stat
import sys
from pathlib import Path

LONGEST = 50_000
"""Characters of a report that are shown; GitHub takes 65,536 in all."""


def read(path: Path, most: int) -> bytes:
    """The first bytes of a regular file.

    Raises:
        OSError: if there is none.
        ValueError: if it is something else.
    """
    if not stat.S_ISREG(path.lstat().st_mode):
        raise ValueError(f"{path.name} is no regular file")
    with path.open("rb") as file:
        return file.read(most)


def number(folder: Path) -> int:
    """The number of the pull request.

    Raises:
        ValueError: if there is none.
    """
    text = read(folder / "number", 20).decode("ascii", "replace").strip()
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise ValueError("no number of a pull request")
    return int(text)


def body(folder: Path) -> str:
    """The comment, as Markdown."""
    text = read(folder / "report.txt", 4 * LONGEST).decode("utf-8", "replace")
    lines = text.splitlines()
    text = "\n".join("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line) for line in lines)
    if len(text) > LONGEST:
        text = text[:LONGEST] + "\n... the rest is in the log of the check"
    fence = "`" * max(4, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"What the check of this submission found:\n\n{fence}text\n{text}\n{fence}\n"


def main() -> int:
    """The command; returns its exit status."""
    folder, what = Path(sys.argv[1]), sys.argv[2]
    try:
        print(number(folder) if what == "number" else json.dumps({"body": body(folder)}))
    except (ValueError, OSError) as error:
        print(f"the report cannot be used: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
