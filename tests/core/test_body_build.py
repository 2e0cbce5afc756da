import numpy as np
import pytest
import trimesh

pytest.importorskip("anny", reason="the extra `assets` is not installed")

from assets import OPEN_BODY
from assets.build_body import correctives
from assets.build_body.joints import _convex_fit, smooth_weights
from assets.build_body.shapes import shape_components
from assets.build_body.simplify import mirror_of, simplify
from core.body.files import read_body
from core.pose import JOINTS


def fine_box() -> trimesh.Trimesh:
    box = trimesh.creation.box()
    for _ in range(4):
        box = box.subdivide()
    return box


def test_a_box_loses_vertices_but_neither_volume_nor_symmetry_nor_locked_ones() -> None:
    box = fine_box()
    vertices, faces = np.asarray(box.vertices), np.asarray(box.faces)
    locked = np.array([int(np.argmin(np.abs(vertices - [0.5, 0.0, 0.0]).sum(1)))])
    count = len(vertices)
    kept, triangles = simplify(
        vertices, faces, np.ones((count, 1)), np.ones(count), locked, target=count // 4
    )
    assert len(kept) == pytest.approx(count // 4, rel=0.05)
    assert locked[0] in kept
    small = trimesh.Trimesh(vertices[kept], triangles, process=False)
    assert small.is_watertight
    assert small.volume == pytest.approx(1.0, abs=1e-6)
    mirror_of(vertices[kept])  # raises where a vertex has no mirror image


def test_a_mesh_without_symmetry_is_refused() -> None:
    box = fine_box()
    vertices = np.asarray(box.vertices).copy()
    vertices[0, 0] += 0.05
    with pytest.raises(ValueError, match="symmetric"):
        mirror_of(vertices)


def test_a_joint_between_vertices_is_found_for_all_shapes() -> None:
    rng = np.random.default_rng(0)
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    sizes = rng.uniform(0.8, 1.2, (20, 1, 1))
    joint = sizes[:, 0] * np.array([0.5, 0.0, 0.0])
    weights = _convex_fit(corners * sizes, joint)
    assert weights.sum() == pytest.approx(1)
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights @ (corners * sizes)[3], joint[3], atol=1e-3)


def test_shape_components_are_standard_deviations_and_the_first_makes_taller() -> None:
    rng = np.random.default_rng(0)
    base = np.array([[0.0, 0, 0], [0.1, 1, 0], [-0.1, 1, 0], [0, 0.5, 0.2]])
    height = rng.normal(1, 0.1, (400, 1, 1))
    noise = rng.normal(0, 1e-3, (400, 4, 3))
    _, components, explained = shape_components(base * [1, 1, 1] * height + noise)
    assert components[1, 1, 0] == pytest.approx(0.1, rel=0.15)
    assert explained > 0.99


def test_smoothing_keeps_weights_shares_and_fills_a_dent() -> None:
    box = fine_box()
    weights = np.zeros((len(box.vertices), 2))
    weights[:, 0] = 1
    weights[100] = [0, 1]
    smooth = smooth_weights(weights, np.asarray(box.faces))
    np.testing.assert_allclose(smooth.sum(axis=1), 1)
    assert smooth[100, 1] < 0.3


def test_correctives_mirror_and_vanish_far_from_the_joint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(correctives, "BENDS", {"left_knee": correctives.BENDS["left_knee"]})
    monkeypatch.setattr(correctives, "SAMPLES", 60)
    body = read_body(OPEN_BODY)
    joints = body.regressor @ body.template
    mirror = mirror_of(body.template.astype(float))
    posedirs = correctives.fit_posedirs(body.template, joints, body.weights, mirror)
    blocks = posedirs.reshape(len(body.template), 3, 23, 3, 3)
    left, right = JOINTS.index("left_knee") - 1, JOINTS.index("right_knee") - 1
    signs = np.einsum("c,i,j->cij", *[np.array([-1, 1, 1])] * 3)
    np.testing.assert_allclose(blocks[mirror][:, :, right], blocks[:, :, left] * signs, atol=1e-9)
    knee = joints[JOINTS.index("left_knee")]
    far = np.linalg.norm(body.template - knee, axis=1) > 0.3
    assert np.abs(blocks[far, :, left]).max() == 0
    assert np.abs(blocks[~far, :, left]).max() > 1e-3
