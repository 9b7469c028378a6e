import shutil
from pathlib import Path

import pytest

from bench.schema import Date, Pair
from tests.browser import FLAGS

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "corpus"


def make_pair(pair_id, label="neutral", **fields):
    """A pair with what a test does not care about filled in."""
    event_id, _, claims = pair_id.partition("/")
    first, _, second = claims.partition("-")
    defaults = {
        "event_id": event_id,
        "claim_id": f"{event_id}/{first}",
        "counterclaim_id": f"{event_id}/{second}",
        "claim": f"text of {first}",
        "counterclaim": f"text of {second}",
        "dispute": "status" if label == "contradiction" else None,
        "expression": "lexical" if label == "contradiction" else None,
        "reason": "supports" if label == "neutral" else None,
        "domain": "politics",
        "date": Date(2020, 5, 4),
        "claim_speaker": "A",
        "counterclaim_speaker": "B",
        "claim_speaker_type": "government",
        "counterclaim_speaker_type": "media",
        "claim_languages": ["en"],
        "counterclaim_languages": ["fr"],
        "claim_asserted": None,
        "counterclaim_asserted": Date(2020),
        "outlets": 2,
        "ambiguous": False,
        "votes": [],
    }
    return Pair(pair_id=pair_id, label=label, **(defaults | fields))


@pytest.fixture(scope="session")
def pair():
    return make_pair


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield chromium
        chromium.close()
