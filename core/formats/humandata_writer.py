"""HumanData npz (mmhuman3d 0.11), one row a person."""

from core.formats.export import Export
from core.formats.files import replacing
from core.formats.human_data_table import items
from core.formats.npz import write_npz

SUFFIX = ".npz"


def save(export: Export) -> None:
    """Write the file; the 3D keypoints are the body's."""
    with replacing(export.out) as file:
        write_npz(file, items(export.entries, export.body, "diffannot", export.cancel.check))
