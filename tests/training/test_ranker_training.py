from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import torch
from PIL import Image

from core.contract.people import body
from core.errors import UnreadableInput
from core.evidence import Box, Keypoints2D
from core.frontends import load_frontend
from core.jobs import finish
from core.progress import CancelToken
from core.project import Accept, Project, Source
from core.refiners import load_refiner
from core.suggest import Score
from core.suggest.ranking import Ranking, load_ranking
from core.suggest.signs import FEATURES
from core.trajectory import Suggestion
from training import ranker_decisions as decisions
from training import ranker_material as material
from training.corpora.mocap import PoseSampler, Take
from training.measure_suggestions import Choices, first_of
from training.ranker import RankerOptions, figures, fresh, learn
from training.ranker_decisions import Decided, DecisionOptions, learn_from_decisions, marks
from training.ranker_material import BLIND, ROWS, Paths, gather_paths, someones
from training.rough import RoughSource

T = TypeVar("T")


@cache
def source() -> RoughSource:
    poses = np.random.default_rng(0).normal(0, 0.3, (40, 24, 3)).astype(np.float32)
    return RoughSource(body(), PoseSampler([Take("a/walk", "anna", poses)]))


def gathered(folder: Path, *refiners: str) -> tuple[Paths, int]:
    used = [load_refiner(name, body()) for name in refiners]
    steps = gather_paths(source(), used, body(), 3, 0, folder, "toy", CancelToken())
    return finish(steps), len(list(folder.iterdir()))


def toy(count: int) -> Paths:
    """Paths whose gain is told by the first sign, but for noise."""
    rng = np.random.default_rng(count)
    features = rng.normal(size=(count, 8, FEATURES)).astype(np.float32)
    reach = rng.uniform(10, 60, (count, 8)).astype(np.float32)
    reach[:, 0] = 0
    gain = reach * np.tanh(features[..., 0]) + rng.normal(0, 1, reach.shape) * (reach > 0)
    by_part = np.arange(count) % 2 == 1
    return Paths(features, reach, (100 - gain).astype(np.float32), by_part)


def test_people_are_refined_once_and_their_paths_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(material, "BLOCK", 3)
    paths, files = gathered(tmp_path, "random-8")
    assert paths.features.shape == (6, ROWS, FEATURES) and files == 1
    assert paths.reach[:, 0].max() == 0 and np.isfinite(paths.features).all()
    assert paths.by_part.tolist() == [False, True] * 3
    again, files = gathered(tmp_path, "random-8", "random-4")
    assert files == 2
    np.testing.assert_array_equal(again.errors[:6], paths.errors)
    monkeypatch.setattr(material, "_paths_of", None)  # all is there: nothing is made
    gathered(tmp_path, "random-4")


def test_no_gain_in_truth_exceeds_the_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(material, "BLOCK", 3)
    paths, _ = gathered(tmp_path, "random-16")
    assert (np.abs(paths.errors[:, :1] - paths.errors) <= paths.reach + 1e-2).all()


def test_people_stand_in_their_boxes_and_some_are_given_no_keypoints() -> None:
    generator = torch.Generator().manual_seed(0)
    people = someones(source()(40, generator), generator)
    blind = sum(one.evidence.keypoints is None for one in people)
    assert abs(blind / 40 - BLIND) < 0.2
    for one in people[:8]:
        assert one.joints.shape == (22, 3) and not one.joints[0].any()
        _, points = body().pose(one.theta1)
        x, y = np.median(one.theta1.camera.project(points), axis=0)
        left, top, side = one.evidence.box.x, one.evidence.box.y, one.evidence.box.side
        assert left < x < left + side and top < y < top + side


def test_a_ranking_learns_what_signs_tell(tmp_path: Path) -> None:
    pytest.importorskip("lightning_fabric")
    torch.manual_seed(0)
    ranking, paths, other = Ranking(), toy(256), toy(64)
    fresh(ranking, paths)
    before = figures(ranking, other)
    options = RankerOptions(tmp_path, (), tmp_path / "r.safetensors", (), steps=150)
    finish(learn(ranking, paths, other, options, CancelToken()))
    after = figures(ranking, other)
    assert after["whole share"] > 0.8 > before["whole share"] + 0.2
    assert after["part regret"] < 0.5 * before["part regret"]


def decided(count: int, project: int = 0) -> list[Decided]:
    """Reviewers who take the row that the second sign is largest of; nothing else tells."""
    rng = np.random.default_rng(project)
    found = []
    for number in range(count):
        features = rng.normal(0, 1, (6, FEATURES)).astype(np.float32)
        reach = np.array([0, *rng.uniform(20, 40, 5)], np.float32)
        joints = np.repeat(reach[:, None, None], 22, axis=1) * np.array([1, 0, 0], np.float32)
        step = 1 + int(features[1:, 1].argmax())
        found.append(Decided(features, reach, joints, step, f"{project} {number}", project))
    return found


