"""`python -m assets.contact_sheet --out DIR [--mocap DIR]`: pictures to judge the open body by.

`shapes.png`: the rest pose and the first shape components at 2.5 standard deviations.
`bends.png`: single joints bent as far as people bend them, close up.
`mocap.png`: 24 poses of real motion, acrobatics included (needs the mocap folder).
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from core.body import BodyModel, load_body
from core.camera import Camera
from core.errors import UnreadableInput
from core.pose import JOINTS, Parameters
from core.pose.rotations import axis_angle_to_matrix, rotations_of, with_rotations
from core.render import Renderer, RenderRequest, orbit
from core.safe_reader import read_npz
from training.plainly import one_line

CELL, COLUMNS = 360, 6
FOCAL = 1000.0
FAR, NEAR = 5.6, 2.2
"""Metres from the eye to the whole body, and to one joint."""
BACKGROUND = (250, 250, 248)
BODY = (176, 196, 214)
EXTREME = 2.5

BENDS: tuple[tuple[str, str, float, float, dict[str, tuple[float, float, float]]], ...] = (
    ("arms overhead", "neck", 0, 0, {"left_shoulder": (0, 0, 85), "right_shoulder": (0, 0, -85)}),
    ("overhead, back", "neck", 160, 0,
     {"left_shoulder": (0, 0, 85), "right_shoulder": (0, 0, -85)}),
    ("arms down", "spine3", 20, 0, {"left_shoulder": (0, 0, -75), "right_shoulder": (0, 0, 75)}),
    ("arms forward", "spine3", 40, 10,
     {"left_shoulder": (0, -90, 0), "right_shoulder": (0, 110, 0)}),
    ("arms back", "spine3", 130, 0,
     {"left_shoulder": (0, 40, -40), "right_shoulder": (0, -40, 40)}),
    ("upper arm twisted 80", "left_shoulder", 0, 0, {"left_shoulder": (80, 0, 0)}),
    ("elbow 90", "left_elbow", 0, 60, {"left_elbow": (0, -90, 0)}),
    ("elbow 140", "left_elbow", 0, 60, {"left_elbow": (0, -140, 0)}),
    ("elbow twisted 60", "left_elbow", 0, 20, {"left_elbow": (60, 0, 0)}),
    ("wrist twisted 90", "left_wrist", 0, 20, {"left_wrist": (90, 0, 0)}),
    ("wrist twisted -90", "left_wrist", 0, 20, {"left_wrist": (-90, 0, 0)}),
    ("wrist bent 70", "left_wrist", 0, 0, {"left_wrist": (0, 0, -70)}),
    ("deep squat", "left_hip", 60, 0,
     {"left_hip": (-120, 0, 15), "right_hip": (-120, 0, -15), "left_knee": (140, 0, 0),
      "right_knee": (140, 0, 0), "left_ankle": (-25, 0, 0), "right_ankle": (-25, 0, 0)}),
    ("deep squat, back", "left_hip", 150, 0,
     {"left_hip": (-120, 0, 15), "right_hip": (-120, 0, -15), "left_knee": (140, 0, 0),
      "right_knee": (140, 0, 0)}),
    ("high kick", "left_hip", 75, 0, {"left_hip": (-110, 0, 0)}),
    ("leg back", "left_hip", 80, 0, {"left_hip": (35, 0, 0), "left_knee": (90, 0, 0)}),
    ("straddle", "pelvis", 0, 0, {"left_hip": (0, 0, 70), "right_hip": (0, 0, -70)}),
    ("hip twisted 40", "left_knee", 20, 0, {"left_hip": (0, 40, 0)}),
    ("knee 90", "left_knee", 80, 0, {"left_knee": (90, 0, 0)}),
    ("knee 140", "left_knee", 80, 0, {"left_knee": (140, 0, 0)}),
    ("foot up", "left_ankle", 80, 0, {"left_ankle": (-35, 0, 0)}),
    ("foot down", "left_ankle", 80, 0, {"left_ankle": (45, 0, 0), "left_foot": (-40, 0, 0)}),
    ("spine forward", "spine2", 80, 0,
     {"spine1": (30, 0, 0), "spine2": (30, 0, 0), "spine3": (20, 0, 0)}),
    ("head turned", "neck", 0, 0, {"neck": (0, 35, 0), "head": (0, 45, 0)}),
)  # fmt: skip
"""Label, joint in the middle, eye's yaw and pitch, and axis-angles, all in degrees."""

MOCAP: tuple[tuple[str, float], ...] = (
    ("backflip", 0.35), ("backflip", 0.55), ("cartwheel", 0.45), ("cartwheel", 0.6),
    ("spinkick", 0.5), ("_kick", 0.45), ("sideflip", 0.5), ("crawl", 0.4), ("roll", 0.35),
    ("roll", 0.5), ("getup_facedown", 0.4), ("getup_faceup", 0.3), ("deepmimic_jump", 0.5),
    ("dance_a", 0.5), ("dance_b", 0.6), ("stealthy_walk", 0.3), ("basketball_2", 0.5),
    ("signal_basketball_signal_1", 0.5), ("jumping_1", 0.4), ("jumping_4", 0.5),
    ("running_1", 0.5), ("cmu_01_01_02", 0.6), ("005_005_12", 0.5), ("cmu_02_02_07", 0.5),
)  # fmt: skip
"""Take (part of its name) and the moment as a share of its length."""


