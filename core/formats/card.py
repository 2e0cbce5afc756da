"""What lies beside an export: a provenance file, and a data card, for machines and to be read.

The card is JSON-LD in the manner of Croissant 1.0 (docs.mlcommons.org/croissant), with what a
buyer of the data asks first: how many, from where, how good, under which terms.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.formats.export import Export
from core.formats.files import replacing

CONTEXT = {
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "conformsTo": "http://purl.org/dc/terms/conformsTo",
}
CONFORMS = "http://mlcommons.org/croissant/1.0"
NOT_DECLARED = "not declared"
PERCENTILES = (50, 90)


def write_sidecars(export: Export, format_name: str, written: Sequence[Path], licence: str) -> None:
    """Write `<out>.provenance.jsonl`, `<out>.card.json` and `<out>.card.md`."""
    facts = _facts(export, format_name, licence)
    texts = {
        "provenance.jsonl": "".join(_origin(entry) for entry in export.entries),
        "card.json": json.dumps(_card(facts, written), indent=2) + "\n",
        "card.md": _page(facts, written),
    }
    for name, text in texts.items():
        with replacing(export.out.with_name(f"{export.out.name}.{name}")) as file:
            file.write(text.encode())


def _origin(entry: Any) -> str:
    told = {"image": entry.image, "image_sha256": entry.image_sha256, "number": entry.row.number}
    return json.dumps({**told, "split": entry.split, **entry.provenance}) + "\n"


def _facts(export: Export, format_name: str, licence: str) -> dict[str, Any]:
    """Return counts, sources and error estimates as JSON values."""
    entries = export.entries
    made = [entry.provenance for entry in entries]
    errors = np.array([entry.error for entry in entries if entry.error is not None])
    dates = sorted(each["decided_at"] for each in made if each.get("decided_at"))
    steps = [each.get("step") for each in made]
    return {
        "name": export.out.stem,
        "format": format_name,
        "project": export.project.path.name,
        "software": made[0]["software"] if made else "",
        "licence": licence or NOT_DECLARED,
        "decided": [dates[0], dates[-1]] if dates else [],
        "persons": len(entries),
        "images": len({entry.image for entry in entries}),
        "tracks": len({entry.track for entry in entries if entry.track is not None}),
        "with_keypoints": sum(entry.keypoints is not None for entry in entries),
        "splits": dict(Counter(entry.split for entry in entries if entry.split is not None)),
        "frontends": dict(Counter(str(each.get("frontend")) for each in made)),
        "refiners": dict(Counter(str(each["refiner"]) for each in made if "refiner" in each)),
        "reviewers": dict(
            Counter(str(each["decided_by"]) for each in made if "decided_by" in each)
        ),
        "kept_step_0": sum(step == 0 for step in steps),
        "body": export.body.name,
        "error_share_of_box": {
            "known_of": int(errors.size),
            **{
                f"percentile_{at}": float(np.percentile(errors, at))
                for at in PERCENTILES
                if errors.size
            },
        },
    }


def _card(facts: dict[str, Any], written: Sequence[Path]) -> dict[str, Any]:
    files = []
    for path in written:
        file = {"@type": "cr:FileObject", "@id": path.name, "name": path.name}
        file |= {"contentUrl": path.name, "encodingFormat": path.suffix.lstrip(".") or "folder"}
        files.append(file | ({"sha256": _digest(path)} if path.is_file() else {}))
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS,
        "name": facts["name"],
        "description": _summary(facts),
        "license": facts["licence"],
        "distribution": files,
        "diffannot": facts,
    }


def _summary(facts: dict[str, Any]) -> str:
    return (
        f"SMPL annotations of {facts['persons']} persons in {facts['images']} images, "
        f"curated with DiffAnnot in the project {facts['project']}"
    )


def _page(facts: dict[str, Any], written: Sequence[Path]) -> str:
    errors = facts["error_share_of_box"]
    known = [f"{at} % of them under {errors[f'percentile_{at}']:.1%}" for at in PERCENTILES
             if f"percentile_{at}" in errors]  # fmt: skip
    lines = {
        "files": ", ".join(path.name for path in written),
        "format": facts["format"],
        "persons, images, tracks": f"{facts['persons']}, {facts['images']}, {facts['tracks']}",
        "with 2D keypoints": facts["with_keypoints"],
        "splits": _counted(facts["splits"]) or "none",
        "rough annotations from": _counted(facts["frontends"]),
        "refined by": _counted(facts["refiners"]) or "nobody",
        "rough annotation kept": facts["kept_step_0"],
        "decided by": _counted(facts["reviewers"]) or "nobody",
        "decided": " to ".join(facts["decided"]) or "not",
        "2D error, share of the box": f"known of {errors['known_of']}; " + ", ".join(known)
        if known
        else "not known",
        "body": facts["body"],
        "licence of the pictures": facts["licence"],
        "made with": facts["software"],
    }
    rows = "".join(f"| {name} | {_cell(value)} |\n" for name, value in lines.items())
    return f"# {facts['name']}\n\n{_summary(facts)}.\n\n| | |\n| --- | --- |\n{rows}"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
