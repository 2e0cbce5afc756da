"""The skin of a body: all vertices of many poses, without gradients.

Linear blend skinning with pose correctives (Loper et al., SMPL, 2015), as `smplx` does it, at a
fifth of its cost: correctives that are mostly zero are kept sparse, poses of one shape are shaped
once, and vertices are blended in runs that stay in the processor's cache.
"""

import warnings

import torch
from torch import Tensor, nn

from core.body.files import BodyData

SPARSE = 0.2
"""Correctives with a smaller share of entries than this are kept sparse; SMPL's own are dense."""
IN_CACHE = 30_000
"""Vertices times poses that are blended at once."""


class Skin(nn.Module):
    """Vertices from what the joints do.

    Parameters
    ----------
    data : BodyData
        The body, V vertices.
    """

    template: Tensor
    shapes: Tensor
    correctives: Tensor
    weights: Tensor

    def __init__(self, data: BodyData) -> None:
        super().__init__()
        template, shapes = torch.from_numpy(data.template), torch.from_numpy(data.shapedirs)
        self.register_buffer("template", template.T[..., None].contiguous())
        self.register_buffer("shapes", shapes.transpose(0, 1).contiguous())
        self.register_buffer("correctives", _compact(torch.from_numpy(data.posedirs)))
        self.register_buffer("weights", torch.from_numpy(data.weights))

    @torch.no_grad()
    def forward(self, bent: Tensor, betas: Tensor, blend: Tensor, transl: Tensor) -> Tensor:
        """Return vertices (B, V, 3) in metres.

        Parameters
        ----------
        bent : Tensor, shape (B, 207)
            R - I of joints 1 to 23.
        betas : Tensor, shape (B, 10)
            Shape in standard deviations.
        blend : Tensor, shape (B, 24, 3, 4)
            Where each joint takes a point of the rest pose.
        transl : Tensor, shape (B, 3)
            Metres, added after posing.
        """
        poses, count = len(bent), len(self.weights)
        if (betas == betas[:1]).all():  # the steps of a trajectory
            betas = betas[:1]
        rest = (self.correctives @ bent.T.contiguous()).reshape(3, count, poses)
        rest += self.template + self.shapes @ betas.T
        blend, transl = blend.permute(2, 3, 1, 0).contiguous(), transl.T[:, None]
        vertices = rest.new_empty(poses, count, 3)
        run = max(64, IN_CACHE // poses)
        for start in range(0, count, run):
            some = slice(start, start + run)
            turn = self.weights[some] @ blend
            placed = turn[:, 3] + transl
            for axis in range(3):
                placed.addcmul_(turn[:, axis], rest[axis, some])
            vertices[:, some] = placed.permute(2, 1, 0)
        return vertices


def _compact(posedirs: Tensor) -> Tensor:
    """Turn correctives (V, 3, 207) into a matrix (3V, 207), x of all vertices first."""
    matrix = posedirs.transpose(0, 1).flatten(0, 1)
    if (matrix != 0).float().mean() > SPARSE:
        return matrix
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch calls sparse rows a beta
        return matrix.to_sparse_csr()
