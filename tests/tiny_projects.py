"""Small projects and models for tests of the window: balls for bodies, no torch."""

import threading
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import trimesh
from PIL import Image

from app.exports import Wish
from app.mix import PLAIN, Axis, picks
from app.models import Models
from app.poses import Poses, PosesKey, poses_key, poses_of, refined_key
from core.camera import Camera
from core.errors import MissingModel
from core.evidence import Box, Keypoints2D
from core.jobs import Job, Report
from core.jobs.motion import Choice, Motion
from core.jobs.steadying import Steadied
from core.keypoints import COCO
from core.parts import composites
from core.pose import Parameters
from core.progress import CancelToken, Progress
from core.project import (
    STEADIED,
    Frame,
    Person,
    PersonRow,
    Project,
    RunKey,
    Source,
    State,
    Steady,
)
from core.trajectory import Suggestion, Trajectory

SIZE = 320, 240
STEPS = 20
SUGGESTED = 7
RUN = RunKey("test", "w" * 64, 0, STEPS, "b" * 64)
BALL = trimesh.creation.icosphere(subdivisions=2, radius=0.4)
PATIENCE = 120
"""Seconds that a job is held for by a busy machine's test, at most."""
BALL_PARTS = (BALL.vertices[:, 0] > 0).astype(np.int8)
"""Its left half is torso and head, its right half the left arm."""


def upright(x: float = 0.0) -> Parameters:
    return Parameters(
        global_orient=np.float32([np.pi, 0, 0]),
        body_pose=np.zeros((23, 3), np.float32),
        betas=np.zeros(10, np.float32),
        transl=np.float32([x, 0, 4]),
        camera=Camera.assumed(*SIZE),
    )


def trajectory(theta1: Parameters) -> Trajectory:
    steps = []
    for step in range(STEPS + 1):
        shift = np.float32([0.02 * step, 0, 0])
        steps.append(replace(theta1, transl=theta1.transl + shift))
    levels = np.linspace(0, 15, STEPS + 1, dtype=np.float32)
    return Trajectory(Parameters.stack(steps), levels, "test")


def scores() -> np.ndarray:
    return (0.02 + 0.0006 * np.abs(np.arange(STEPS + 1) - SUGGESTED) + 1e-6).astype(np.float32)


def add_run(project: Project, person_id: int, theta1_id: int, theta1: Parameters) -> int:
    suggestion = Suggestion(SUGGESTED, 0.0035, "2D error falls from 2.4 % to 2.0 % of the box")
    return project.add_run(
        person_id, theta1_id, trajectory(theta1), scores(), suggestion, "w" * 64, 0, "b" * 64
    )


def make_project(folder: Path, persons: int = 3, runs: bool = True, theta1: bool = True) -> Path:
    """Write a project with one picture a person, but the last two in one picture."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tiny.diffannot"
    keypoints = Keypoints2D(
        "coco",
        np.random.default_rng(0).uniform(80, 200, (len(COCO), 2)).astype(np.float32),
        np.ones(len(COCO), np.float32),
    )
    with Project.create(path) as project, project.batch():
        for number in range(persons):
            picture = folder / f"picture_{min(number, max(persons - 2, 0))}.png"
            if not picture.exists():
                shade = 90 + 40 * number
                Image.new("RGB", SIZE, (shade, 140, 255 - shade)).save(picture)
            image = project.add_image(picture)
            place = number % 8  # further to the right they would be out of the picture
            box = Box(60.0 + 20 * place, 30.0, 90.0, 180.0)
            person = project.add_person(image, box, keypoints)
            if theta1:
                rough = upright(0.1 * place)
                theta1_id = project.add_theta1(person, rough, Source("test"))
                if runs:
                    add_run(project, person, theta1_id, rough)
    return path


def make_film(folder: Path, frames: int = 6) -> Path:
    """Write a project of a video of ten frames a second: clip/1 is in all, clip/2 in the last."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "film.diffannot"
    with Project.create(path) as project, project.batch():
        sequence = project.add_sequence(folder / "clip.mp4", "s" * 64, 10.0)
        for number in range(frames):
            picture = folder / f"frame_{number}.png"
            Image.new("RGB", SIZE, (20 * number, 140, 90)).save(picture)
            image = project.add_image(picture, Frame(sequence, number, number / 10))
            tracks = ("clip/1", "clip/2") if number == frames - 1 else ("clip/1",)
            for place, track in enumerate(tracks):
                box = Box(60.0 + 100 * place, 30.0, 90.0, 180.0)
                person = project.add_person(image, box, track=track)
                rough = upright(0.1 * number - 0.3 * place)
                theta1_id = project.add_theta1(person, rough, Source("test"))
                add_run(project, person, theta1_id, rough)
    return path


