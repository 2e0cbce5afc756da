"""A posed body: SMPL's forward pass through `smplx`, and a fast one for the points alone."""

import warnings
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import smplx
import torch
from numpy.typing import NDArray
from smplx.utils import Struct
from torch import Tensor

from assets import OPEN_BODY
from core.body.files import BodyData, read_body
from core.pose import PARENTS, Parameters
from core.pose.rotations import rotations_of


class BodyModel:
    """A body of SMPL's layout, ready to be posed.

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

    def __init__(self, data: BodyData) -> None:
        self.name = data.name
        self.sha256 = data.sha256
        self.faces = data.faces
        self.vertex_joint = data.weights.argmax(axis=1).astype(np.int8)
        self.num_vertices = len(data.template)
        self.template = data.template
        self.eyes = np.zeros(self.num_vertices, dtype=bool) if data.eyes is None else data.eyes
        self._smpl = _smplx_body(data)
        self.joints = data.regressor @ data.template
        self._joints = torch.from_numpy(self.joints)
        joint_shapes = np.einsum("jv,vdk->jdk", data.regressor, data.shapedirs)
        self._joint_shapes = torch.from_numpy(joint_shapes)
        extra = self._smpl.vertex_joint_selector.extra_joints_idxs.numpy()
        self._extra = torch.from_numpy(data.template[extra])
        self._extra_shapes = torch.from_numpy(data.shapedirs[extra])
        self._extra_poses = torch.from_numpy(data.posedirs[extra])
        self._extra_weights = torch.from_numpy(data.weights[extra])
        self.point_joints = torch.cat([torch.eye(len(PARENTS)), self._extra_weights])

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
        rest = self._joints + torch.einsum("bk,jdk->bjd", betas, self._joint_shapes)
        turns, places = [rotations[:, 0]], [rest[:, 0]]
        for joint, parent in list(enumerate(PARENTS))[1:]:
            bone = rest[:, joint] - rest[:, parent]
            places.append(places[parent] + (turns[parent] @ bone[..., None])[..., 0])
            turns.append(turns[parent] @ rotations[:, joint])
        turn, place = torch.stack(turns, dim=1), torch.stack(places, dim=1)
        shift = place - (turn @ rest[..., None])[..., 0]
        bent = (rotations[:, 1:] - torch.eye(3)).flatten(1)
        skin = self._extra + torch.einsum("bk,vdk->bvd", betas, self._extra_shapes)
        skin = skin + torch.einsum("bp,vdp->bvd", bent, self._extra_poses)
        blended = torch.einsum("vj,bjcd->bvcd", self._extra_weights, turn)
        skin = (blended @ skin[..., None])[..., 0] + self._extra_weights @ shift
        return torch.cat([place, skin], dim=1) + transl[:, None]

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
        with torch.no_grad():
            vertices, points = self.forward(
                rotations_of(parameters).reshape(-1, 24, 3, 3),
                torch.from_numpy(parameters.betas).reshape(-1, 10),
                torch.from_numpy(parameters.transl).reshape(-1, 3),
            )
        return vertices.numpy().reshape(*batch, -1, 3), points.numpy().reshape(*batch, -1, 3)


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
