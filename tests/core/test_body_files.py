import os
import pickle
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
import torch

from assets import OPEN_BODY
from core.body import load_body
from core.body.files import read_body
from core.errors import UnreadableInput
from core.pose import PARENTS
from core.safe_reader import read_npz

VERTICES = 6890
MEGABYTE = 1_000_000


def official(components: int = 10) -> dict[str, Any]:
    """Arrays shaped as in SMPL's own files, with a stick body: joint j is vertex j."""
    rng = np.random.default_rng(0)
    regressor = np.zeros((24, VERTICES))
    regressor[np.arange(24), np.arange(24)] = 1
    weights = np.zeros((VERTICES, 24))
    weights[np.arange(VERTICES), np.arange(VERTICES) % 24] = 1
    tree = np.array([PARENTS, range(24)], dtype=np.int64).astype(np.uint32)
    return {
        "v_template": rng.normal(size=(VERTICES, 3)),
        "shapedirs": rng.normal(size=(VERTICES, 3, components)).astype(np.float32),
        "posedirs": np.zeros((VERTICES, 3, 207), dtype=np.float32),
        "J_regressor": scipy.sparse.csc_matrix(regressor),
        "weights": weights,
        "f": rng.integers(0, VERTICES, (100, 3)).astype(np.uint32),
        "kintree_table": tree,
        "bs_style": "lbs",
    }


def as_python2(model: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Pickle as the official files are: protocol 2, chumpy arrays, scipy's old module name."""
    chumpy = types.ModuleType("chumpy.ch")
    array = type("Ch", (), {"__module__": "chumpy.ch", "__qualname__": "Ch"})
    chumpy.Ch = array
    monkeypatch.setitem(sys.modules, "chumpy.ch", chumpy)
    monkeypatch.setitem(sys.modules, "chumpy", types.ModuleType("chumpy"))
    wrapped = dict(model)
    for key in ("v_template", "shapedirs"):
        if key in model:
            wrapped[key] = array()
            wrapped[key].x = model[key]
    data = pickle.dumps(wrapped, protocol=2)
    return data.replace(b"scipy.sparse._csc", b"scipy.sparse.csc").replace(
        b"numpy._core", b"numpy.core"
    )


@pytest.mark.parametrize("components", [10, 300])
def test_an_official_pickle_poses_as_its_numbers_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, components: int
) -> None:
    model = official(components)
    (tmp_path / "m.pkl").write_bytes(as_python2(model, monkeypatch))
    body = load_body(tmp_path / "m.pkl")
    assert body.name == "m.pkl"
    assert body.num_vertices == VERTICES
    betas = torch.zeros(1, 10)
    betas[0, 3] = 2
    rest = torch.eye(3).expand(1, 24, 3, 3)
    vertices, points = body.forward(rest, betas, torch.zeros(1, 3))
    expected = model["v_template"] + 2 * model["shapedirs"][..., 3]
    np.testing.assert_allclose(vertices[0], expected, atol=1e-5)
    np.testing.assert_allclose(points[0, :24], expected[:24], atol=1e-5)
    np.testing.assert_allclose(points[0, 24], expected[332], atol=1e-5)  # smplx's nose


def test_an_official_npz_is_the_same_body(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = official()
    (tmp_path / "m.pkl").write_bytes(as_python2(model, monkeypatch))
    np.savez(tmp_path / "m.npz", **{**model, "J_regressor": model["J_regressor"].toarray()})
    from_pickle, from_npz = read_body(tmp_path / "m.pkl"), read_body(tmp_path / "m.npz")
    for key in ("template", "shapedirs", "regressor", "weights", "faces"):
        np.testing.assert_array_equal(getattr(from_pickle, key), getattr(from_npz, key))


def test_a_folder_gives_the_gender_asked_for(tmp_path: Path) -> None:
    names = {
        "neutral": "SMPL_NEUTRAL.npz",
        "female": "basicModel_f_lbs_10_207_0_v1.0.0.npz",
        "male": "basicmodel_m_lbs_10_207_0_v1.1.0.npz",
    }
    model = official()
    model["J_regressor"] = model["J_regressor"].toarray()
    for name in names.values():
        np.savez(tmp_path / name, **model)
    for gender, name in names.items():
        assert read_body(tmp_path, gender).name == name
    (tmp_path / names["male"]).unlink()
    with pytest.raises(UnreadableInput, match="male"):
        read_body(tmp_path, "male")


@pytest.mark.parametrize("key", ["v_template", "posedirs", "J_regressor", "weights", "f"])
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    model = official()
    del model[key]
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(model))
    with pytest.raises(UnreadableInput, match=key):
        load_body(tmp_path / "m.pkl")


@pytest.mark.parametrize(
    "key,value",
    [
        ("v_template", np.zeros((10475, 3))),
        ("shapedirs", np.zeros((VERTICES, 3, 9))),
        ("weights", np.zeros((VERTICES, 52))),
        ("f", np.full((4, 3), VERTICES)),
        ("v_template", np.full((VERTICES, 3), np.nan)),
        ("weights", "text"),
    ],
)
def test_arrays_that_are_no_smpl_body_are_refused(tmp_path: Path, key: str, value: Any) -> None:
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(official() | {key: value}))
    with pytest.raises(UnreadableInput) as caught:
        load_body(tmp_path / "m.pkl")
    assert "\n" not in str(caught.value)


class Hostile:
    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self.command,)


def test_a_hostile_model_file_runs_nothing(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    model = official() | {"weights": Hostile(f"touch {trace}")}
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(model))
    with pytest.raises(UnreadableInput, match="system"):
        load_body(tmp_path / "m.pkl")
    assert not trace.exists()


def test_torn_and_foreign_files_are_told(tmp_path: Path) -> None:
    whole = OPEN_BODY.read_bytes()
    (tmp_path / "torn.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "list.pkl").write_bytes(pickle.dumps([1, 2]))
    for name in ("torn.npz", "list.pkl", "none.pkl"):
        with pytest.raises(UnreadableInput, match=name):
            load_body(tmp_path / name)


def test_the_open_body_ships_small_and_without_pickles() -> None:
    assert OPEN_BODY.stat().st_size < 4 * MEGABYTE
    assert all(array.dtype != object for array in np.load(OPEN_BODY).values())


def test_the_open_body_keeps_smpls_layout() -> None:
    data = read_body(OPEN_BODY)
    assert data.name == "open body"
    np.testing.assert_allclose(data.weights.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(data.regressor.sum(axis=1), 1, atol=1e-5)
    assert (data.regressor >= 0).all()
    assert (data.regressor > 0).sum() < 1000
    assert set(read_npz(OPEN_BODY)) >= {"v_template", "shapedirs", "f", "kintree_table"}


def test_the_open_body_is_closed_but_for_the_eyes() -> None:
    faces = read_body(OPEN_BODY).faces
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    _, uses = np.unique(edges, axis=0, return_counts=True)
    assert uses.max() == 2
    assert (uses == 1).sum() < 40
