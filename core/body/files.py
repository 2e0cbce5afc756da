"""Body model files: the open body that ships, and SMPL's own pkl and npz."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from core.errors import UnreadableInput
from core.safe_reader import read_npz, read_pickle

JOINT_COUNT, BETA_COUNT = 24, 10
POSE_COLUMNS = 9 * (JOINT_COUNT - 1)
SMPL_VERTICES = 6890

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class BodyData:
    """The arrays of a body model, in SMPL's rest pose; metres, y up, facing z.

    Parameters
    ----------
    name : str
        What the file calls itself, or its file name.
    sha256 : str
        Of the file.
    template : NDArray, shape (V, 3)
        Mean shape.
    shapedirs : NDArray, shape (V, 3, 10)
        Offset per standard deviation of each beta.
    posedirs : NDArray, shape (V, 3, 207)
        Offset per entry of (R - I) of joints 1 to 23.
    regressor : NDArray, shape (24, V)
        Joints from shaped vertices.
    weights : NDArray, shape (V, 24)
        Skinning weights; rows sum to 1.
    faces : NDArray, shape (F, 3), int32
        Triangles.
    vertex_ids : Mapping[str, int] or None
        Vertices of face, feet and finger tips by `smplx`'s names; None for SMPL's own.
    eyes : NDArray or None, shape (V,), bool
        Vertices of the eyeballs, where the file tells.
    """

    name: str
    sha256: str
    template: Floats
    shapedirs: Floats
    posedirs: Floats
    regressor: Floats
    weights: Floats
    faces: NDArray[np.int32]
    vertex_ids: Mapping[str, int] | None
    eyes: NDArray[np.bool_] | None

    def __post_init__(self) -> None:
        count = len(self.template)
        shapes = {
            "template": (count, 3),
            "shapedirs": (count, 3, BETA_COUNT),
            "posedirs": (count, 3, POSE_COLUMNS),
            "regressor": (JOINT_COUNT, count),
            "weights": (count, JOINT_COUNT),
            "faces": (len(self.faces), 3),
        }
        for key, expected in shapes.items():
            array = getattr(self, key)
            if array.shape != expected:
                raise UnreadableInput(
                    f"{self.name} is no SMPL body: {key} has shape {array.shape}, not {expected}"
                )
            if not np.isfinite(array).all():
                raise UnreadableInput(f"{self.name}: {key} holds NaN or infinite values")
        if self.faces.size == 0 or self.faces.min() < 0 or self.faces.max() >= count:
            raise UnreadableInput(f"{self.name}: faces name vertices that are not there")


def read_body(path: Path, gender: str = "neutral") -> BodyData:
    """Read a body model from a file (pkl, npz) or from a folder of SMPL's files.

    Raises
    ------
    UnreadableInput
        The file is missing, torn, hostile or no SMPL body.
    """
    if path.is_dir():
        path = _in_folder(path, gender)
    raw = read_npz(path) if path.suffix == ".npz" else read_pickle(path)
    if not isinstance(raw, Mapping):
        raise UnreadableInput(f"{path} is no body model: it holds a {type(raw).__name__}")
    decode: Callable[[Mapping[str, Any]], dict[str, Any]]
    decode = _open_body if "weights_joint" in raw else _smpl
    try:
        parts = decode(raw)
    except KeyError as error:
        raise UnreadableInput(
            f"{path} is no SMPL body: it has no {error}", "Choose an SMPL model file or folder"
        ) from error
    except (ValueError, TypeError, LookupError) as error:
        raise UnreadableInput(f"{path} is no SMPL body: {error}") from error
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return BodyData(**{"name": path.name, **parts}, sha256=sha256)


def _in_folder(folder: Path, gender: str) -> Path:
    """Find `SMPL_NEUTRAL.pkl`, `basicModel_f_lbs_10_207_0_v1.0.0.pkl` and the like."""
    letter = gender[:1].lower()
    official = rf"basic_?model_({gender}|{letter})_"
    wanted = re.compile(rf"(smpl_{gender}\b|{official}).*\.(pkl|npz)$", re.IGNORECASE)
    found = sorted(path for path in folder.iterdir() if wanted.match(path.name))
    if not found:
        raise UnreadableInput(
            f"{folder} holds no SMPL model of gender {gender!r}",
            f"Put SMPL_{gender.upper()}.pkl there or name the file itself",
        )
    return found[-1]


def _smpl(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Take SMPL's own keys; shapedirs of 300 components are cut to 10."""
    shapedirs = _dense(raw["shapedirs"])
    if shapedirs.ndim != 3 or shapedirs.shape[2] < BETA_COUNT:
        raise ValueError(f"shapedirs has shape {shapedirs.shape}, not (V, 3, {BETA_COUNT} or more)")
    template = _dense(raw["v_template"])
    if len(template) != SMPL_VERTICES:
        raise ValueError(f"it has {len(template)} vertices, not {SMPL_VERTICES}")
    return {
        "template": template,
        "shapedirs": shapedirs[:, :, :BETA_COUNT],
        "posedirs": _dense(raw["posedirs"]),
        "regressor": _dense(raw["J_regressor"]),
        "weights": _dense(raw["weights"]),
        "faces": np.asarray(raw["f"]).astype(np.int32),
        "vertex_ids": None,
        "eyes": None,
    }


def _dense(array: Any) -> Floats:
    if scipy.sparse.issparse(array):
        array = array.toarray()
    return np.ascontiguousarray(array, dtype=np.float32)


def _open_body(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Unfold the compact layout that `assets.build_body` writes."""
    template = _dense(raw["v_template"])
    count = len(template)
    weights = np.zeros((count, JOINT_COUNT), dtype=np.float32)
    np.put_along_axis(weights, raw["weights_joint"].astype(np.int64), raw["weights_value"], axis=1)
    weights /= weights.sum(axis=1, keepdims=True)
    posedirs = np.zeros((count, 3, JOINT_COUNT - 1, 9), dtype=np.float32)
    posedirs[raw["posedirs_vertex"], :, raw["posedirs_joint"] - 1] = raw["posedirs_value"]
    regressor = np.zeros((JOINT_COUNT, count), dtype=np.float32)
    regressor[raw["J_regressor_joint"], raw["J_regressor_vertex"]] = raw["J_regressor_value"]
    return {
        "name": json.loads(str(raw["metadata"]))["name"],
        "template": template,
        "shapedirs": _dense(raw["shapedirs"]),
        "posedirs": posedirs.reshape(count, 3, POSE_COLUMNS),
        "regressor": regressor / regressor.sum(axis=1, keepdims=True),
        "weights": weights,
        "faces": raw["f"].astype(np.int32),
        "vertex_ids": dict(
            zip(raw["vertex_names"].tolist(), raw["vertex_ids"].tolist(), strict=True)
        ),
        "eyes": raw["eyes"],
    }
