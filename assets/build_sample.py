"""Build the sample project: rendered people with exact truth, Θ1 from the real frontend.

Run it with `python -m assets.build_sample --mocap ../shared/data/mocap`. Poses are mocap frames
of the test subjects. The truth of each person is written beside the
project: `truth.npz`, rows in the project's order, `joints` (P, 24, 3) in metres, camera frame.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from assets import SAMPLE_PROJECT
from core.body import BodyModel, load_body
from core.body.clothes import OUTFITS, vertex_colours
from core.camera import Camera
from core.errors import NoPersonFound
from core.evidence import Box
from core.frontends import load_frontend
from core.images import read_image
from core.pose import Parameters
from core.project import Project, Source
from core.render import Renderer
from training.corpora.mocap import Take, read_corpus
from training.plainly import one_line
from training.scene import Studio, photograph, stand_on_floor

SEED = 7
BOX_MARGIN = 0.06


@dataclass(frozen=True)
class Actor:
    """A person of a scene: a moment of a take (share of it), yaw (degrees) and place (m)."""

    take: str
    moment: float
    yaw: float
    x: float = 0.0
    distance: float = 3.5


@dataclass(frozen=True)
class Scene:
    """One picture: size, focal length as a share of the diagonal, camera, room, people."""

    name: str
    size: tuple[int, int]
    focal: float
    height: float
    pitch: float
    room: str
    actors: tuple[Actor, ...]


ROOMS = {
    "sand": ((0.87, 0.83, 0.76), (0.74, 0.68, 0.60)),
    "sky": ((0.74, 0.83, 0.89), (0.60, 0.66, 0.71)),
    "sage": ((0.78, 0.84, 0.76), (0.64, 0.68, 0.60)),
    "rose": ((0.89, 0.80, 0.78), (0.72, 0.64, 0.62)),
    "stone": ((0.84, 0.84, 0.83), (0.66, 0.66, 0.66)),
}
TALL, WIDE = (720, 900), (960, 720)

SCENES = (
    Scene("walk", TALL, 1.1, 1.5, 8, "sand", (Actor("cmu_02_02_01", 0.5, 35),)),
    Scene("run", TALL, 1.0, 1.2, 4, "sky", (Actor("cmu_02_02_03", 0.45, -50),)),
    Scene("jump", TALL, 1.2, 1.4, 6, "sage", (Actor("cmu_02_02_04", 0.42, 20, 0, 3.9),)),
    Scene("strike", TALL, 1.0, 1.6, 10, "rose", (Actor("cmu_02_02_05", 0.36, -25, 0, 3.4),)),
    Scene("lift", TALL, 1.1, 1.5, 12, "stone", (Actor("cmu_02_02_06", 0.30, 55, 0, 4.0),)),
    Scene("guard", TALL, 0.9, 1.3, 6, "sky", (Actor("cmu_02_02_07", 0.55, 10, 0, 3.4),)),
    Scene("wash", TALL, 1.1, 1.5, 8, "sand", (Actor("cmu_02_02_10", 0.35, -15),)),
    Scene("kick", TALL, 1.1, 1.3, 6, "sage", (Actor("kick", 0.5, -70, 0, 3.9),)),
    Scene("spin", TALL, 1.2, 1.4, 7, "rose", (Actor("spinkick", 0.55, -30, 0, 4.2),)),
    Scene(
        "duel", WIDE, 1.0, 1.5, 7, "stone",
        (Actor("cmu_02_02_08", 0.4, 70, -0.75, 4.2), Actor("cmu_02_02_09", 0.5, -70, 0.75, 4.0)),
    ),
    Scene(
        "boxing", WIDE, 1.1, 1.4, 6, "sand",
        (Actor("punch", 0.4, 60, -0.6, 4.4), Actor("cmu_02_02_05", 0.62, -60, 0.6, 4.6)),
    ),
    Scene(
        "queue", WIDE, 1.0, 1.6, 9, "sky",
        (Actor("cmu_02_02_10", 0.7, 30, -0.45, 3.8), Actor("cmu_02_02_02", 0.4, -20, 0.4, 4.9)),
    ),
)  # fmt: skip


def main() -> None:
    """Write pictures, truth and project into `assets/sample`."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--mocap", type=Path, required=True)
    arguments.add_argument("--out", type=Path, default=SAMPLE_PROJECT.parent)
    options = arguments.parse_args()
    torch.manual_seed(SEED)
    body, takes = load_body(), read_corpus(options.mocap, "test")
    options.out.mkdir(parents=True, exist_ok=True)
    with Renderer() as renderer:
        shot = [
            _shoot(scene, number, takes, body, renderer, options.out)
            for number, scene in enumerate(SCENES)
        ]
    truth = [parameters for picture in shot for parameters in picture]
    _write_truth(truth, body, options.out / "truth.npz")
    project = options.out / SAMPLE_PROJECT.name
    project.unlink(missing_ok=True)
    with Project.create(project) as made:
        for scene, people in zip(SCENES, shot, strict=True):
            _add_picture(made, options.out / f"{scene.name}.jpg", people, body)


