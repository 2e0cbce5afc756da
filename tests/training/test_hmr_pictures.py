"""The pictures that `hmr-open` learns from: people, their labels, and what stands around them."""

from contextlib import closing

import numpy as np
import pytest
import torch

from core.body import BodyModel, load_body
from core.progress import CancelToken
from core.render import Renderer
from training.corpora.mocap import PoseSampler, Take
from training.hmr.backgrounds import backgrounds
from training.hmr.composing import ZOOM, _framing, _labels, _warped, compose
from training.hmr.cutouts import FILL, SIDE, CutOuts, Draughtsman
from training.hmr.stream import FRESH, Stream
from training.hmr.wardrobe import dressed


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body()


@pytest.fixture(scope="module")
def draughtsman(body: BodyModel, request: pytest.FixtureRequest) -> Draughtsman:
    rng = np.random.default_rng(0)
    poses = rng.normal(0, 0.25, (40, 24, 3)).astype(np.float32)
    renderer = Renderer()
    request.addfinalizer(renderer.close)
    return Draughtsman(PoseSampler([Take("t", "s", poses)]), body, renderer)


def people(draughtsman: Draughtsman, count: int = 6, seed: int = 0) -> CutOuts:
    return draughtsman.draw(count, torch.Generator().manual_seed(seed))()


def test_people_are_drawn_whole_in_the_middle_and_the_same_for_the_same_seed(
    draughtsman: Draughtsman,
) -> None:
    drawn = people(draughtsman)
    for picture in drawn.pictures.numpy():
        rows, columns = np.nonzero(picture[..., 3] > 127)
        low, high = np.array([columns.min(), rows.min()]), np.array([columns.max(), rows.max()]) + 1
        assert (high - low).max() == pytest.approx(FILL * SIDE, abs=3)
        np.testing.assert_allclose((low + high) / 2, SIDE / 2, atol=4)
    torch.testing.assert_close(drawn.pictures, people(draughtsman).pictures, rtol=0, atol=0)
    assert not torch.equal(drawn.pictures, people(draughtsman, seed=1).pictures)


def inside(pictures: torch.Tensor, pixels: torch.Tensor) -> float:
    """Share of points (B, K, 2) that lie on people, pictures (B, 4, S, S)."""
    side = pictures.shape[-1]
    at = ((pixels + 1) * side / 2).long().clamp(0, side - 1)
    rows = torch.arange(len(pictures))[:, None]
    return float((pictures[rows, 3, at[..., 1], at[..., 0]] > 0.3).float().mean())


def test_labels_follow_people_through_mirroring_roll_zoom_and_shift(
    draughtsman: Draughtsman, body: BodyModel
) -> None:
    drawn = people(draughtsman, 12)
    flip = torch.tensor([True, False] * 6)
    turn, zoom = torch.linspace(-1, 1, 12), torch.linspace(0.7, 1.1, 12)
    shift = torch.linspace(-0.15, 0.15, 24).reshape(12, 2)
    labels = _labels(drawn, flip, turn, zoom, shift)
    crop = _warped(drawn, flip, turn, zoom, shift, 128)
    assert inside(crop, labels.pixels[:, :22]) > 0.97
    assert inside(crop, labels.pixels[:, :22].flip(2)) < 0.7
    # the labelled pose, seen from far, has its points in the same directions from the pelvis
    points = body.points(labels.rotations, labels.betas, torch.zeros(12, 3))[:, :22, :2]
    flat = [each - each[:, :1] for each in (points, labels.pixels[:, :22])]
    cosine = torch.nn.functional.cosine_similarity(flat[0].flatten(1), flat[1].flatten(1))
    assert cosine.min() > 0.97


def test_a_tight_box_fills_the_crop_as_the_frontend_cuts_it() -> None:
    assert pytest.approx(1 / 1.2) == ZOOM * FILL


def test_crops_are_normalised_and_differ_from_batch_to_batch(draughtsman: Draughtsman) -> None:
    generator = torch.Generator().manual_seed(0)
    drawn = people(draughtsman)
    scenery = torch.from_numpy(backgrounds(3, 0))
    first, labels = compose(drawn, drawn, scenery, 64, generator)
    second, _ = compose(drawn, drawn, scenery, 64, generator)
    assert first.shape == (6, 3, 64, 64)
    assert first.is_contiguous(memory_format=torch.channels_last)
    assert first.min() >= -2.2 and first.max() <= 2.7  # 0 and 1 by ImageNet's mean and deviation
    assert not torch.equal(first, second)
    identity = labels.rotations @ labels.rotations.mT
    torch.testing.assert_close(identity, torch.eye(3).expand_as(identity), atol=1e-4, rtol=0)


def test_boxes_are_mostly_loose_sometimes_too_tight() -> None:
    from training.hmr.composing import Dice

    _, turn, zoom, shift = _framing(Dice(4000, torch.Generator().manual_seed(0)))
    fill = zoom * FILL
    assert 0.7 < fill.median() < 0.85
    assert 0.03 < (fill > 1).float().mean() < 0.12
    assert shift.abs().median() < 0.08
    assert turn.abs().rad2deg().median() < 15


def test_clothes_differ_and_leave_the_skin(body: BodyModel) -> None:
    rng = np.random.default_rng(1)
    first, second = dressed(body, rng), dressed(body, rng)
    assert first.shape == (body.num_vertices, 3) and first.dtype == np.uint8
    chest = np.abs(body.template - body.joints[9]).sum(axis=1).argmin()
    assert np.abs(first[chest].astype(int) - second[chest]).max() > 10
    hands = body.vertex_joint == 22
    assert np.ptp(first[hands].astype(int), axis=0).max() <= 1


def test_backgrounds_are_the_same_for_the_same_seed_alone() -> None:
    first = backgrounds(2, 3)
    np.testing.assert_array_equal(first, backgrounds(2, 3))
    assert np.abs(first.astype(int) - backgrounds(2, 4)).mean() > 5
    assert np.abs(first[0].astype(int) - first[1]).mean() > 5


class Counting(Draughtsman):
    """Gives people whose betas are their number."""

    def __init__(self) -> None:
        self.drawn = 0

    def draw(self, count: int, generator: torch.Generator, mix: bool = True):
        some = CutOuts.empty(count)
        some.rotations[:] = torch.eye(3)
        some.betas[:] = torch.arange(self.drawn, self.drawn + count)[:, None].float()
        self.drawn += count
        return lambda: some


def test_the_oldest_people_leave_the_ring_for_new_ones() -> None:
    size, count = 8, 10
    scenery = torch.zeros(1, size, size, 3, dtype=torch.uint8)
    with closing(Stream(Counting(), scenery, 64, size, count, seed=0)) as stream:
        stream.fill(CancelToken())
        seen = [set(stream()[2][:, 0].int().tolist()) for _ in range(3)]
    full = -(-count // FRESH) * FRESH
    assert min(seen[2]) >= full - count + FRESH  # the third batch follows two sets of new people
    assert max(seen[2]) < full + 2 * FRESH
