"""Meshes as glb, and beside them every track as a moving one: see `core.formats.mesh_writer`."""

import numpy as np
from numpy.typing import NDArray

from core.formats.entries import Entry
from core.formats.export import Export, times_of
from core.formats.folders import replacing_folder
from core.formats.gltf_animation import animated
from core.formats.mesh_writer import UP, write_meshes

SUFFIX = ""
LONGEST = 1000
"""Frames of one animation, 80 MB; a longer track is cut into equal pieces."""


def save(export: Export) -> None:
    """Write a folder of meshes, and of `<track>_animated.glb` for tracks of two frames or more."""
    with replacing_folder(export.out) as folder:
        write_meshes(export, folder, "glb")
        for name, entries in export.tracks().items():
            if len(entries) < 2:
                continue
            times = times_of(entries)
            pieces = np.array_split(np.arange(len(entries)), -(-len(entries) // LONGEST))
            for number, piece in enumerate(pieces):
                some = [entries[place] for place in piece]
                data = _moving(export, some, times[piece] - times[piece[0]], name)
                (folder / f"{name}_animated{number or ''}.glb").write_bytes(data)


def _moving(export: Export, entries: list[Entry], times: NDArray[np.float64], name: str) -> bytes:
    frames = np.empty((len(entries), export.body.num_vertices, 3), dtype=np.float32)
    for row, entry in enumerate(entries):
        export.cancel.check()
        frames[row] = export.body.pose(entry.parameters)[0] * UP
    return animated(frames, export.body.faces, times, name)