def _shoot(
    scene: Scene,
    number: int,
    takes: list[Take],
    body: BodyModel,
    renderer: Renderer,
    out: Path,
) -> list[Parameters]:
    """Write one picture and return the truth of the people in it."""
    camera = _camera(scene)
    studio = Studio(camera, scene.height, scene.pitch, 6.5, *ROOMS[scene.room])
    people, colours = [], []
    for place, actor in enumerate(scene.actors):
        rng = np.random.default_rng([SEED, number, place])
        people.append(_act(actor, takes, body, studio, rng))
        outfit = OUTFITS[(number + 2 * place) % len(OUTFITS)]
        colours.append(vertex_colours(body, outfit))
    vertices = [body.pose(one)[0] for one in people]
    picture = photograph(studio, vertices, colours, body.faces, renderer, SEED + number)
    picture.save(out / f"{scene.name}.jpg", quality=88)
    return people


def _camera(scene: Scene) -> Camera:
    width, height = scene.size
    assumed = Camera.assumed(width, height)
    return Camera(assumed.focal * scene.focal, width / 2, height / 2, width, height)


def _act(
    actor: Actor,
    takes: list[Take],
    body: BodyModel,
    studio: Studio,
    rng: np.random.Generator,
) -> Parameters:
    take = next(one for one in takes if _is_take(one.name, actor.take))
    pose = take.poses[int(actor.moment * (len(take.poses) - 1))]
    turn = Rotation.from_matrix(studio.world_to_camera) * Rotation.from_euler(
        "y", actor.yaw, degrees=True
    )
    orient = (turn * Rotation.from_rotvec(pose[0])).as_rotvec()
    betas = np.clip(rng.normal(size=10), -2, 2)
    stood = Parameters(orient, pose[1:], betas, np.zeros(3), studio.camera)
    return stand_on_floor(stood, body, studio, actor.x, actor.distance)


def _is_take(name: str, wanted: str) -> bool:
    return name in (wanted, f"deepmimic/DeepMimic_motions_humanoid3d_{wanted}_txt")


def _write_truth(truth: list[Parameters], body: BodyModel, path: Path) -> None:
    arrays = {
        "global_orient": [one.global_orient for one in truth],
        "body_pose": [one.body_pose for one in truth],
        "betas": [one.betas for one in truth],
        "transl": [one.transl for one in truth],
        "joints": [body.pose(one)[1][:24] for one in truth],
        "focal": [one.camera.focal for one in truth],
    }
    np.savez_compressed(path, **{name: np.array(rows) for name, rows in arrays.items()})


def _add_picture(project: Project, file: Path, people: list[Parameters], body: BodyModel) -> None:
    frontend = load_frontend("blazepose", body)
    image_id, image = project.add_image(file), read_image(file)
    for parameters in people:
        box = _box(parameters.camera.project(body.pose(parameters)[0]), image)
        person_id = project.add_person(image_id, box)
        try:
            rough = frontend.annotate(image, box)
        except NoPersonFound as nobody:
            project.set_note(person_id, nobody.message)
            continue
        if rough.keypoints is not None:
            project.add_keypoints(person_id, rough.keypoints, frontend.name)
        source = Source(frontend.name, frontend.weights_sha256, json.dumps({"sample": SEED}))
        project.add_theta1(person_id, rough.theta1, source)


def _box(pixels: NDArray[np.float32], image: NDArray[np.uint8]) -> Box:
    """Box around a body's pixels (V, 2) with a margin, cut at the picture's edge."""
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    margin = BOX_MARGIN * (high - low).max()
    low = np.maximum(low - margin, 0)
    high = np.minimum(high + margin, (image.shape[1], image.shape[0]))
    return Box(float(low[0]), float(low[1]), *(float(size) for size in high - low))


if __name__ == "__main__":
    with one_line():
        main()
