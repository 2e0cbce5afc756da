"""A small file of every format that is imported, in its own layout: two people, two pictures.

Each has poses `POSE`, shapes `BETAS`, and boxes 100 x 200 pixels at (50 + 100 row, 60), as far as
the format holds them. Layouts are those that the readers' docstrings cite.
"""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import scipy.io
from formats_kit import picture
from scipy.spatial.transform import Rotation

ROWS = 2
SIZE = 640, 480
POSE = np.random.default_rng(3).normal(size=(ROWS, 24, 3)) * 0.3
BETAS = np.arange(20.0).reshape(ROWS, 10) / 10
NAMES = ["a.png", "b.png"]
BOXES = np.array([[50.0, 60, 100, 200], [150, 60, 100, 200]])
CENTRES = BOXES[:, :2] + BOXES[:, 2:] / 2
MATRICES = Rotation.from_rotvec(POSE.reshape(-1, 3)).as_matrix().reshape(ROWS, 24, 3, 3)
WEAK = np.array([[0.9, 0.1, -0.2], [0.8, 0.0, 0.1]])
"""Scale and offset on a crop."""
JOINTS2D = CENTRES[:, None] + np.random.default_rng(4).uniform(-40, 40, size=(ROWS, 136, 2))


def points(count: int, confidence: float = 1) -> Any:
    """Return keypoints (2, count, 3)."""
    seen = np.full((ROWS, count, 1), confidence)
    return np.concatenate([JOINTS2D[:, :count], seen], axis=2)


def pictures(folder: Path) -> None:
    for name in NAMES:
        picture(folder / name, *SIZE)


def as_json(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value, default=lambda array: array.tolist()))
    return path


def as_pickle(path: Path, value: Any) -> Path:
    path.write_bytes(pickle.dumps(value, protocol=2))
    return path


def as_npz(path: Path, **arrays: Any) -> Path:
    with path.open("wb") as file:  # numpy would add its ending to the name
        np.savez(file, **arrays)
    return path


def held(value: Any) -> Any:
    """Return an object array without axes, as numpy makes of a dictionary."""
    holder = np.empty((), dtype=object)
    holder[()] = value
    return holder


def coco_json(**person: Callable[[int], Any]) -> dict[str, Any]:
    def one(row: int) -> dict[str, Any]:
        made = {"id": 10 + row, "image_id": row, "bbox": BOXES[row], "iscrowd": 0, "category_id": 1}
        return {**made, **{name: make(row) for name, make in person.items()}}

    images = [{"id": n, "file_name": name, "width": 640} for n, name in enumerate(NAMES)]
    return {"images": images, "annotations": [one(row) for row in range(ROWS)]}


def coco(folder: Path) -> Path:
    return as_json(folder / "x", coco_json(keypoints=lambda row: points(17, 2)[row].ravel()))


def coco_smpl(folder: Path) -> Path:
    def smpl(row: int) -> dict[str, Any]:
        return {"pose": POSE[row].ravel(), "shape": BETAS[row], "trans": [0.1, 0.2, 5]}

    camera = {"focal": [700, 702], "princpt": [320, 240]}
    people = coco_json(
        keypoints=lambda row: points(17, 2)[row].ravel(),
        smpl_param=smpl,
        cam_param=lambda _row: camera,
    )
    return as_json(folder / "x", people)


def whole_body(folder: Path) -> Path:
    parts = {"keypoints": (0, 17), "foot_kpts": (17, 23), "face_kpts": (23, 91)}
    parts |= {"lefthand_kpts": (91, 112), "righthand_kpts": (112, 133)}
    makers = {
        name: lambda row, ends=ends: points(136, 0.7)[row, ends[0] : ends[1]].ravel()
        for name, ends in parts.items()
    }
    return as_json(folder / "x", coco_json(**makers))


def halpe(folder: Path) -> Path:
    return as_json(folder / "x", coco_json(keypoints=lambda row: points(136, 0.7)[row].ravel()))


def crowdpose(folder: Path) -> Path:
    return as_json(folder / "x", coco_json(keypoints=lambda row: points(14, 1)[row].ravel()))


def openpose(folder: Path) -> Path:
    for row, name in enumerate(NAMES):
        people = [{"person_id": [-1], "pose_keypoints_2d": points(25, 0.8)[row].ravel()}]
        as_json(folder / f"{Path(name).stem}_keypoints.json", {"version": 1.3, "people": people})
    return folder


