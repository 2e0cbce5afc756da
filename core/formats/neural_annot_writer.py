"""NeuralAnnot's json, a folder of two: SMPL by annotation id, and the COCO json that names them."""

import json

from core.formats.coco_writer import tables
from core.formats.export import Export
from core.formats.folders import replacing_folder

SUFFIX = ""
SMPL, COCO = "smpl_neuralannot.json", "annotations.json"


def save(export: Export) -> None:
    """Write the folder."""
    made = tables(export)
    fits = {
        str(each["id"]): {name: each.pop(name) for name in ("smpl_param", "cam_param")}
        for each in made["annotations"]
    }
    with replacing_folder(export.out) as folder:
        (folder / SMPL).write_text(json.dumps(fits, allow_nan=False))
        (folder / COCO).write_text(json.dumps(made, allow_nan=False))
