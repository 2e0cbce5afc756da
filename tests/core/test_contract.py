"""Our own rows keep to the contract that plug-ins are tested by, and the contract finds faults."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from format_samples import SAMPLES, pictures

from core.contract import (
    FrontendContract,
    ReaderContract,
    RecommenderContract,
    RefinerContract,
    WriterContract,
    people,
    recommenders,
    refiners,
)
from core.errors import InvalidAnnotation
from core.evidence import Evidence
from core.jobs.making import Looked, judged
from core.pose import Parameters
from core.refiners import DEFAULT_STEPS, REFINERS, Refiner
from core.suggest import RECOMMENDERS, Recommender, Score, load_recommender
from core.trajectory import Suggestion, Trajectory

LOOKING = ("standing", "blazepose")
"""Frontends that are tried; those named hmr have tests of their own."""

READ = ("coco", "humandata", "jsonl", "romp", "amass")
"""One of each kind of file; what holds for all is in `test_formats_all`."""

WRITTEN = {"coco": "coco", "jsonl": "jsonl", "gltf": ""}
"""And the readers of those that come back; all round trips are in `round_trips`."""


def make_tests(kind: str, base: type, title: str, /, **own: object) -> None:
    """Make a class of tests for one of our rows."""
    words = "".join(part.capitalize() for part in title.replace(" ", "-").split("-"))
    own = {"name": title, **own}
    globals()[f"Test{kind}{words}"] = type(f"Test{kind}{words}", (base,), own)


class OurReader(ReaderContract):
    sample: ClassVar[str]

    def write(self, folder: Path) -> Path:
        pictures(folder)
        path: Path = SAMPLES[self.sample][1](folder)
        return path

    def images(self, folder: Path) -> Path | None:
        return folder if self.sample == "phalp tracks" else None


for row in REFINERS:
    # which denoises the shape as well
    make_tests("Refiner", RefinerContract, row, keeps_shape=row != "as-published")
for row in RECOMMENDERS:
    make_tests("Recommender", RecommenderContract, row)
for row in LOOKING:
    make_tests("Frontend", FrontendContract, row)
for sample in READ:
    make_tests("Reader", OurReader, sample, sample=sample, name=SAMPLES[sample][0])
for row, reader in WRITTEN.items():
    make_tests("Writer", WriterContract, row, reader=reader)


def identity(theta1: Parameters, steps: int) -> Trajectory:
    return Trajectory(
        Parameters.stack([theta1] * (steps + 1)), np.zeros(steps + 1, np.float32), "bad"
    )


class Shifted(Refiner):
    """Begins beside Θ1."""

    name = "bad"

    def trajectory(
        self, theta1: Parameters, evidence: Evidence, steps: int = DEFAULT_STEPS, seed: int = 0
    ) -> Trajectory:
        path = identity(theta1, steps)
        path.steps.transl[0, 0] += 1e-6
        return path


class Drawn(Shifted):
    """Forgets the seed."""

    draw = np.random.default_rng(0)

    def trajectory(
        self, theta1: Parameters, evidence: Evidence, steps: int = DEFAULT_STEPS, seed: int = 0
    ) -> Trajectory:
        path = identity(theta1, steps)
        path.steps.body_pose[1:] += self.draw.normal(size=path.steps.body_pose[1:].shape)
        return path


class Greedy(Shifted):
    """Writes into what it is given."""

    def trajectory(
        self, theta1: Parameters, evidence: Evidence, steps: int = DEFAULT_STEPS, seed: int = 0
    ) -> Trajectory:
        theta1.body_pose[0] += 1
        return identity(theta1, steps)


class Hasty(Recommender):
    """Makes a score up, and always takes the last step."""

    name = "hasty"

    def score(self, trajectory: Trajectory, evidence: Evidence, parts: bool = True) -> Score:
        return Score(np.zeros(len(trajectory), np.float32))

    def suggest(self, score: Score) -> Suggestion:
        return Suggestion(len(score.values) - 1, 1.0, "it is the last")


@pytest.mark.parametrize(
    ("bad", "test", "why"),
    [
        (Shifted, "test_step_0_is_theta1_to_the_bit_and_every_step_is_whole", "not Θ1 to the bit"),
        (Drawn, "test_the_same_seed_gives_the_same_bytes", "give other bytes"),
        (Drawn, "test_a_person_among_others_gets_what_they_get_alone", "refined otherwise"),
        (Greedy, "test_what_it_is_given_stays_as_it_is", "Θ1 was changed"),
    ],
)
def test_a_refiner_that_is_wrong_is_found_out(
    bad: type[Refiner], test: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refiners, "_refiner", lambda name: bad())
    contract = RefinerContract()
    monkeypatch.setattr(RefinerContract, "name", "bad", raising=False)
    with pytest.raises(AssertionError, match=why):
        getattr(contract, test)()


def test_a_trajectory_that_does_not_begin_with_theta1_is_never_kept() -> None:
    looked = Looked(None, people.rough(), people.seen())
    recommender = load_recommender("nearest", people.body())
    path = Shifted().trajectory(people.rough(), people.seen(), 4)
    with pytest.raises(InvalidAnnotation, match="bad does not begin with the rough annotation"):
        judged(looked, path, recommender)
    assert judged(looked, identity(people.rough(), 4), recommender).suggestion.step == 0


@pytest.mark.parametrize(
    ("test", "why"),
    [
        ("test_without_keypoints_there_is_no_score_of_them", "nothing is known"),
        ("test_where_nothing_changes_theta1_is_kept", "all steps are the same"),
    ],
)
def test_a_recommender_that_is_wrong_is_found_out(
    test: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recommenders, "_recommender", lambda name: Hasty())
    monkeypatch.setattr(RecommenderContract, "name", "hasty", raising=False)
    with pytest.raises(AssertionError, match=why):
        getattr(RecommenderContract(), test)()


def test_the_people_of_the_contract_are_who_they_say() -> None:
    seen = people.seen().keypoints
    assert seen is not None and people.half_seen().keypoints is not None
    inside = (seen.points >= 0).all() and (seen.points <= (640, 480)).all()
    assert inside and people.same(people.truth(), people.truth())
    assert not people.same(people.truth(), people.rough())