def spin(folder: Path) -> Path:
    return as_npz(
        folder / "x",
        imgname=NAMES,
        center=CENTRES,
        scale=np.ones(ROWS),
        part=points(24),
        openpose=points(25, 0.5),
        pose=POSE.reshape(ROWS, 72),
        shape=BETAS,
        has_smpl=np.ones(ROWS),
        S=np.ones((ROWS, 24, 4)),
    )


def hmr2_data(folder: Path) -> Path:
    return as_npz(
        folder / "x",
        imgname=NAMES,
        center=CENTRES,
        scale=BOXES[:, 2:],
        body_keypoints_2d=points(25),
        extra_keypoints_2d=points(19),
        body_pose=POSE.reshape(ROWS, 72),
        betas=BETAS,
        has_body_pose=np.ones(ROWS),
        personid=np.arange(ROWS),
    )


def humandata(folder: Path) -> Path:
    smpl = {"global_orient": POSE[:, 0], "body_pose": POSE[:, 1:], "betas": BETAS}
    return as_npz(
        folder / "x",
        image_path=NAMES,
        bbox_xywh=np.column_stack([BOXES, np.ones(ROWS)]),
        smpl=held(smpl),
    )


def smplx_humandata(folder: Path) -> Path:
    smplx = {"global_orient": POSE[:, 0], "body_pose": POSE[:, 1:22], "betas": BETAS}
    smplx |= {"left_hand_pose": np.ones((ROWS, 15, 3)), "transl": np.ones((ROWS, 3))}
    mask = np.zeros(190, dtype=np.uint8)
    mask[:17] = 1
    return as_npz(
        folder / "x",
        image_path=NAMES,
        bbox_xywh=BOXES,
        keypoints2d_original=points(17),
        keypoints2d_original_mask=mask,
        smplx=held(smplx),
        meta=held({"focal_length": [(700, 700)] * ROWS, "principal_point": [(320, 240)] * ROWS}),
    )


def multi_humandata(folder: Path) -> Path:
    smpl = {"global_orient": POSE[:, 0], "body_pose": POSE[:, 1:], "betas": BETAS}
    ranges = np.array([[0, 2], [2, 2]])
    return as_npz(
        folder / "x", image_path=NAMES, frame_range=ranges, bbox_xywh=BOXES, smpl=held(smpl)
    )


def four_d_humans(folder: Path) -> Path:
    smpl = {"global_orient": MATRICES[:, :1], "body_pose": MATRICES[:, 1:], "betas": BETAS}
    return as_npz(
        folder / "x",
        imgname=NAMES,
        pred_cam=WEAK,
        pred_smpl_params=held(smpl),
        box_center=CENTRES,
        box_size=BOXES[:, 3],
    )


def eft(folder: Path) -> Path:
    def fit(row: int) -> dict[str, Any]:
        made = {"parm_pose": MATRICES[row], "parm_shape": BETAS[row], "parm_cam": WEAK[row]}
        made |= {"bbox_scale": 1.0, "bbox_center": CENTRES[row], "annotId": row, "smpltype": "smpl"}
        return {**made, "imageName": NAMES[row], "subjectId": -1}

    return as_json(folder / "x", {"ver": 0.1, "data": [fit(row) for row in range(ROWS)]})


def agora(folder: Path) -> Path:
    for row, name in enumerate(NAMES):
        params = {"global_orient": MATRICES[row, :1], "body_pose": MATRICES[row, 1:]}
        params |= {"betas": BETAS[row : row + 1], "transl": np.ones((1, 3))}
        made = {"pose2rot": False, "joints": JOINTS2D[row, :24] * 6, "params": params}
        as_pickle(folder / f"{Path(name).stem}_personId_0.pkl", made)
    return folder


def neuralannot(folder: Path) -> Path:
    as_json(folder / "coco.json", coco_json(keypoints=lambda row: points(17, 2)[row].ravel()))

    def fit(row: int) -> dict[str, Any]:
        smpl = {"pose": POSE[row].ravel(), "shape": BETAS[row], "trans": [0.1, 0.2, 5]}
        return {"smpl_param": smpl, "cam_param": {"focal": [700, 702], "princpt": [320, 240]}}

    return as_json(folder / "x", {str(10 + row): fit(row) for row in range(ROWS)})


