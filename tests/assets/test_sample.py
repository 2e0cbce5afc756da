from collections import Counter

import numpy as np

from assets import ASSETS, SAMPLE_PROJECT
from core.body import load_body
from core.camera import Camera
from core.pose import Parameters
from core.project import Project

ALL_ASSETS = 40e6
SAMPLE = 6e6


def test_the_sample_holds_at_least_twelve_people_two_of_them_together_in_some_pictures() -> None:
    with Project.open(SAMPLE_PROJECT) as project:
        rows = project.rows()
        assert len(rows) >= 12
        assert all(row.has_theta1 for row in rows)
        assert sorted(Counter(row.image for row in rows).values())[-1] == 2
        people = [project.person(row.id) for row in rows]
    assert {person.source.frontend for person in people if person.source} == {"blazepose"}
    assert all(person.image_path.exists() for person in people)


def test_the_truth_of_every_person_lies_in_the_box_and_poses_to_the_stored_joints() -> None:
    body = load_body()
    with Project.open(SAMPLE_PROJECT) as project, np.load(SAMPLE_PROJECT.parent / "truth.npz") as t:
        for number, row in enumerate(project.rows()):
            person = project.person(row.id)
            width, height = person.width, person.height
            camera = Camera(float(t["focal"][number]), width / 2, height / 2, width, height)
            names = ("global_orient", "body_pose", "betas", "transl")
            truth = Parameters(*(t[name][number] for name in names), camera=camera)
            joints = body.pose(truth)[1][:24]
            np.testing.assert_allclose(joints, t["joints"][number], atol=1e-4)
            box, pixels = person.evidence.box, camera.project(joints)
            assert (pixels >= (box.x, box.y)).all()
            assert (pixels <= (box.x + box.width, box.y + box.height)).all()


def test_what_ships_stays_small() -> None:
    files = [path for path in ASSETS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < ALL_ASSETS
    sample = [path for path in SAMPLE_PROJECT.parent.iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in sample) < SAMPLE
