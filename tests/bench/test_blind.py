import json

import pytest

from bench import blind
from bench.build import read_release
from bench.events import read_events
from bench.files import data_home
from tests.conftest import CORPUS

CANARY = read_release().canary


@pytest.fixture
def folder(tmp_path):
    """The valid event with first votes alone."""
    event = json.loads((CORPUS / "valid" / "2020-05-bridge-closed.json").read_text())
    for pair in event["pairs"]:
        pair["votes"] = []
    (tmp_path / "2020-05-bridge-closed.json").write_text(json.dumps(event))
    return tmp_path


def only_event(folder):
    return read_events(folder, CANARY)[0]


def answer(event, changes=()):
    """A second reader's file: the labels of the event, but for some pairs."""
    names, changes = blind.letters(event), dict(changes)
    lines = [blind.event_key(event)]
    for pair in event.pairs:
        vote = changes.get((pair.a, pair.b), blind.first_vote(pair))
        a, b = names[pair.a], names[pair.b]
        lines.append(f"{a}-{b} {vote}" if a < b else f"{b}-{a} {blind.turned(vote)}")
    return "\n".join(lines) + "\n"


def test_texts_show_nothing_but_texts(folder, capsys):
    assert blind.main(["texts", "--events", str(folder)]) == 0
    shown = capsys.readouterr().out
    event = only_event(folder)
    assert sorted(line[3:] for line in shown.splitlines()[1:] if line) == sorted(
        claim.text for claim in event.claims
    )
    for hidden in (event.event_id, event.title, "Alder Post", "contradiction", "c1"):
        assert hidden not in shown.replace("Alder's", "")


def test_the_order_is_shuffled():
    orders = [
        [blind.letters(event)[claim.id] for claim in event.claims]
        for event in read_events(data_home() / "events", CANARY)[:30]
    ]
    assert sum(order == sorted(order) for order in orders) < 3


def test_three_readings(folder, tmp_path, capsys):
    event = only_event(folder)
    file = tmp_path / "answers.txt"
    file.write_text(answer(event, {("c1", "c3"): "neutral:supports", ("c1", "c4"): "neutral:hedge"}))
    assert blind.main(["merge", str(file), "--events", str(folder)]) == 0
    assert capsys.readouterr().out == "1 events merged; on 1 pairs two readings differ\n"
    read = {(pair.a, pair.b): pair for pair in only_event(folder).pairs}
    assert read["c1", "c2"].votes == ["contradiction:status:antonym"] * 2
    assert read["c1", "c3"].votes == ["entails", "neutral:supports"]
    assert read["c1", "c3"].relation == "entails"
    assert read["c1", "c4"].votes == ["neutral:no_comment", "neutral:hedge"]

    assert blind.main(["open", "--events", str(folder)]) == 0
    cases = capsys.readouterr().out
    assert cases.count("neutral:supports") == 1
    names = blind.letters(event)
    a, b = sorted((names["c1"], names["c3"]))
    vote = "equivalence"  # c3 contradicts c2, as c1 does
    file.write_text(f"{blind.event_key(event)}\n{a}-{b} {vote}\n")
    assert blind.main(["merge", str(file), "--events", str(folder)]) == 0
    read = {(pair.a, pair.b): pair for pair in only_event(folder).pairs}
    assert read["c1", "c3"].votes == ["entails", "neutral:supports", "equivalence"]
    assert read["c1", "c3"].relation == "equivalence"
    assert (folder / "2020-05-bridge-closed.json").read_text().count("\n") > 20  # one record a line


def test_a_third_vote_that_breaks_logic_is_refused(folder, tmp_path, capsys):
    event = only_event(folder)
    file = tmp_path / "answers.txt"
    file.write_text(answer(event, {("c2", "c3"): "neutral:supports"}))
    assert blind.main(["merge", str(file), "--events", str(folder)]) == 0
    names = blind.letters(event)
    a, b = sorted((names["c2"], names["c3"]))
    file.write_text(f"{blind.event_key(event)}\n{a}-{b} equivalence\n")
    before = (folder / "2020-05-bridge-closed.json").read_bytes()
    assert blind.main(["merge", str(file), "--events", str(folder)]) == 2
    assert "closure: " in capsys.readouterr().err
    assert (folder / "2020-05-bridge-closed.json").read_bytes() == before


def test_pairs_of_a_reworded_claim_are_read_alone(folder, tmp_path, capsys):
    path, file = folder / "2020-05-bridge-closed.json", tmp_path / "answers.txt"
    file.write_text(answer(only_event(folder)))
    assert blind.main(["merge", str(file), "--events", str(folder)]) == 0
    record = json.loads(path.read_text())
    for pair in record["pairs"]:
        if "c4" in (pair["a"], pair["b"]):
            pair["votes"] = []
    path.write_text(json.dumps(record))
    capsys.readouterr()
    assert blind.main(["texts", "--events", str(folder)]) == 0
    event = only_event(folder)
    asked = [line for line in capsys.readouterr().out.splitlines() if line[1:2] == "-"]
    assert asked == blind.waiting(event)
    assert len(asked) == len(event.claims) - 1
    assert all(blind.letters(event)["c4"] in line.split("-") for line in asked)

    file.write_text(answer(event))
    assert blind.main(["merge", str(file), "--events", str(folder)]) == 2
    assert "does not wait for a second vote" in capsys.readouterr().err
    file.write_text(
        "\n".join(
            line for line in answer(event).splitlines() if line[:3] in [blind.event_key(event)[:3], *asked]
        )
    )
    assert blind.main(["merge", str(file), "--events", str(folder)]) == 0
    assert all(len(pair.votes) == 2 for pair in only_event(folder).pairs)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda text: text.replace("A-B", "B-A", 1),
            "unknown pair, expected two letters of the event in order, got B-A",
        ),
        (lambda text: text.replace("A-B", "A-Z", 1), "unknown pair"),
        (lambda text: text.splitlines()[0] + "\nA-B maybe\n", "unknown vote, expected one of entails"),
        (lambda text: text.splitlines()[0] + "\nA-B neutral\n", "unknown vote"),
        (lambda text: text.splitlines()[0] + "\nA and B\n", "not an answer"),
        (lambda text: "0" * 8 + "\n", "unknown event"),
        (lambda text: text + text.splitlines()[-1] + "\n", "is answered twice, expected once"),
        (lambda text: "\n".join(text.splitlines()[:-1]), "no answer for"),
    ],
)
def test_bad_answers(change, expected, folder, tmp_path, capsys):
    file = tmp_path / "answers.txt"
    file.write_text(change(answer(only_event(folder))))
    assert blind.main(["merge", str(file), "--events", str(folder)]) == 2
    assert expected in capsys.readouterr().err
    assert all(pair.votes == [] for pair in only_event(folder).pairs)


def test_turning_a_vote():
    assert blind.turned("entails") == "entailed_by"
    assert blind.turned("contradiction:time:value") == "contradiction:time:value"


def test_formatting_keeps_an_event(folder):
    event = only_event(folder)
    (folder / "2020-05-bridge-closed.json").write_bytes(blind.format_event(event))
    assert only_event(folder) == event


def test_shipped_events_are_formatted():
    for event in read_events(data_home() / "events", CANARY):
        content = (data_home() / "events" / f"{event.event_id}.json").read_bytes()
        assert content == blind.format_event(event), event.event_id