def pw3d_sequence(folder: Path) -> dict[str, Any]:
    """Return one person over two frames, whose pictures are in `folder`; the camera is turned."""
    for frame in range(ROWS):
        picture(folder / "walk" / f"image_{frame:05}.jpg", *SIZE)
    turn = Rotation.from_rotvec([0, np.pi / 2, 0])
    world = POSE.copy()
    world[:, 0] = (turn.inv() * Rotation.from_rotvec(POSE[:, 0])).as_rotvec()
    camera = np.eye(4)
    camera[:3, :3], camera[:3, 3] = turn.as_matrix(), [0, 0, 4]
    return {
        "sequence": "walk",
        "poses": [world.reshape(ROWS, 72)],
        "betas": [np.concatenate([BETAS[0], np.zeros(290)])],
        "poses2d": [points(18).transpose(0, 2, 1)],
        "cam_poses": np.tile(camera, (ROWS, 1, 1)),
        "cam_intrinsics": np.array([[700.0, 0, 320], [0, 702, 240], [0, 0, 1]]),
        "campose_valid": [np.ones(ROWS)],
        "genders": ["m"],
        "jointPositions": [np.tile([0.5, 0.25, 0], (ROWS, 24)).reshape(ROWS, 72)],
        "trans": [np.tile([0.5, 0.5, 0], (ROWS, 1))],
    }


def pw3d(folder: Path) -> Path:
    """Write a sequence in the folders of the data set."""
    path = folder / "sequenceFiles" / "test" / "walk.pkl"
    path.parent.mkdir(parents=True)
    return as_pickle(path, pw3d_sequence(folder / "imageFiles"))


def pw3d_npz(folder: Path) -> Path:
    return as_npz(folder / "x", **pw3d_sequence(folder))


def vibe(folder: Path) -> Path:
    # 1.25 of half a width of 640 is 400 px a metre
    weak = np.tile([1.25, 1.25 * 640 / 480, 0.1, -0.2], (ROWS, 1))
    boxes = np.column_stack([CENTRES, BOXES[:, 2:]])
    person = {"pose": POSE.reshape(ROWS, 72), "betas": BETAS, "orig_cam": weak, "bboxes": boxes}
    person |= {"frame_ids": np.arange(ROWS), "joints2d": None}
    return as_pickle(folder / "x", {7: person})


def phalp(folder: Path) -> Path:
    def frame(row: int) -> dict[str, Any]:
        smpl = {"global_orient": MATRICES[row, :1], "body_pose": MATRICES[row, 1:]}
        seen = {"tid": [3, 4], "bbox": [BOXES[row]] * 2, "tracked_time": [0, 2], "time": row}
        camera = np.array([0.1, 0.2, 30])
        return {**seen, "smpl": [{**smpl, "betas": BETAS[row]}] * 2, "camera": [camera] * 2}

    return as_pickle(
        folder / "x", {f"_DEMO/v/img/{name}": frame(row) for row, name in enumerate(NAMES)}
    )


def phalp_tracks(folder: Path) -> Path:
    tracks = folder / "tracks"
    for row, name in enumerate(NAMES):
        (tracks / f"{row:03}").mkdir(parents=True)
        made = {"betas": BETAS[row], "body_pose": POSE[row, 1:], "global_orient": POSE[row, 0]}
        made |= {
            "cam_trans": [0.1, 0.2, 30],
            "box_center": CENTRES[row],
            "box_scale": BOXES[row, 2:],
        }
        as_json(tracks / f"{row:03}" / f"{Path(name).stem}_smpl.json", made)
    return tracks


def romp(folder: Path) -> Path:
    results = {
        "cam": np.array([[0.5, 0.1, -0.2], [0.4, 0, 0]]),
        "smpl_thetas": POSE.reshape(ROWS, 72),
        "smpl_betas": BETAS,
        "pj2d_org": JOINTS2D[:, :71],
        "track_ids": np.arange(ROWS),
    }
    return as_npz(folder / "a.npz", results=held(results))


def bev(folder: Path) -> Path:
    frames = {
        name: {
            "cam_trans": np.array([[0.1, 0.2, 4]]),
            "smpl_thetas": POSE[row : row + 1].reshape(1, 72),
            "smpl_betas": np.zeros((1, 11)),
        }
        for row, name in enumerate(NAMES)
    }
    return as_npz(folder / "video_results.npz", results=held(frames), sequence_results=held({}))


