import torch

from core.camera import Camera
from core.resection import NEARER, NEAREST_POINT, fit_rays, fit_translation

CAMERA = Camera(800.0, 320.0, 240.0, 640, 480)


def seen(points: torch.Tensor) -> torch.Tensor:
    centre = torch.tensor([CAMERA.cx, CAMERA.cy])
    return points[:, :2] / points[:, 2:] * CAMERA.focal + centre


def test_exact_keypoints_give_the_exact_translation() -> None:
    points = torch.randn(24, 3, generator=torch.Generator().manual_seed(0)) * 0.5
    truth = torch.tensor([0.3, -0.2, 4.0])
    found = fit_translation(points[None], seen(points + truth), torch.ones(24), CAMERA)
    torch.testing.assert_close(found[0], truth, atol=1e-4, rtol=0)


def test_one_wild_keypoint_hardly_moves_the_body() -> None:
    points = torch.randn(24, 3, generator=torch.Generator().manual_seed(1)) * 0.5
    truth = torch.tensor([0.1, 0.1, 5.0])
    pixels = seen(points + truth)
    pixels[3] += 200
    found = fit_translation(points[None], pixels, torch.ones(24), CAMERA)
    assert (found[0] - truth).norm() < 0.05


def test_a_batch_gives_what_each_one_gives() -> None:
    points = torch.randn(3, 24, 3, generator=torch.Generator().manual_seed(2)) * 0.5
    pixels = seen(points[0] + torch.tensor([0.0, 0.0, 3.0]))
    weight = torch.rand(24, generator=torch.Generator().manual_seed(3))
    batch = fit_translation(points, pixels, weight, CAMERA)
    single = torch.cat([fit_translation(one[None], pixels, weight, CAMERA) for one in points])
    torch.testing.assert_close(batch, single, atol=1e-5, rtol=1e-5)


def test_each_may_be_seen_by_a_camera_of_their_own() -> None:
    points = torch.randn(2, 24, 3, generator=torch.Generator().manual_seed(4)) * 0.5
    truth = torch.tensor([[0.3, -0.2, 4.0], [-0.5, 0.1, 7.0]])
    placed = points + truth[:, None]
    rays = placed[..., :2] / placed[..., 2:]
    weight = torch.ones(2, 24)
    rays[1, 5], weight[1, 5] = 9.0, 0.0
    torch.testing.assert_close(fit_rays(points, rays, weight), truth, atol=1e-4, rtol=0)


def test_a_body_head_down_is_not_blown_up_before_the_camera() -> None:
    points = torch.tensor([[0.0, -1, 0], [0.2, 0, 0], [-0.2, 0, 0], [0.0, 1, 0]])
    rays = -points[:, :2] / 4
    found = fit_rays(points[None], rays[None], torch.ones(1, 4))
    torch.testing.assert_close(found, torch.tensor([[0, 0, NEARER * 4]]), atol=1e-4, rtol=0)


def test_no_used_point_comes_near_the_camera_or_behind_it() -> None:
    points = torch.tensor([[0.0, 0.1, -1], [0.0, -0.1, 1], [0.1, 0, 0], [0, 0, -9]])
    weight = torch.tensor([[1.0, 1, 1, 0]])
    found = fit_rays(points[None], -points[None, :, :2], weight)
    nearest = 1 / (1 - NEAREST_POINT)  # a metre before the middle, and a quarter of the way to it
    torch.testing.assert_close(found[0, 2], torch.tensor(nearest), atol=1e-4, rtol=0)
