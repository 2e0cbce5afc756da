"""The skin of a body: all vertices of many poses, without gradients.

Linear blend skinning with pose correctives (Loper et al., SMPL, 2015), as `smplx` does it, at a
sixth of its cost: correctives that are mostly zero are kept sparse, poses of one shape are shaped
once, and vertices are blended in runs that stay in the processor's cache, by the few joints alone
that carry any of a run.
"""

import warnings

import torch
from torch import Tensor, nn

from core.body.files import BodyData

SPARSE = 0.2
"""Correctives with a smaller share of entries than this are kept sparse; SMPL's own are dense."""
RUN, AT_ONCE = 256, 64
"""Vertices that are blended at once, and poses."""
FEW = 8
"""Poses that are not worth runs."""


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

    def __init__(self, data: BodyData) -> None:
        super().__init__()
        shapes, weights = torch.from_numpy(data.shapedirs), torch.from_numpy(data.weights)
        self.register_buffer("template", torch.from_numpy(data.template).T.reshape(-1, 1))
        self.register_buffer("shapes", shapes.transpose(0, 1).flatten(0, 1).contiguous())
        self.register_buffer("correctives", _compact(torch.from_numpy(data.posedirs)))
        self._whole = nn.ModuleList([_Run(weights, 0, len(weights))])
        self._runs = nn.ModuleList(
            _Run(weights, start, RUN) for start in range(0, len(weights), RUN)
        )

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
        vertices = bent.new_empty(len(bent), len(self.template) // 3, 3)
        for start in range(0, len(bent), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            self._pose(bent[some], betas[some], blend[some], transl[some], vertices[some])
        return vertices

    def _pose(
        self, bent: Tensor, betas: Tensor, blend: Tensor, transl: Tensor, vertices: Tensor
    ) -> None:
        """Do what `forward` does for poses that are blended at once, into `vertices`."""
        poses, count = vertices.shape[:2]
        if (betas == betas[:1]).all():  # the steps of a trajectory
            betas = betas[:1]
        shaped = torch.addmm(self.template, self.shapes, betas.T)
        rest = torch.addmm(shaped, self.correctives, bent.T.contiguous()).view(3, count, poses)
        moved = bent.new_zeros(4, 3, 1, poses)
        moved[3, :, 0] = transl.T
        joints = torch.cat([blend.permute(3, 2, 1, 0), moved], dim=2).flatten(0, 1)
        for run in self._whole if poses <= FEW else self._runs:
            run(joints, rest, vertices)


class _Run(nn.Module):
    """Vertices that follow each other, and the joints that carry any of them."""

    weights: Tensor
    joints: Tensor

    def __init__(self, weights: Tensor, start: int, count: int) -> None:
        super().__init__()
        self.some = slice(start, start + count)
        own = weights[self.some]
        used = (own > 0).any(0).nonzero()[:, 0]
        always = torch.tensor([weights.shape[1]])  # the row that shifts whole bodies
        self.register_buffer("joints", torch.cat([used, always]))
        self.register_buffer("weights", torch.cat([own[:, used], torch.ones(len(own), 1)], dim=1))

    def forward(self, joints: Tensor, rest: Tensor, vertices: Tensor) -> None:
        """Blend its vertices of B poses.

        Parameters
        ----------
        joints : Tensor, shape (12, 25, B)
            Where each joint takes a point: its turn column by column, then its shift; and at last
            the shift of the whole body.
        rest : Tensor, shape (3, V, B)
            Rest poses.
        vertices : Tensor, shape (B, V, 3)
            Where they are put.
        """
        joints = joints[:, self.joints]
        if joints.shape[-1] <= FEW:  # one narrow product is better than twelve of a few columns
            flat = self.weights @ joints.transpose(0, 1).flatten(1)
            blended = flat.view(len(flat), *joints[:, 0].shape).transpose(0, 1)
        else:
            blended = self.weights @ joints
        *turn, placed = blended.view(4, 3, *blended.shape[1:])
        for column, along in zip(turn, rest[:, self.some], strict=True):
            placed.addcmul_(column, along)
        vertices[:, self.some] = placed.permute(2, 1, 0)


def _compact(posedirs: Tensor) -> Tensor:
    """Turn correctives (V, 3, 207) into a matrix (3V, 207), x of all vertices first."""
    matrix = posedirs.transpose(0, 1).flatten(0, 1)
    if (matrix != 0).float().mean() > SPARSE:
        return matrix
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch calls sparse rows a beta
        return matrix.to_sparse_csr()