def glamr(folder: Path) -> Path:
    camera = np.tile(np.eye(4), (ROWS, 1, 1))
    camera[:, :3, :3] = Rotation.from_rotvec([0, np.pi / 2, 0]).as_matrix()
    turn = Rotation.from_matrix(camera[:, :3, :3])
    person = {
        "smpl_pose": POSE[:, 1:].reshape(ROWS, 69),
        "smpl_beta": BETAS,
        "smpl_orient_world": (turn.inv() * Rotation.from_rotvec(POSE[:, 0])).as_rotvec(),
        "vis_frames": np.array([True, True]),
        "kp_2d": JOINTS2D[:, :26],
        "kp_2d_score": np.ones((ROWS, 26)),
        "cam_K": np.tile([[700.0, 0, 320], [0, 702, 240], [0, 0, 1]], (ROWS, 1, 1)),
    }
    return as_pickle(folder / "x", {"person_data": {0: person}, "cam_pose": camera, "meta": {}})


def mmhuman3d(folder: Path) -> Path:
    smpl = {"body_pose": POSE[:, 1:], "global_orient": POSE[:, 0], "betas": BETAS}
    corners = np.column_stack([BOXES[:, :2], BOXES[:, :2] + BOXES[:, 2:], np.ones(ROWS)])
    return as_npz(
        folder / "x",
        smpl=held(smpl),
        pred_cams=WEAK,
        bboxes_xyxy=corners,
        image_path=NAMES,
        person_id=np.arange(ROWS),
        frame_id=np.arange(ROWS),
        verts=np.zeros((ROWS, 5, 3)),
    )


def result_keypoints(folder: Path) -> Path:
    humandata(folder).rename(folder / "tested.npz")
    value = {"keypoints": np.zeros((ROWS, 17, 3)), "poses": MATRICES, "betas": BETAS}
    return as_json(folder / "x", value)


def amass(folder: Path) -> Path:
    poses = np.concatenate([POSE[:, :22].reshape(ROWS, 66), np.ones((ROWS, 90))], axis=1)
    return as_npz(
        folder / "x",
        poses=poses,
        trans=np.ones((ROWS, 3)),
        betas=np.concatenate([BETAS[0], np.ones(6)]),
        gender=np.array("male"),
        mocap_framerate=np.array(120.0),
        dmpls=np.zeros((ROWS, 8)),
    )


def smplcodec(folder: Path) -> Path:
    return as_npz(
        folder / "x.smpl",
        codecVersion=np.array(2, np.int32),
        smplVersion=np.array(0, np.int32),
        gender=np.array(0, np.int32),
        shapeParameters=BETAS[0].astype(np.float32),
        frameCount=np.array(ROWS, np.int32),
        frameRate=np.array(30, np.float32),
        bodyTranslation=np.ones((ROWS, 3), np.float32),
        bodyPose=POSE.astype(np.float32),
    )


def mpi_train(folder: Path) -> Path:
    for row, name in enumerate(NAMES):
        picture(folder / "imageFrames" / "video_0" / name, *SIZE)
        assert row < ROWS
    cells = np.empty((14, 1), dtype=object)
    for camera in range(14):
        cells[camera, 0] = JOINTS2D[:, :28].reshape(ROWS, 56)
    scipy.io.savemat(folder / "annot.mat", {"annot2": cells, "annot3": cells})
    return folder / "annot.mat"


def mpi_test(folder: Path) -> Path:
    for frame in range(ROWS):
        picture(folder / "imageSequence" / f"img_{frame + 1:06}.jpg", *SIZE)
    with h5py.File(folder / "annot_data.mat", "w") as file:
        file["annot2"] = JOINTS2D[:, None, :17]
        file["valid_frame"] = np.ones((ROWS, 1))
    return folder / "annot_data.mat"


CVAT = """<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version>
<image id="0" name="a.png" width="640" height="480">
  <skeleton label="person" source="manual">
    <points label="nose" outside="0" occluded="0" points="60.5,70.5"/>
    <points label="left_hip" outside="0" occluded="1" points="90.0,150.0"/>
    <points label="right_knee" outside="1" occluded="0" points="0.0,0.0"/>
  </skeleton>
</image>
<image id="1" name="b.png" width="640" height="480">
  <box label="person" xtl="150" ytl="60" xbr="250" ybr="260"/>
  <points label="Nose" points="160.0,70.0" occluded="0"/>
</image></annotations>
"""


