"""Messages quote what strangers sent: they print, on one line, whatever that was."""

import pytest

from bench.issues import Issue
from bench.load import load_pairs, read_pairs
from bench.schema import SPLITS
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("id", "shown"),
    [
        ("a\n::error::b", r"a\n::error::b"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("left\u202eright", r"left\u202eright"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("\udc80", r"\udc80"),
        ("épée 漢字 –", "épée 漢字 –"),
    ],
)
def test_what_does_not_print_is_escaped(id, shown):
    assert str(Issue("p.jsonl", 3, id, "unknown pair_id")) == f"p.jsonl:3: {shown}: unknown pair_id"


def test_a_message_is_bounded():
    text = str(Issue("p.jsonl", 1, "x" * 100_000, "unknown pair_id"))
    assert len(text) == 2000
    assert text.endswith("…")


def test_read_pairs_reads_a_table_wherever_it_lies():
    assert read_pairs(ROOT / "data" / "pairs" / f"{SPLITS[1]}.jsonl") == load_pairs(SPLITS[1])