@dataclass(frozen=True, eq=False)
class Cell:
    """One labelled picture: a body and where the eye is (degrees, metres)."""

    label: str
    parameters: Parameters
    yaw: float = 0.0
    pitch: float = 0.0
    distance: float = FAR
    joint: str | None = None


def standing(rotations: dict[str, tuple[float, float, float]] | None = None) -> Parameters:
    """Return the rest pose, upright before the camera, with some joints turned (degrees)."""
    pose = np.zeros((24, 3))
    for name, turn in (rotations or {}).items():
        pose[JOINTS.index(name)] = np.deg2rad(turn)
    pose[0] = (np.pi, 0, 0)
    camera = Camera(FOCAL, CELL / 2, CELL / 2, CELL, CELL)
    return Parameters(pose[0], pose[1:], np.zeros(10), np.array([0, 0, FAR]), camera)


def shape_cells() -> list[Cell]:
    """Return the rest pose from three sides, and each of four components at both ends."""
    cells = [Cell(f"rest, {yaw}°", standing(), yaw) for yaw in (0, 90, 180)]
    cells.append(Cell("face", standing(), 25, 0, 1.1, "head"))
    for component in range(4):
        for sign in (-1, 1):
            betas = np.zeros(10)
            betas[component] = sign * EXTREME
            rest = standing()
            shaped = Parameters(rest.global_orient, rest.body_pose, betas, rest.transl, rest.camera)
            cells.append(Cell(f"beta {component} = {sign * EXTREME:+}", shaped, 20))
    return cells


def bend_cells() -> list[Cell]:
    """Return single joints bent far, close up."""
    return [
        Cell(label, standing(turns), yaw, pitch, NEAR, joint)
        for label, joint, yaw, pitch, turns in BENDS
    ]


def mocap_cells(folder: Path) -> list[Cell]:
    """Return chosen frames of the mocap files in a folder."""
    takes: dict[str, NDArray[np.floating]] = {}
    for file in sorted(folder.glob("*_smpl24*.npz")):
        corpus = read_npz(file)
        ends = np.cumsum(corpus["length"])
        for name, start, end in zip(corpus["name"], ends - corpus["length"], ends, strict=True):
            key = str(name).replace("DeepMimic_motions_humanoid3d", "deepmimic")
            takes[key] = corpus["poses"][start:end]
    cells = []
    for wanted, moment in MOCAP:
        name = next((name for name in takes if wanted in name), None)
        if name is None:
            raise UnreadableInput(f"There is no take {wanted} in {folder}")
        frame = takes[name][int(moment * len(takes[name]))].astype(np.float32).reshape(24, 3)
        rest = standing()
        posed = Parameters(frame[0], frame[1:], rest.betas, rest.transl, rest.camera)
        rotations = rotations_of(posed)
        rotations[0] = (
            axis_angle_to_matrix(rotations_of(rest).new_tensor([np.pi, 0, 0])) @ (rotations[0])
        )
        cells.append(Cell(f"{wanted} {moment:.0%}", with_rotations(posed, rotations), 25, 5))
    return cells


def draw(cells: Sequence[Cell], body: BodyModel, renderer: Renderer) -> Image.Image:
    """Draw cells into one sheet."""
    rows = -(-len(cells) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * CELL, rows * CELL), BACKGROUND)
    pen = ImageDraw.Draw(sheet)
    for number, cell in enumerate(cells):
        vertices, points = body.pose(cell.parameters)
        low, high = vertices.min(axis=0), vertices.max(axis=0)
        centre = points[JOINTS.index(cell.joint)] if cell.joint else (low + high) / 2
        view = orbit(centre, np.deg2rad(cell.yaw), np.deg2rad(cell.pitch), cell.distance)
        request = RenderRequest([vertices], body.faces, cell.parameters.camera, (BODY,), view)
        picture = Image.fromarray(renderer.render(request).result())
        corner = (number % COLUMNS * CELL, number // COLUMNS * CELL)
        sheet.paste(picture, corner, picture)
        label = (corner[0] + 8, corner[1] + 6)
        pen.text(label, cell.label, fill=(60, 64, 72), font=ImageFont.load_default(16))
    return sheet


def main() -> None:
    """Draw the sheets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--mocap", type=Path)
    parser.add_argument("--body", type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    sheets = {"shapes": shape_cells(), "bends": bend_cells()}
    if options.mocap:
        sheets["mocap"] = mocap_cells(options.mocap)
    body = load_body(options.body)
    with Renderer() as renderer:
        for name, cells in sheets.items():
            draw(cells, body, renderer).save(options.out / f"{name}.png")


if __name__ == "__main__":
    with one_line():
        main()
