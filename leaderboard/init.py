"""Makes the folder of a submission: `python -m leaderboard.init SLUG --predictions FILE [--name NAME ...]`.

The folder gets the predictions, packed, and a `submission.yaml` whose comments say what each field means; what was not
given as an option is left to be filled in. `--baselines` makes the folders of this project's own baselines instead:
fitted on train, predicted on test, every field filled in.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import json
import os
import platform
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baselines.results import baselines
from bench.engine import fit_and_predict
from bench.files import to_jsonl, write
from bench.issues import Issues, bad_input, command, one_of, show
from bench.load import load_manifest, load_pairs
from leaderboard.fields import FIELDS, WrongValueError
from leaderboard.seal import texts_target
from leaderboard.submission import (
    Target,
    checked_predictions,
    checked_run,
    public_target,
    raise_if_any,
    slug_problem,
    submissions_home,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PRETRAINED = ", after the pretraining of all-MiniLM-L6-v2"
_EPOCH = "; the epoch was chosen on the validation split"


def today() -> str:
    """The date in UTC, yyyy-mm-dd."""
    return dt.datetime.now(dt.UTC).date().isoformat()


def form(values: Mapping[str, str | float]) -> bytes:
    """`submission.yaml` with these values; the other fields are empty and say what they want."""
    lines = ["# What the board shows of this submission. Fields that may hold nothing can stay empty.", ""]
    for name, field in FIELDS.items():
        lines += textwrap.wrap(field.meaning, 108, initial_indent="# ", subsequent_indent="# ")
        value = values.get(name)
        shown = (
            json.dumps(value, ensure_ascii=False)
            if isinstance(value, str)
            else f"{value:.12g}"
            if value
            else ""
        )
        lines += [f"{name}: {shown}".rstrip(), ""]
    return ("\n".join(lines[:-1]) + "\n").encode()


def packed(path: Path) -> bytes:
    """The content of a `.jsonl` or `.jsonl.gz` file, packed: same rows, same bytes."""
    if not path.name.endswith((".jsonl", ".jsonl.gz")):
        raise bad_input(path, "unknown kind of file", ".jsonl or .jsonl.gz")
    content = path.read_bytes()
    return gzip.compress(gzip.decompress(content) if path.suffix == ".gz" else content, mtime=0)


def make(slug: str, given: Mapping[str, Path], fields: Mapping[str, str], target: Target, out: Path) -> Path:
    """Write the folder of a submission.

    Args:
        slug: its name.
        given: the files by option: predictions, and perhaps validation and run.
        fields: text by name of a field; the others are left empty.
        target: what the predictions are for.
        out: the folder of all submissions.

    Raises:
        BadInputError: with every problem of slug, files and fields; nothing is written then.
    """
    issues, folder = Issues(), out / slug
    values: dict[str, str | float] = {"date": today()}
    if problem := slug_problem(slug):
        issues.error("SLUG", what=problem, expected="1 to 40 of a-z, 0-9 and -", got=show(slug))
    elif folder.exists():
        issues.error(folder, what="is there already", expected="another slug: each submission has its own")
    for name, text in fields.items():
        try:
            values[name] = FIELDS[name].convert(text)
        except WrongValueError as error:
            issues.error(
                f"--{name.replace('_', '-')}", what=error.what, expected=error.expected, got=show(text)
            )
    for part, path in given.items():
        if part == "run":
            issues.collect(checked_run, path, target)
        else:
            issues.collect(checked_predictions, path, target, part)
    raise_if_any(issues)
    contents = {f"{part}.jsonl.gz": packed(path) for part, path in given.items() if part != "run"}
    if "run" in given:
        contents["run.trec"] = given["run"].read_bytes()
    for name, content in {**contents, "submission.yaml": form(values)}.items():
        write(folder / name, content)
    return folder


def make_baselines(names: Sequence[str], out: Path) -> list[Path]:
    """Fit every baseline on train, predict test, and write its folder anew, with today's date."""
    pairs = load_pairs("test")
    version, declared, folders = load_manifest()["version"], baselines(), []
    for name in names:
        made, run = fit_and_predict(declared[name].estimator, declared[name].settings, pairs)
        values: dict[str, Any] = {
            "name": name,
            "team": "CounterClaim",
            "date": today(),
            "kind": "baseline",
            "training_data": f"The training split of CounterClaim {version}{_PRETRAINED * bool(declared[name].extra)}"
            f"{_EPOCH * ('validation' in run['learnt_from'])}.",
            "test_seen": "no",
            "hardware": f"{os.cpu_count()} CPU cores ({platform.machine()})",
            "pairs_per_second": float(f"{run['pairs_per_second']:.2g}"),
            "licence": "Apache-2.0",
            "contact": "The issues of this project.",
        }
        folder = out / name.replace("_", "-")
        write(folder / "predictions.jsonl.gz", gzip.compress(to_jsonl(made), mtime=0))
        write(folder / "submission.yaml", form(values))
        folders.append(folder)
    return folders


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command."""
    parser = argparse.ArgumentParser(
        prog="python -m leaderboard.init",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "slug", nargs="?", metavar="SLUG", help="the folder's name: 1 to 40 of a-z, 0-9 and -"
    )
    parser.add_argument(
        "--predictions", type=Path, metavar="FILE", help="of the whole test split, .jsonl or .jsonl.gz"
    )
    parser.add_argument(
        "--validation", type=Path, metavar="FILE", help="predictions of the whole validation split"
    )
    parser.add_argument(
        "--run", type=Path, metavar="FILE", help="a run of the retrieval task, in TREC's format"
    )
    parser.add_argument(
        "--texts", type=Path, metavar="FILE", help="the published pairs of a sealed round, instead of test"
    )
    parser.add_argument(
        "--submissions", type=Path, metavar="DIR", default=submissions_home(), help="where it goes"
    )
    parser.add_argument(
        "--baselines", nargs="*", metavar="NAME", help="make the baselines' folders, all or these"
    )
    fields = parser.add_argument_group("fields of submission.yaml")
    for name, field in FIELDS.items():
        fields.add_argument(f"--{name.replace('_', '-')}", metavar=name.upper(), help=field.meaning)
    options = parser.parse_args(arguments)
    if options.baselines is None and (options.slug is None or options.predictions is None):
        parser.error("SLUG and --predictions are needed")
    if options.baselines is not None and (unknown := set(options.baselines) - set(baselines())):
        parser.error(f"unknown baseline {', '.join(sorted(unknown))}, expected {one_of(sorted(baselines()))}")
    return options


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit status."""
    options = parse(arguments)
    if options.baselines is not None:
        for folder in make_baselines(options.baselines or sorted(baselines()), options.submissions):
            print(f"Written to {folder}")
        return 0
    target = texts_target(options.texts) if options.texts else public_target()
    given = {part: path for part in ("predictions", "validation", "run") if (path := getattr(options, part))}
    fields = {name: text for name in FIELDS if (text := getattr(options, name)) is not None}
    folder = make(options.slug, given, fields, target, options.submissions)
    print(f"Written to {folder}. Fill in {folder / 'submission.yaml'}, then:")
    print(f"  python -m leaderboard.validate {folder}{f' --texts {options.texts}' if options.texts else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
