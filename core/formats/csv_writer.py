"""A summary for spreadsheets: one line a person, what was decided and how good it is."""

import csv
import io
from typing import Any

from core.formats.entries import Entry
from core.formats.export import Export
from core.formats.files import replacing

SUFFIX = ".csv"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by spreadsheets."""


def save(export: Export) -> None:
    """Write the file."""
    text = io.StringIO()
    rows = [_row(entry) for entry in export.entries]
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    with replacing(export.out) as file:
        file.write(text.getvalue().encode())


def _row(entry: Entry) -> dict[str, Any]:
    row, made = entry.row, entry.provenance
    cells = {
        "image": entry.image,
        "person": row.number,
        "track": entry.track or "",
        "split": entry.split or "",
        "state": row.state.value,
        **{f"box_{name}": value for name, value in vars(entry.box).items()},
        "step": made.get("step"),
        "suggested_step": row.suggested_step,
        "error_share_of_box": entry.error,
        "frontend": made.get("frontend"),
        "refiner": made.get("refiner"),
        "decided_by": made.get("decided_by"),
        "decided_at": made.get("decided_at"),
        "tags": " ".join(row.tags),
        "remark": row.remark,
    }
    return {name: _harmless(cell) for name, cell in cells.items()}


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
