"""People drawn for training: poses, shapes, clothes, lights and cameras at random, cut out."""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body import BodyModel
from core.camera import Camera
from core.pose.vectors import from_vector
from core.render import Light, Renderer, RenderRequest
from training.corpora.mocap import PoseSampler
from training.hmr.wardrobe import dressed

SIDE = 160
"""Pixels of a cut-out."""
FILL = 0.72
"""Share of a cut-out's side that the longer side of the body's box takes."""
DISTANCE = (1.8, 9.0)
"""Metres from the camera to the middle of the body."""
NEAREST = 0.6
"""Metres that the whole body keeps from the camera."""
OUTFITS = 400


@dataclass(frozen=True, eq=False)
class CutOuts:
    """B people; the camera looks at the middle of each.

    Parameters
    ----------
    pictures : Tensor, shape (B, SIDE, SIDE, 4), uint8
        RGB and straight alpha.
    rotations : Tensor, shape (B, 24, 3, 3)
        Local rotations, the pelvis' in the camera frame.
    betas : Tensor, shape (B, 10)
    pixels : Tensor, shape (B, 45, 2)
        Where the `BODY_POINTS` are seen: from the middle, in units of half the side.
    """

    pictures: Tensor
    rotations: Tensor
    betas: Tensor
    pixels: Tensor

    def __getitem__(self, index: Tensor) -> "CutOuts":
        """Return those of an index (K,)."""
        return CutOuts(*(getattr(self, field.name)[index] for field in fields(self)))

    def put(self, start: int, other: "CutOuts") -> None:
        """Replace those from a place on, and from the first on after the last, by others."""
        places = (start + torch.arange(len(other.betas))) % len(self.betas)
        for field in fields(self):
            getattr(self, field.name)[places] = getattr(other, field.name)

    @classmethod
    def empty(cls, count: int) -> "CutOuts":
        """Make room for `count` people."""
        return cls(
            torch.zeros(count, SIDE, SIDE, 4, dtype=torch.uint8),
            torch.zeros(count, 24, 3, 3),
            torch.zeros(count, 10),
            torch.zeros(count, 45, 2),
        )


class Draughtsman:
    """Draws people; what is drawn depends on the generators alone.

    Parameters
    ----------
    sampler : PoseSampler
        Where poses come from.
    body : BodyModel
        Who is drawn.
    renderer : Renderer
        Draws.
    seed : int
        Of the clothes.
    """

    def __init__(
        self, sampler: PoseSampler, body: BodyModel, renderer: Renderer, seed: int = 0
    ) -> None:
        self._sampler = sampler
        self._body = body
        self._renderer = renderer
        rng = np.random.default_rng(seed)
        self._clothes = [dressed(body, rng) for _ in range(OUTFITS)]

    def draw(
        self, count: int, generator: torch.Generator, mix: bool = True
    ) -> Callable[[], CutOuts]:
        """Begin to draw `count` people; what is returned waits for them.

        `mix` as `PoseSampler` has it.
        """
        rotations, betas = from_vector(self._sampler(count, generator, mix))
        vertices, points = self._body.forward(rotations, betas, torch.zeros(count, 3))
        rng = np.random.default_rng(int(torch.randint(2**31, (), generator=generator)))
        pictures, pixels = [], []
        for body, joints in zip(vertices.numpy(), points.numpy(), strict=True):
            shift, camera = _look(body, rng)
            request = RenderRequest(
                [body + shift],
                self._body.faces,
                camera,
                self._clothes[rng.integers(OUTFITS)],
                lights=_lights(rng),
            )
            pictures.append(self._renderer.render(request))
            pixels.append(camera.project(joints + shift) / (SIDE / 2) - 1)
        seen = torch.from_numpy(np.stack(pixels).astype(np.float32))

        def finished() -> CutOuts:
            drawn = np.stack([picture.result() for picture in pictures])
            return CutOuts(torch.from_numpy(drawn), rotations, betas, seen)

        return finished


def _look(
    vertices: NDArray[np.float32], rng: np.random.Generator
) -> tuple[NDArray[np.float32], Camera]:
    """Return where a body (V, 3) is put, and the camera that sees it in the middle."""
    distance = np.exp(rng.uniform(*np.log(DISTANCE)))
    middle = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    depth = max(distance, middle[2] - vertices[:, 2].min() + NEAREST)
    shift = np.array([0, 0, depth], dtype=np.float32) - middle
    for _ in range(2):  # the middle of the picture is not that of the body: near parts are larger
        seen = (vertices + shift)[:, :2] / (vertices + shift)[:, 2:]
        shift[:2] -= depth * (seen.min(axis=0) + seen.max(axis=0)) / 2
    seen = (vertices + shift)[:, :2] / (vertices + shift)[:, 2:]
    focal = FILL * SIDE / float(np.ptp(seen, axis=0).max())
    return shift, Camera(focal, SIDE / 2, SIDE / 2, SIDE, SIDE)


def _lights(rng: np.random.Generator) -> tuple[Light, Light, Light]:
    """Key light from somewhere above or beside the camera, a weaker fill, and one from behind."""
    key = (rng.uniform(-1, 1), rng.uniform(-1, 0.2), rng.uniform(-1, 0.1))
    fill = (rng.uniform(-1, 1), rng.uniform(-0.5, 0.5), -0.5)
    rim = (rng.uniform(-1, 1), rng.uniform(-1, 0), 0.9)
    return (
        Light(key, _tint(rng), rng.uniform(1.5, 4.5)),
        Light(fill, _tint(rng), rng.uniform(0.2, 1.8)),
        Light(rim, _tint(rng), rng.uniform(0, 2.5)),
    )


def _tint(rng: np.random.Generator) -> tuple[float, float, float]:
    warm = rng.uniform(-0.18, 0.18)
    return (min(1, 1 + warm), 1 - abs(warm) / 3, min(1, 1 - warm))
