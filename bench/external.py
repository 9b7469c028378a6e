"""Other data sets of claim pairs, mapped to the same records and labels: `dataset=NAME` (`configs/dataset/`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from bench.issues import Issues, bad_input, one_of, show
from bench.schema import LABELS, NOT_CONTRADICTION, Date, Pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_DROPPED = "drop"


class Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which columns hold what. `group` names what rows share that are not independent, such as a premise."""

    claim: str
    counterclaim: str
    label: str
    id: str | None = None
    group: str | None = None


class External(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a data set is, and how it maps to pairs.

    Attributes:
        path: on the Hugging Face hub, or a local folder; or the name of a builder (json, csv) with `data_files`.
        config: of the hub data set, or null.
        revision: commit of the hub data set, so that its data are pinned.
        splits: by our name of a split, theirs.
        labels: by their label, as text, one of ours, `not_contradiction` or `drop`.
        language: ISO 639-1 code of the texts.
        year: of publication.
        data_files: by their name of a split, a file; for a builder.
    """

    name: str
    path: str
    columns: Columns
    splits: dict[str, str]
    labels: dict[str, str]
    language: str
    year: int
    config: str | None = None
    revision: str | None = None
    data_files: dict[str, str] | None = None


def load_external(external: External, split: str) -> list[Pair]:
    """The pairs of a split; rows whose label is dropped are left out.

    Raises:
        BadInputError: where the declaration maps labels to something unknown, or the data cannot be loaded, lack a
            column, or hold a label that is not mapped.
    """
    import datasets

    allowed = (*LABELS, NOT_CONTRADICTION, _DROPPED)
    if wrong := set(external.labels.values()) - set(allowed):
        raise bad_input(
            external.name, "labels map to something unknown", one_of(allowed), show(sorted(wrong))
        )
    if split not in external.splits:
        raise bad_input(external.name, "no such split", one_of(external.splits), show(split))
    try:
        rows = datasets.load_dataset(
            external.path,
            external.config,
            split=external.splits[split],
            revision=external.revision,
            data_files=external.data_files,
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise bad_input(external.name, f"cannot be loaded: {' '.join(str(error).split())[:300]}") from error
    wanted = [name for name in msgspec.structs.astuple(external.columns) if name]
    if missing := [name for name in wanted if name not in rows.column_names]:
        raise bad_input(external.name, f"no column {', '.join(missing)}", one_of(rows.column_names))
    return list(_pairs(external, rows))


def _pairs(external: External, rows: Iterable[Mapping[str, Any]]) -> Iterable[Pair]:
    issues, columns = Issues(), external.columns
    found, seen = [], set()
    for number, row in enumerate(rows, 1):
        label = external.labels.get(str(row[columns.label]))
        id = str(row[columns.id]) if columns.id else str(number)
        if label is None:
            allowed = one_of(external.labels)
            issues.error(
                external.name,
                number,
                id,
                what="label is not mapped",
                expected=allowed,
                got=show(row[columns.label]),
            )
        elif id in seen:
            issues.error(external.name, number, id, what="id is given twice", expected="once")
        elif label != _DROPPED:
            group = str(row[columns.group]) if columns.group else id
            found.append(
                _pair(
                    external,
                    id,
                    group=group,
                    label=label,
                    claim=row[columns.claim],
                    counterclaim=row[columns.counterclaim],
                )
            )
        seen.add(id)
    issues.raise_if_any()
    return found


def _pair(external: External, id: str, *, group: str, label: str, claim: str, counterclaim: str) -> Pair:
    """A pair of which nothing but texts, label and group is known."""
    return Pair(
        pair_id=f"{external.name}/{id}",
        event_id=f"{external.name}/{group}",
        claim_id=f"{external.name}/{id}/claim",
        counterclaim_id=f"{external.name}/{id}/counterclaim",
        claim=claim,
        counterclaim=counterclaim,
        label=label,
        dispute=None,
        expression=None,
        reason=None,
        domain=external.name,
        date=Date(external.year),
        claim_speaker="",
        counterclaim_speaker="",
        claim_speaker_type="",
        counterclaim_speaker_type="",
        claim_languages=[external.language],
        counterclaim_languages=[external.language],
        claim_asserted=None,
        counterclaim_asserted=None,
        outlets=0,
        ambiguous=False,
        votes=[],
    )
