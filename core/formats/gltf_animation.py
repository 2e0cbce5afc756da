"""A moving mesh as binary glTF 2.0 (Khronos), which trimesh cannot write.

Every frame after the first is a morph target (section 3.7.2.2), the way of each vertex from the
first frame; the animation (3.11) gives each its weight 1 at its time, and blends between them.
"""

import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

FLOAT, UNSIGNED = 5126, 5125
VERTICES, INDICES = 34962, 34963


def animated(
    frames: NDArray[np.float32], faces: NDArray[np.int32], times: NDArray[np.float64], name: str
) -> bytes:
    """Return a glb file.

    Parameters
    ----------
    frames : NDArray, shape (F, V, 3)
        Vertices, metres, glTF's frame; F is 2 or more.
    faces : NDArray, shape (T, 3)
        Corners of triangles.
    times : NDArray, shape (F,)
        Seconds, rising from 0.
    name : str
        Of the mesh.
    """
    ways = frames[1:] - frames[0]
    weights = np.eye(len(frames), dtype=np.float32)[:, 1:]
    arrays = [
        np.asarray(faces, dtype="<u4").ravel(),
        *(np.asarray(each, dtype="<f4") for each in (frames[0], *ways, times, weights.ravel())),
    ]
    count = len(ways)
    positions = [{"POSITION": place} for place in range(1, count + 2)]
    shape = {"attributes": positions[0], "indices": 0, "targets": positions[1:]}
    sampler = {"input": count + 2, "output": count + 3}
    channel = {"sampler": 0, "target": {"node": 0, "path": "weights"}}
    data = b"".join(array.tobytes() for array in arrays)
    scene = {
        "asset": {"version": "2.0", "generator": "DiffAnnot"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": name}],
        "meshes": [{"primitives": [shape], "weights": [0] * count}],
        "animations": [{"name": name, "samplers": [sampler], "channels": [channel]}],
        "accessors": [_accessor(array, place) for place, array in enumerate(arrays)],
        "bufferViews": _views(arrays),
        "buffers": [{"byteLength": len(data)}],
    }
    text = json.dumps(scene, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    chunks = b"".join(
        struct.pack("<I4s", len(chunk), kind) + chunk
        for chunk, kind in ((text, b"JSON"), (data, b"BIN\0"))
    )
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def _accessor(array: NDArray[Any], view: int) -> dict[str, Any]:
    rows = array.reshape(len(array), -1)
    return {
        "bufferView": view,
        "componentType": FLOAT if array.dtype.kind == "f" else UNSIGNED,
        "count": len(array),
        "type": "VEC3" if array.ndim == 2 else "SCALAR",
        "min": rows.min(axis=0).tolist(),
        "max": rows.max(axis=0).tolist(),
    }


def _views(arrays: list[NDArray[Any]]) -> list[dict[str, int]]:
    """Lay the arrays one after the other; all have numbers of four bytes, so none needs padding."""
    views, start = [], 0
    for array in arrays:
        views.append({"buffer": 0, "byteOffset": start, "byteLength": array.nbytes})
        start += array.nbytes
    views[0]["target"] = INDICES
    for view in views[1:-2]:
        view["target"] = VERTICES
    return views
