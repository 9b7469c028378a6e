"""The board at its size: `python tests/benchmarks/board.py [--systems 100] [--events 1000] [--keep DIR]`.

Times the build of a board of synthetic systems on the shipped data, from files of predictions to the site, whole process;
the pages of as many synthetic disputes as asked for, all of them scored; and in headless Chromium, how long the board
takes to answer a sort (click to next frame), the explorer to answer a search, and the comparison to be shown.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import numpy as np
from msgspec.structs import replace
from playwright.sync_api import sync_playwright

from bench.build import read_release
from bench.events import read_events
from bench.files import data_home
from bench.gold import Gold, gold_of
from bench.load import load_pairs
from bench.predictions import Predictions, write_predictions
from bench.schema import LABELS, Event, Prediction
from leaderboard.build import write_site
from leaderboard.explorer import make_dispute
from leaderboard.ranking import rank
from leaderboard.site import Site
from leaderboard.submission import Sent, Submission, Target

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)
REPEATS = 11


def submission(n: int) -> Submission:
    """A team of its own, so that the Ladder lets every system through."""
    return Submission(
        name=f"System {n:03}", team=f"Team {n:03}", date="2025-01-01", kind=("open", "closed")[n % 2],
        training_data="none", test_seen="no", licence="MIT", contact="somebody@example.org",
        parameters=10**7 * (n + 1), pairs_per_second=float(10 + n),
    )  # fmt: skip


def decisions(gold: Gold, n: int, systems: int) -> Predictions:
    """Of a system that is the better the higher its number."""
    generator = np.random.default_rng(n)
    right = generator.random(len(gold.label)) < 0.3 + 0.6 * n / systems
    top = np.where(right, gold.label, generator.integers(len(LABELS), size=len(gold.label)))
    scores = generator.dirichlet(np.ones(3), len(gold.label)) + 2 * np.eye(3)[top]
    scores /= scores.sum(1, keepdims=True)
    return Predictions(top.astype(np.int8), scores, scores[:, -1], np.zeros(len(top), bool), f"{n:064x}")


def rows(gold: Gold, made: Predictions) -> list[Prediction]:
    """The same as records, to be written to a file."""
    names = list(LABELS)
    assert made.scores is not None
    return [
        Prediction(pair_id=id, label=names[code], scores=dict(zip(names, map(float, row), strict=True)))
        for id, code, row in zip(gold.pair_ids.tolist(), made.labels, made.scores, strict=True)
    ]


def from_files(folder: Path, systems: int) -> None:
    """Submissions on disk -> the site, by the command."""
    gold = gold_of(load_pairs("test"))
    for n in range(systems):
        own = folder / "submissions" / f"system-{n:03}"
        own.mkdir(parents=True)
        write_predictions(own / "predictions.jsonl.gz", rows(gold, decisions(gold, n, systems)))
        told = {key: value for key, value in msgspec.to_builtins(submission(n)).items() if value is not None}
        (own / "submission.yaml").write_text("".join(f"{key}: {value}\n" for key, value in told.items()))
    started = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "leaderboard.build",
        "--submissions",
        folder / "submissions",
        "--out",
        folder / "site",
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    report(
        f"{systems} systems, {len(gold.label):,} pairs: command, whole process", time.perf_counter() - started
    )


def of_many_events(folder: Path, systems: int, events: int) -> None:
    """The pages alone, with every dispute scored."""
    release = read_release()
    shipped = read_events(data_home() / "events", release.canary)
    copies = [renamed(shipped[n % len(shipped)], n) for n in range(events)]
    disputes = [make_dispute(event, release) for event in copies]
    gold = gold_of([pair for dispute in disputes for pair in dispute.pairs])
    sent = [
        Sent(f"system-{n:03}", submission(n), decisions(gold, n, systems), Path("p.jsonl"))
        for n in range(systems)
    ]
    target = Target(gold.pair_ids, gold)
    board = rank(sent, target, replicates=100)  # it is the pages that are timed
    started = time.perf_counter()
    write_site(folder / "many", Site(board, sent, target, disputes).files())
    report(f"{systems} systems, {events:,} disputes, all scored: pages", time.perf_counter() - started)


def renamed(event: Event, n: int) -> Event:
    """The event under another name."""
    return replace(event, event_id=f"{event.event_id}-n{n}")


def sizes(site: Path) -> None:
    """How large the site is."""
    files = [path for path in site.rglob("*") if path.is_file()]
    pages = sorted(path.stat().st_size for path in (site / "disputes").glob("2*.html"))
    print(f"  {len(files):,} files, {sum(path.stat().st_size for path in files) / 1e6:.0f} MB", end="; ")
    print(f"board {(site / 'index.html').stat().st_size / 1e3:.0f} kB", end="; ")
    print(f"a dispute {pages[len(pages) // 2] / 1e3:.0f} kB, the largest {pages[-1] / 1e3:.0f} kB")


def in_the_browser(site: Path) -> None:
    """What a visitor waits for."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        tab = browser.new_page(viewport={"width": 1200, "height": 900})
        tab.goto(f"{site.as_uri()}/index.html")
        report(
            f"sort, of {tab.locator('#board tbody tr').count()} rows",
            *tab.evaluate(CLICKS, [".board th:nth-child(5) button", REPEATS]),
        )
        tab.goto(f"{site.as_uri()}/disputes/index.html")
        tab.wait_for_load_state()
        report(
            f"search, of {tab.locator('#cards li').count()} disputes",
            *tab.evaluate(SEARCHES, ["#q", REPEATS]),
        )
        started = time.perf_counter()
        tab.goto(f"{site.as_uri()}/compare.html")
        tab.wait_for_selector("#pairs li")
        report("comparison, opened and shown", time.perf_counter() - started)
        path = next((site / "disputes").glob("2*.html"))
        started = time.perf_counter()
        tab.goto(path.as_uri())
        report("dispute, opened", time.perf_counter() - started)
        browser.close()


AFTER_FRAME = "const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));"
CLICKS = (
    "async ([selector, repeats]) => {"
    + AFTER_FRAME
    + """
    const times = [];
    for (let n = 0; n < repeats; n++) {
      await frame();
      const started = performance.now();
      document.querySelector(selector).click();
      await frame();
      times.push((performance.now() - started) / 1000);
    }
    return times;
}"""
)
SEARCHES = (
    "async ([selector, repeats]) => {"
    + AFTER_FRAME
    + """
    const times = [];
    const field = document.querySelector(selector);
    for (let n = 0; n < repeats; n++) {
      await frame();
      const started = performance.now();
      field.value = ["minister", "russia", "x", ""][n % 4];
      field.dispatchEvent(new Event("input", { bubbles: true }));
      await frame();
      times.push((performance.now() - started) / 1000);
    }
    return times;
}"""
)


def report(what: str, *seconds: float) -> None:
    """One line: the median, and the slowest of several."""
    middle = sorted(seconds)[len(seconds) // 2]
    slowest = f"  (slowest of {len(seconds)}: {max(seconds):.3f} s)" if len(seconds) > 1 else ""
    print(f"{what:62} {middle:8.3f} s{slowest}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--systems", type=int, default=100)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--keep", type=Path, help="leave the sites here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        from_files(folder, options.systems)
        sizes(folder / "site")
        in_the_browser(folder / "site")
        print()
        of_many_events(folder, options.systems, options.events)
        sizes(folder / "many")
        in_the_browser(folder / "many")


if __name__ == "__main__":
    main()