class BallModels(Models):
    """Bodies are balls; annotating writes the same run for everybody."""

    def __init__(self) -> None:
        super().__init__()
        self.annotated: list[int] = []
        self.missing = False
        self.pause = threading.Event()
        self.pause.set()

    def load(self) -> None:
        pass

    def warm_up(self) -> None:
        pass

    def pose(self, person: Person, axis: Axis = PLAIN) -> Poses:
        key = poses_key(person)
        assert key is not None and person.theta1 is not None
        steps = person.run.trajectory.steps if person.run else Parameters.stack([person.theta1])
        if axis != PLAIN:
            steps = composites(steps, picks(axis, len(steps)))
        vertices = BALL.vertices.astype(np.float32) + steps.transl[:, None]
        points = np.repeat(steps.transl[:, None], 45, axis=1)
        faces = BALL.faces.astype(np.int32)
        return poses_of(key, steps, vertices, points, faces, BALL_PARTS, axis=axis)

    def _posed(self, key: PosesKey, steps: Parameters) -> Poses:
        vertices = BALL.vertices.astype(np.float32) + steps.transl[:, None]
        points = np.repeat(steps.transl[:, None], 45, axis=1)
        return poses_of(key, steps, vertices, points, BALL.faces.astype(np.int32), BALL_PARTS)

    def motion(self, path: Path, rows: Sequence[PersonRow]) -> Generator[Progress, None, Motion]:
        yield Progress(0, 1, "measuring")
        times = np.array([row.time for row in rows])
        accelerations = dict.fromkeys(Choice, np.full(len(rows), 2.5))
        jumps = dict.fromkeys(Choice, np.arange(len(rows)) == 3)
        table = np.tile(scores(), (len(rows), 1))
        return Motion(times, accelerations, jumps, table)

    def steady(
        self, path: Path, rows: Sequence[PersonRow], chosen: Sequence[int], token: CancelToken
    ) -> Generator[Progress, None, Steadied]:
        yield Progress(0, 1, "steadying the track")
        self.pause.wait(PATIENCE)
        steps = []
        with Project.open(path) as project:
            for row in rows:
                person = project.person(row.id)
                if row.id in chosen and row.state is State.UNDECIDED:
                    here = person.run.trajectory.steps[0]
                    three = Trajectory(Parameters.stack([here] * 3), np.zeros(3), STEADIED)
                    suggestion = Suggestion(2, 0, "steadied along its track", by=STEADIED)
                    run = project.add_run(
                        row.id, person.theta1_id, three, scores()[:3], suggestion, "", 0, "b" * 64
                    )
                    steps.append(Steady(row.id, run, 2))
        return Steadied(tuple(steps), 12.34, 4.0, 10.0)

    def refine(self, person: Person, refiner: str, seed: int) -> Poses:
        poses = self.pose(person)
        return replace(poses, key=refined_key(person, refiner, seed))

    def export(self, path: Path, wish: Wish, token: CancelToken) -> Job:
        yield Progress(0, 1, "writing")
        wish.path(path).write_text(path.name)
        return Report(done=1, failures=("picture_1 · 2: no camera",))

    def report(self, path: Path, out: Path, token: CancelToken) -> Job:
        yield Progress(0, 1, "measuring")
        out.write_text(path.name)
        return Report(done=1)

    def stand(self, person: Person) -> Parameters:
        return upright()

    def annotate(self, path: Path, person_id: int, token: CancelToken) -> Job:
        yield Progress(0, 2, "looking")
        if self.missing:
            raise MissingModel("BlazePose is not on this machine", "run `diffannot models pull`")
        with Project.open(path) as project:
            person = project.person(person_id)
            theta1, theta1_id = person.theta1, person.theta1_id
            if theta1_id is not None and project.find_run(theta1_id, RUN) is not None:
                return Report(skipped=1)
            if theta1 is None or theta1_id is None:
                theta1 = upright()
                theta1_id = project.add_theta1(person_id, theta1, Source("test"))
            yield Progress(1, 2, "refining")
            self.pause.wait(PATIENCE)
            token.check()
            add_run(project, person_id, theta1_id, theta1)
        self.annotated.append(person_id)
        return Report(done=1)
