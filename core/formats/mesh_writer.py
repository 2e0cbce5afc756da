"""Meshes, one a person: binary glTF, OBJ or PLY (trimesh). Metres; y up, the camera at the origin.

glTF's frame: x right, y up, and the camera looks along -z.
"""

from pathlib import Path

import numpy as np
import trimesh

from core.formats.export import Export, safe_name
from core.formats.folders import replacing_folder

SUFFIX = ""
UP = np.array([1, -1, -1], dtype=np.float32)
"""From the camera's frame, y down and z forward."""


def save_as(export: Export, suffix: str) -> None:
    """Write a folder of meshes named by picture and person."""
    with replacing_folder(export.out) as folder:
        write_meshes(export, folder, suffix)


def write_meshes(export: Export, folder: Path, suffix: str) -> None:
    """Write meshes named by picture and person into a folder."""
    for entry in export.entries:
        vertices = export.body.pose(entry.parameters)[0] * UP
        mesh = trimesh.Trimesh(vertices, export.body.faces, process=False)
        name = f"{safe_name(Path(entry.image).with_suffix('').as_posix())}_{entry.row.number}"
        data = mesh.export(file_type=suffix)
        (folder / f"{name}.{suffix}").write_bytes(
            data if isinstance(data, bytes) else data.encode()
        )