def cvat(folder: Path) -> Path:
    (folder / "x").write_text(CVAT)
    return folder / "x"


def label_studio(folder: Path) -> Path:
    def mark(kind: str, label: str, **value: Any) -> dict[str, Any]:
        size = {"original_width": 640, "original_height": 480}
        return {"type": kind, "id": label, **size, "value": {**value, kind: [label]}}

    def task(row: int) -> dict[str, Any]:
        result = [
            mark("rectanglelabels", "person", x=10, y=12.5, width=20, height=50),
            {**mark("keypointlabels", "nose", x=15, y=25, width=0.5), "parentID": "person"},
            {**mark("keypointlabels", "left_hip", x=25, y=50, width=0.5), "parentID": "person"},
        ]
        data = {"img": f"/data/upload/1/0a1b2c3d-{NAMES[row]}"}
        return {"id": row, "data": data, "annotations": [{"result": result}]}

    return as_json(folder / "x", [task(row) for row in range(ROWS)])


def smpl(folder: Path) -> Path:
    return as_npz(
        folder / "x",
        image_path=NAMES,
        track=["", "t"],
        poses=POSE.reshape(ROWS, 72),
        betas=BETAS,
        trans=np.tile([0.1, 0.2, 5], (ROWS, 1)),
        cam_intrinsics=np.tile([[700.0, 0, 320], [0, 700, 240], [0, 0, 1]], (ROWS, 1, 1)),
        bbox_xywh=BOXES,
    )


def jsonl(folder: Path) -> Path:
    def line(row: int) -> str:
        names = ("x", "y", "width", "height")
        theta = {"global_orient": POSE[row, 0].tolist(), "body_pose": POSE[row, 1:].tolist()}
        theta |= {"betas": BETAS[row].tolist(), "transl": [0.1, 0.2, 5]}
        made = {"diffannot": 1, "image": NAMES[row], "parameters": theta}
        made["box"] = dict(zip(names, BOXES[row].tolist(), strict=True))
        return json.dumps({**made, "camera": {"focal": 700, "cx": 320, "cy": 240}})

    (folder / "x").write_text("\n".join(line(row) for row in range(ROWS)))
    return folder / "x"


SAMPLES: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "smpl": ("smpl", smpl),
    "jsonl": ("jsonl", jsonl),
    "coco": ("coco", coco),
    "coco with smpl": ("coco", coco_smpl),
    "coco-wholebody": ("coco", whole_body),
    "halpe": ("coco", halpe),
    "crowdpose": ("coco", crowdpose),
    "openpose": ("openpose", openpose),
    "spin": ("spin", spin),
    "4d-humans data": ("spin", hmr2_data),
    "humandata": ("humandata", humandata),
    "humandata of smplx": ("humandata", smplx_humandata),
    "multihumandata": ("humandata", multi_humandata),
    "4d-humans": ("4d-humans", four_d_humans),
    "eft": ("eft", eft),
    "agora": ("agora", agora),
    "neuralannot": ("neuralannot", neuralannot),
    "3dpw": ("3dpw", pw3d),
    "3dpw npz": ("3dpw", pw3d_npz),
    "vibe": ("vibe", vibe),
    "phalp": ("phalp", phalp),
    "phalp tracks": ("phalp-tracks", phalp_tracks),
    "romp": ("romp", romp),
    "bev": ("romp", bev),
    "glamr": ("glamr", glamr),
    "mmhuman3d": ("mmhuman3d", mmhuman3d),
    "result_keypoints": ("mmhuman3d", result_keypoints),
    "amass": ("amass", amass),
    "smplcodec": ("smplcodec", smplcodec),
    "mpi-inf-3dhp": ("mpi-inf-3dhp", mpi_train),
    "mpi-inf-3dhp test": ("mpi-inf-3dhp", mpi_test),
    "cvat": ("cvat", cvat),
    "label-studio": ("label-studio", label_studio),
}
"""The format that recognises each, and what writes it; `pictures` must be in the folder too."""

FRAMES = ("vibe", "amass", "smplcodec", "glamr")
"""Their pictures are the frames of a folder, which holds no others."""