def test_decisions_teach_what_reviewers_take_and_leave_the_start_as_it_is() -> None:
    torch.manual_seed(0)
    start, found, unseen = Ranking(), decided(60), decided(60, project=1)
    untouched = [part.clone() for part in start.parameters()]
    learnt = decisions.learn(found, start)
    for part, same in zip(start.parameters(), untouched, strict=True):
        assert torch.equal(part, same)
    before, after = (
        np.mean([marks(ranking, one) for one in unseen], axis=0) for ranking in (start, learnt)
    )
    assert after[2] > before[2] + 0.2
    few = decisions.learn(found[:10], start)
    moved, little = (
        sum(
            float((part - old).detach().square().sum())
            for part, old in zip(ranking.parameters(), untouched, strict=True)
        )
        for ranking in (learnt, few)
    )
    assert little < moved


def test_what_is_judged_was_not_learnt_from() -> None:
    several = [*decided(3), *decided(4, project=1), *decided(2, project=2)]
    assert decisions._folds(several) == [[0, 1, 2], [3, 4, 5, 6], [7, 8]]
    single = [
        replace(one, group=f"picture {number // 2}") for number, one in enumerate(decided(12))
    ]
    folds = decisions._folds(single)
    assert sorted(row for fold in folds for row in fold) == list(range(12))
    for fold in folds:
        pictures = {single[row].group for row in fold}
        assert all(row in fold for row in range(12) if single[row].group in pictures)


def test_a_hit_the_distance_and_the_likelihood_by_hand() -> None:
    ranking = Ranking()
    with torch.no_grad():
        for part in (*ranking.weights, *ranking.biases):
            part.zero_()
    hit, away, likelihood = marks(ranking, replace(decided(1)[0], step=3))
    # no gain anywhere: step 0 is suggested, and all six are as likely
    one = decided(1)[0]
    assert (hit, likelihood) == (0, pytest.approx(-np.log(6)))
    assert away == pytest.approx(float(one.reach[3]), rel=1e-5)
    assert marks(ranking, replace(one, step=2))[0] == 1


def reviewed(path: Path, people: int) -> Path:
    """Make a project of standing bodies, refined at random, all accepted at step 2."""
    frontend, refiner = load_frontend("standing", body()), load_refiner("random-8", body())
    picture = path.with_suffix(".png")
    Image.new("RGB", (640, 480)).save(picture)
    with Project.create(path) as project:
        project.add_image(picture)
        for number in range(people):
            box = Box(10 + 40.0 * number, 20, 60, 300)
            points = np.random.default_rng(number).uniform(0, 300, (17, 2))
            known = Keypoints2D("coco", points + np.array([box.x, 20]), np.ones(17))
            person = project.add_person(1, box, known)
            theta1 = frontend.annotate(np.zeros((480, 640, 3), np.uint8), box).theta1
            theta1_id = project.add_theta1(person, theta1, Source("standing"))
            walk = refiner.trajectory(theta1, project.person(person).evidence, 6)
            scores = np.zeros(7, np.float32)
            run = project.add_run(
                person, theta1_id, walk, scores, Suggestion(1, 0, ""), "", 0, body().sha256
            )
            project.decide(Accept(person, run, 2))
    return path


def test_decisions_of_a_project_are_learnt_from_and_judged_left_out(tmp_path: Path) -> None:
    path = reviewed(tmp_path / "p.diffannot", 12)
    with Project.open(path) as project:
        project.add_keypoints(1, Keypoints2D("coco", np.ones((17, 2)), np.ones(17)), "later")
    out = tmp_path / "mine" / "ranker.safetensors"
    shipped = load_ranking()[1]
    both = (path, reviewed(tmp_path / "q.diffannot", 10))
    told = finish(learn_from_decisions(DecisionOptions(both, out)))
    assert told.report.done == 21
    assert "changed since" in told.report.failures[0]
    assert told.lines[0].startswith("21 decisions, each project judged by what was learnt without")
    assert len(told.lines) == 4 and all("->" in line for line in told.lines[1:])
    assert load_ranking(out)[1] != shipped == load_ranking()[1]


def test_too_few_decisions_are_refused(tmp_path: Path) -> None:
    path = reviewed(tmp_path / "p.diffannot", 2)
    with pytest.raises(UnreadableInput, match="2 accepted steps"):
        finish(learn_from_decisions(DecisionOptions((path,), tmp_path / "o.safetensors")))
    assert not (tmp_path / "o.safetensors").exists()


def test_the_steps_shown_first_lie_apart() -> None:
    values = np.array([9, 3, 2, 2.5, 8, 7, 6, 1, 5, 4], np.float32)
    assert first_of(Score(values), 7, 3) == [7, 2]
    assert first_of(Score(values), 0, 3) == [0, 7]
    assert first_of(Score(values, gains=np.arange(10, dtype=np.float32)), 0, 3) == [0, 9]


def test_what_is_taken_is_each_person_s_own_step() -> None:
    zeros = np.zeros(2)
    made = Choices(np.array([[5.0, 4], [3, 9]]), np.array([1, 0]), zeros, zeros, zeros, zeros)
    assert made.taken.tolist() == [4, 3]
