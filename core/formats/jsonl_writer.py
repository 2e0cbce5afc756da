"""JSON Lines with everything: one person a line, read back by `core.formats.jsonl`."""

import json
from typing import Any

from core.formats.entries import Entry
from core.formats.export import Export
from core.formats.files import replacing
from core.pose.parameters import SHAPES

SUFFIX = ".jsonl"
MARK = "diffannot"
"""First key of every line, by which the file is known."""


def save(export: Export) -> None:
    """Write the file."""
    with replacing(export.out) as file:
        for entry in export.entries:
            file.write((json.dumps(line(entry), allow_nan=False) + "\n").encode())


def line(entry: Entry) -> dict[str, Any]:
    """Return one person as JSON values; float32 survives exactly."""
    keypoints, row, theta = entry.keypoints, entry.row, entry.parameters
    points = None
    if keypoints is not None:
        points = {
            "convention": keypoints.convention,
            "points": keypoints.points.tolist(),
            "confidence": keypoints.confidence.tolist(),
        }
    return {
        MARK: 1,
        "image": entry.image,
        "image_sha256": entry.image_sha256,
        "number": row.number,
        "track": entry.track,
        "split": entry.split,
        "state": row.state.value,
        "tags": list(row.tags),
        "remark": row.remark,
        "box": vars(entry.box),
        "keypoints": points,
        "parameters": {name: getattr(theta, name).tolist() for name in SHAPES},
        "camera": vars(theta.camera),
        "error": entry.error,
        "provenance": entry.provenance,
    }
