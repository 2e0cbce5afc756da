import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from formats_kit import items, recognises
from PIL import Image

from core.camera import Camera
from core.errors import UnreadableInput
from core.formats import four_d_humans, reader_for
from core.formats.records import Failure, Record
from core.pose.rotations import axis_angle_to_matrix, matrix_to_rot6d

POSE = np.random.default_rng(3).normal(size=(2, 24, 3)).astype(np.float32) * 0.5


def outputs(six: bool = False, **changes: Any) -> dict[str, Any]:
    turns = axis_angle_to_matrix(torch.from_numpy(POSE))
    if six:
        turns = matrix_to_rot6d(turns, "columns")
    made = {
        "pred_cam": torch.tensor([[0.9, 0.1, -0.2], [0.8, 0, 0]]),
        "pred_cam_t": torch.zeros(2, 3),
        "pred_smpl_params": {
            "global_orient": turns[:, :1],
            "body_pose": turns[:, 1:],
            "betas": torch.arange(20.0).reshape(2, 10) / 10,
        },
        "box_center": torch.tensor([[300.0, 200], [100, 100]]),
        "box_size": torch.tensor([256.0, 128]),
        "imgname": ["a.png", "a.png"],
    }
    return {**made, **changes}


def save(path: Path, value: Any) -> Path:
    Image.new("RGB", (640, 480)).save(path.parent / "a.png")
    torch.save(value, path)
    return path


def check(first: Record) -> None:
    theta1 = first.theta1
    assert theta1 is not None and first.placed
    np.testing.assert_allclose(theta1.global_orient, POSE[0, 0], atol=1e-5)
    np.testing.assert_allclose(theta1.body_pose, POSE[0, 1:], atol=1e-5)
    np.testing.assert_allclose(theta1.betas, np.arange(10) / 10, atol=1e-6)
    # the network looks at the middle 192 of 256 columns
    assert (first.box.x, first.box.y, first.box.width, first.box.height) == (204, 72, 192, 256)
    # 5000 · 256 / 256 pixels; 2 f / (b s)
    assert theta1.camera == Camera(5000, 300, 200, 640, 480)
    np.testing.assert_allclose(theta1.transl, [0.1, -0.2, 10_000 / (256 * 0.9)], rtol=1e-5)


@pytest.mark.parametrize("six", [False, True], ids=["matrices", "rot6d"])
def test_outputs_become_theta1(tmp_path: Path, six: bool) -> None:
    path = save(tmp_path / "hmr2.pt", outputs(six))
    name, read = reader_for(path)
    first, second = read()
    assert name == "4d-humans"
    assert isinstance(first, Record) and isinstance(second, Record)
    check(first)
    assert first.image == tmp_path / "a.png"


def test_the_same_is_read_from_an_npz(tmp_path: Path) -> None:
    value = outputs()
    smpl = {name: each.numpy() for name, each in value["pred_smpl_params"].items()}
    arrays = {name: np.asarray(each) for name, each in value.items() if name != "pred_smpl_params"}
    np.savez(tmp_path / "hmr2.npz", pred_smpl_params=np.array(smpl, dtype=object), **arrays)
    Image.new("RGB", (640, 480)).save(tmp_path / "a.png")
    name, read = reader_for(tmp_path / "hmr2.npz")
    first = next(read())
    assert name == "4d-humans" and isinstance(first, Record)
    check(first)


def bad_first(array: torch.Tensor, value: float) -> torch.Tensor:
    changed = array.clone()
    changed[0] = value
    return changed


@pytest.mark.parametrize(
    "key,value,word",
    [
        ("pred_cam", 0.0, "no body"),
        ("pred_cam", float("nan"), "no body"),
        ("box_size", 0.0, "box"),
        ("pred_smpl_params", 2.0, "no rotations"),
        ("pred_smpl_params", float("nan"), "NaN"),
    ],
)
def test_an_impossible_row_is_named_and_the_rest_kept(
    tmp_path: Path, key: str, value: float, word: str
) -> None:
    changed = outputs()
    if key == "pred_smpl_params":
        changed[key]["body_pose"] = bad_first(changed[key]["body_pose"], value)
    else:
        changed[key] = bad_first(changed[key], value)
    first, second = items(four_d_humans, save(tmp_path / "x.pt", changed))
    assert isinstance(first, Failure) and word in first.why
    assert first.name == "row 0 (a.png)"
    assert isinstance(second, Record)


@pytest.mark.parametrize(
    "change",
    [
        {"imgname": ["a.png"]},
        {"imgname": 3},
        {"box_center": torch.ones(3, 2)},
        {"pred_cam": torch.ones(2, 4)},
        {"pred_smpl_params": None},
        {"pred_smpl_params": {"global_orient": torch.ones(2, 1, 3, 3)}},
        {"pred_smpl_params": {**outputs()["pred_smpl_params"], "body_pose": torch.ones(2, 9, 9)}},
    ],
)
def test_columns_that_do_not_fit_are_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableInput, match="4D-Humans"):
        list(items(four_d_humans, save(tmp_path / "x.pt", outputs(**change))))


def test_other_files_are_not_recognised(tmp_path: Path) -> None:
    assert not recognises(four_d_humans, save(tmp_path / "x.pt", {"state_dict": {}}))
    assert not recognises(four_d_humans, save(tmp_path / "y.pt", [1]))
    (tmp_path / "z.pt").write_text("text")
    assert not recognises(four_d_humans, tmp_path / "z.pt")
    assert not recognises(four_d_humans, tmp_path / "a.png")


class Hostile:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.trace}",)


def test_a_hostile_file_runs_nothing(tmp_path: Path) -> None:
    path = save(tmp_path / "x.pt", outputs(more=Hostile(tmp_path / "ran")))
    with pytest.raises(UnreadableInput, match="system"):
        list(items(four_d_humans, path))
    with pytest.raises(UnreadableInput):
        reader_for(path)
    assert not (tmp_path / "ran").exists()
