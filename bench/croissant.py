"""The Croissant description of the data (core and RAI): `data/croissant.json`.

References:
    Croissant format specification 1.0 and Croissant RAI specification 1.0, MLCommons, 2024.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from bench.files import to_json
from bench.load import TABLES
from bench.schema import LABELS, SPLITS, Date

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES = {"int": "sc:Integer", "bool": "sc:Boolean"}
_MEDIA = {"jsonl": "application/jsonlines", "tsv": "text/tab-separated-values"}

_DESCRIPTION = (
    "Real disputes from the news: short self-contained claims that named sources made about the same happening, each "
    "traced to the articles that report it, and a label (entailment, neutral, contradiction) for both directions of "
    "every pair of claims of a dispute, with what is disputed, how the texts show it, and why a neutral pair is neutral."
)
_RAI = {
    "rai:dataCollection": (
        "Language models looked up stored news pages on disputes, region by region, and wrote claims in their own words "
        "from what the pages say; each claim cites the pages. No sentence of a source is copied."
    ),
    "rai:dataCollectionType": ["Others"],
    "rai:dataCollectionRawData": "News articles that stored copies of public pages hold; the data set holds their addresses only.",
    "rai:dataCollectionTimeframe": "2026-11",
    "rai:dataAnnotationProtocol": (
        "data/ANNOTATION.md. Every unordered pair of claims of an event is labelled by the curating model and, for the share "
        "of pairs that the card states, blind by a second one that sees only the texts in shuffled order; a third reading "
        "decides where they differ. All votes are kept."
    ),
    "rai:dataAnnotationAnalysis": "Agreement before adjudication (Cohen's kappa, Krippendorff's alpha) stands in the card, by label, axis and domain.",
    "rai:annotationsPerItem": "1 or 2 (the card states the shares), and a third where two differ",
    "rai:machineAnnotationTools": [
        "Large language models as curators, labellers and adjudicators; no human annotator"
    ],
    "rai:dataPreprocessingProtocol": "Both directions of every pair are written out; the split follows from the event's date.",
    "rai:dataUseCases": "Measuring contradiction detection and natural language inference on news, and retrieval of counter-claims.",
    "rai:dataLimitations": (
        "The texts are English whatever the language of the sources. The labels are those of language models. Which side "
        "of a dispute is right is not recorded. Disputes are those that stored pages report."
    ),
    "rai:dataBiases": (
        "Governments are the most frequent speakers; regions and years follow quotas, not the news; curating models may "
        "choose disputes that are easy to state. An artefact panel in the card tells what surface cues give away."
    ),
    "rai:dataSocialImpact": (
        "A detector that is good here can help readers to see who disputes what; it does not tell who is right and must "
        "not be used to rate the truth of a person's statements."
    ),
    "rai:personalSensitiveInformation": "Public figures and organisations are named with what they said in public; private persons appear by role only.",
    "rai:dataReleaseMaintenancePlan": "Versions; an event is corrected or withdrawn on request through the project's issue tracker.",
}


def _field(where: str, file: str, name: str, kind: Any) -> dict[str, Any]:
    text = str(getattr(kind, "__name__", kind))
    field: dict[str, Any] = {"@type": "cr:Field", "@id": f"{where}/{name}", "name": name}
    source = {"fileObject": {"@id": file}, "extract": {"column": name}}
    if kind in (Date, Date | None):
        field["subField"] = [
            {
                "@type": "cr:Field",
                "@id": f"{where}/{name}/{part}",
                "name": part,
                "dataType": "sc:Integer",
                "source": source | {"transform": {"jsonPath": f"$.{part}"}},
            }
            for part in Date.__struct_fields__
        ]
        return field
    field["dataType"] = _TYPES.get(text, "sc:Text")
    field["source"] = source
    if "list" in text:
        field["repeated"] = True
    if name == "label":
        field["description"] = f"One of {', '.join(LABELS)}; the first text is the premise."
    return field


def croissant(manifest: Mapping[str, Any]) -> bytes:
    """The description of the tables that a manifest lists, as JSON-LD."""
    files = manifest["sha256"]
    record_sets = [
        {
            "@type": "cr:RecordSet",
            "@id": f"{table}/{split}",
            "name": f"{table}/{split}",
            "description": f"The {split} split of the table {table}.",
            "field": [
                _field(f"{table}/{split}", f"{table}/{split}.jsonl", field.name, field.type)
                for field in msgspec.structs.fields(kind)
            ],
        }
        for table, kind in TABLES.items()
        for split in SPLITS
    ]
    document = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": "counterclaim",
        "description": _DESCRIPTION,
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "version": manifest["version"],
        "datePublished": "2026-11-24",
        "inLanguage": "en",
        "keywords": ["contradiction detection", "natural language inference", "news", "fact checking"],
        "citeAs": "CounterClaim: a benchmark for contradiction detection in news, 2026.",
        "creator": {"@type": "sc:Organization", "name": "The CounterClaim authors"},
        "isLiveDataset": False,
        **_RAI,
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": name,
                "name": name,
                "contentUrl": name,
                "encodingFormat": _MEDIA[name.rpartition(".")[2]],
                "sha256": sha256,
            }
            for name, sha256 in files.items()
        ],
        "recordSet": record_sets,
    }
    return to_json(document)
