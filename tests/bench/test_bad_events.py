"""Every folder of `tests/corpus/events` is refused with the message in it."""

import pytest

from bench.build import read_release
from bench.events import read_events
from bench.issues import BadInputError
from tests.conftest import CORPUS

FOLDERS = sorted(path for path in (CORPUS / "events").iterdir() if path.is_dir())
CANARY = read_release().canary


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_message(folder):
    with pytest.raises(BadInputError) as caught:
        read_events(folder, CANARY)
    assert str(caught.value).replace(f"{folder}/", "") + "\n" == (folder / "expected").read_text()


def test_there_are_enough():
    assert len(FOLDERS) >= 25


def test_the_event_that_they_are_made_from_is_sound():
    (event,) = read_events(CORPUS / "valid", CANARY)
    assert event.event_id == "2020-05-bridge-closed"


def test_no_folder(tmp_path):
    with pytest.raises(BadInputError, match="no such folder of events"):
        read_events(tmp_path / "absent", CANARY)
    with pytest.raises(BadInputError, match="no event in this folder"):
        read_events(tmp_path, CANARY)


def test_warnings_are_reported(tmp_path):
    text = (CORPUS / "valid" / "2020-05-bridge-closed.json").read_text()
    text = text.replace(
        "The Alder bridge was shut", "This Alder bridge was, council staff said yesterday, shut"
    )
    (tmp_path / "2020-05-bridge-closed.json").write_text(text)
    seen = []
    read_events(tmp_path, CANARY, on_warning=seen.append)
    assert [str(issue).removeprefix(f"{tmp_path}/") for issue in seen[0].warnings] == [
        "2020-05-bridge-closed.json:13: c1: may point outside the claim, got 'This'",
        "2020-05-bridge-closed.json:13: c1: relative time without a date, got 'yesterday'",
        "2020-05-bridge-closed.json:13: c1: may report instead of claim, got 'said'",
    ]
