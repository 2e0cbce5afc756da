"""A posed body: SMPL's forward pass through `smplx`, and the same numbers sooner."""

import warnings
from contextlib import redirect_stdout
from copy import deepcopy
from io import StringIO
from pathlib import Path

import numpy as np
import smplx
import torch
from numpy.typing import NDArray
from smplx.utils import Struct
from torch import Tensor, nn

from assets import OPEN_BODY
from core.body.files import BodyData, read_body
from core.body.skin import Skin
from core.pose import PARENTS, Parameters
from core.pose.rotations import rotations_of


def _generations() -> list[tuple[slice, list[int]]]:
    """Return each range of joints as far from the pelvis, and their parents' places in the last."""
    depth = [0]
    for parent in PARENTS[1:]:
        depth.append(depth[parent] + 1)
    first = [depth.index(level) for level in range(depth[-1] + 1)]
    return [
        (slice(start, end), [parent - above for parent in PARENTS[start:end]])
        for above, start, end in zip(first, first[1:], [*first[2:], len(depth)], strict=False)
    ]


_GENERATIONS = _generations()


class BodyModel(nn.Module):
    """A body of SMPL's layout, ready to be posed.

    Tensors that it is given and returns are on its own device; arrays need not be.

    Attributes
    ----------
    name, sha256 : str
        Of the file it came from.
    faces : NDArray, shape (F, 3), int32
        Triangles.
    vertex_joint : NDArray, shape (V,), int8
        The joint, 0 to 23, that each vertex belongs to most.
    num_vertices : int
        V.
    template : NDArray, shape (V, 3), float32
        Mean shape in the rest pose, metres, y up, facing z.
    joints : NDArray, shape (24, 3), float32
        Joints of the template, metres.
    eyes : NDArray, shape (V,), bool
        Vertices of the eyeballs; none in SMPL's own files.
    point_joints : Tensor, shape (45, 24), float32
        Share of each joint in carrying each of `core.keypoints.BODY_POINTS`.
    """

    point_joints: Tensor
    _joints: Tensor
    _joint_shapes: Tensor
    _extra: Tensor
    _extra_shapes: Tensor
    _extra_poses: Tensor
    _extra_weights: Tensor

    def __init__(self, data: BodyData) -> None:
        super().__init__()
        self.name = data.name
        self.sha256 = data.sha256
        self.faces = data.faces
        self.vertex_joint = data.weights.argmax(axis=1).astype(np.int8)
        self.num_vertices = len(data.template)
        self.template = data.template
        self.eyes = np.zeros(self.num_vertices, dtype=bool) if data.eyes is None else data.eyes
        self._smpl = _smplx_body(data)
        self._skin = Skin(data)
        self.joints = data.regressor @ data.template
        extra = self._smpl.vertex_joint_selector.extra_joints_idxs.numpy()
        weights = torch.from_numpy(data.weights[extra])
        tables = {
            "_joints": self.joints,
            "_joint_shapes": np.einsum("jv,vdk->kjd", data.regressor, data.shapedirs),
            "_extra": data.template[extra],
            "_extra_shapes": np.moveaxis(data.shapedirs[extra], -1, 0),
            "_extra_poses": np.moveaxis(data.posedirs[extra], -1, 0),
        }
        for name, table in tables.items():  # what is multiplied from the left is flat
            flat = table if table.ndim == 2 else table.reshape(len(table), -1)
            self.register_buffer(name, torch.from_numpy(np.ascontiguousarray(flat)))
        self.register_buffer("_extra_weights", weights)
        self.register_buffer("point_joints", torch.cat([torch.eye(len(PARENTS)), weights]))
        self._extra_index = extra

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self._joints.device

    def on(self, device: torch.device) -> "BodyModel":
        """Return this body on a device; what is made with it computes there."""
        if device.type == self.device.type:
            return self
        rows = self._skin.correctives  # sparse, which deepcopy cannot copy
        return deepcopy(self, {id(rows): rows.to(device)}).to(device)

    def forward(self, rotations: Tensor, betas: Tensor, transl: Tensor) -> tuple[Tensor, Tensor]:
        """Pose a batch; differentiable.

        Parameters
        ----------
        rotations : Tensor, shape (B, 24, 3, 3)
            Local rotations; the first is the global orientation.
        betas : Tensor, shape (B, 10)
            Shape in standard deviations.
        transl : Tensor, shape (B, 3)
            Metres, added after posing.

        Returns
        -------
        vertices : Tensor, shape (B, V, 3)
        points : Tensor, shape (B, 45, 3)
            `core.keypoints.BODY_POINTS`.
        """
        output = self._smpl(
            global_orient=rotations[:, :1],
            body_pose=rotations[:, 1:],
            betas=betas,
            transl=transl,
            pose2rot=False,
        )
        return output.vertices, output.joints

    def points(self, rotations: Tensor, betas: Tensor, transl: Tensor) -> Tensor:
        """Pose the 45 `BODY_POINTS` (B, 45, 3) alone: the same numbers as `forward`, sooner."""
        return self.points_and_turns(rotations, betas, transl)[0]

    def points_and_turns(
        self, rotations: Tensor, betas: Tensor, transl: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return `points`, and how the joints (B, 24, 3, 3) are turned in the camera frame."""
        chain, blend = self._chain(rotations, betas)
        offsets = betas @ self._extra_shapes + _bent(rotations) @ self._extra_poses
        skin = self._extra + offsets.view(-1, *self._extra.shape)
        turn = (self._extra_weights @ blend.flatten(2)).view(*skin.shape, 4)
        skin = (turn[..., :3] @ skin[..., None])[..., 0] + turn[..., 3]
        return torch.cat([chain[..., 3], skin], dim=1) + transl[:, None], chain[..., :3]

    @torch.no_grad()
    def pose(self, parameters: Parameters) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Pose annotations of any batch shape.

        Returns
        -------
        vertices : NDArray, shape (..., V, 3)
            Metres, camera frame.
        points : NDArray, shape (..., 45, 3)
            `core.keypoints.BODY_POINTS`, metres, camera frame.
        """
        batch = parameters.batch
        rotations = rotations_of(parameters).reshape(-1, len(PARENTS), 3, 3).to(self.device)
        betas, transl = (
            torch.from_numpy(array).reshape(len(rotations), -1).to(self.device)
            for array in (parameters.betas, parameters.transl)
        )
        chain, blend = self._chain(rotations, betas)
        vertices = self._skin(_bent(rotations), betas, blend, transl)
        points = torch.cat([chain[..., 3] + transl[:, None], vertices[:, self._extra_index]], dim=1)
        return (
            vertices.cpu().numpy().reshape(*batch, -1, 3),
            points.cpu().numpy().reshape(*batch, -1, 3),
        )

    def _chain(self, rotations: Tensor, betas: Tensor) -> tuple[Tensor, Tensor]:
        """Turn and place the joints: each (B, 24, 3, 4), a turn and a shift.

        The first is of the joints themselves; the second takes points of the rest pose along.
        """
        rest = self._joints + (betas @ self._joint_shapes).view(-1, len(PARENTS), 3)
        bones = torch.cat([rest[:, :1], rest[:, 1:] - rest[:, list(PARENTS[1:])]], dim=1)
        local = torch.cat([rotations, bones[..., None]], dim=-1)
        chain = [local[:, :1]]
        for joints, parents in _GENERATIONS:
            above = chain[-1][:, parents]
            placed = above[..., :3] @ local[:, joints]
            placed[..., 3] += above[..., 3]
            chain.append(placed)
        joint = torch.cat(chain, dim=1)
        turn, place = joint[..., :3], joint[..., 3:]
        return joint, torch.cat([turn, place - turn @ rest[..., None]], dim=-1)


def load_body(path: Path | None = None, gender: str = "neutral") -> BodyModel:
    """Load a body model.

    Parameters
    ----------
    path : Path or None
        SMPL's pkl or npz, or a folder of them; None for the open body that ships.
    gender : str
        Which file of a folder: neutral, male or female.

    Raises
    ------
    UnreadableInput
        The file is missing, torn, hostile or no SMPL body.
    """
    return BodyModel(read_body(OPEN_BODY if path is None else path, gender))


def _bent(rotations: Tensor) -> Tensor:
    """Return R - I (B, 207) of joints 1 to 23."""
    return (rotations[:, 1:] - torch.eye(3, device=rotations.device)).flatten(1)


def _smplx_body(data: BodyData) -> smplx.SMPL:
    arrays = Struct(
        v_template=data.template,
        shapedirs=data.shapedirs,
        posedirs=data.posedirs,
        J_regressor=data.regressor,
        weights=data.weights,
        f=data.faces,
        kintree_table=np.array([PARENTS, range(len(PARENTS))], dtype=np.int64),
    )
    # smplx prints that ten shape components are few
    with warnings.catch_warnings(), redirect_stdout(StringIO()):
        warnings.simplefilter("ignore")
        body = smplx.SMPL(model_path="", data_struct=arrays, vertex_ids=data.vertex_ids)
    return body.requires_grad_(False)
