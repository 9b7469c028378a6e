"""Coverage-guided fuzzing of the readers: `python tests/fuzzing/readers.py predictions|events|pairs RUNS` (needs atheris)."""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["bench"]):
    import bench
    from bench.build import read_release
    from bench.events import read_events
    from bench.issues import BadInputError
    from bench.predictions import read_predictions

IDS = [f"e{n}/c1-c2" for n in range(3)]
CANARY = read_release().canary
FOLDER = Path(tempfile.mkdtemp())
(FOLDER / "pairs").mkdir()
SEEDS = {
    "predictions": b'{"pair_id":"e0/c1-c2","scores":{"entailment":0.1,"neutral":0.2,"contradiction":0.7}}\n',
    "events": b'{"event_id": "2020-05-x", "articles": [{"id": "a1"}], "claims": [{"id": "c1"}], "pairs": []}',
    "pairs": b'{"pair_id":"e0/c1-c2","label":"neutral","date":{"year":2020},"votes":[]}\n',
}


def predictions(data: bytes) -> None:
    (FOLDER / "p.jsonl").write_bytes(data)
    read_predictions(FOLDER / "p.jsonl", IDS)


def events(data: bytes) -> None:
    (FOLDER / "2020-05-x.json").write_bytes(data)
    read_events(FOLDER, CANARY)


def pairs(data: bytes) -> None:
    (FOLDER / "pairs" / "test.jsonl").write_bytes(data)
    bench.load_pairs("test", FOLDER)


READERS = {"predictions": predictions, "events": events, "pairs": pairs}


def main() -> None:
    name, runs = sys.argv[1:]
    corpus = Path(tempfile.mkdtemp())
    (corpus / "seed").write_bytes(SEEDS[name])

    def once(data: bytes) -> None:
        try:
            READERS[name](data)
        except BadInputError as error:
            str(error)

    atheris.Setup(
        [sys.argv[0], f"-runs={runs}", "-max_len=600", "-timeout=20", "-rss_limit_mb=2048", str(corpus)], once
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
