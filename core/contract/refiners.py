"""What every refiner keeps to."""

from functools import cache
from typing import ClassVar

import numpy as np

from core.contract import people
from core.pose import Parameters
from core.pose.parameters import SHAPES
from core.refiners import Refiner, load_refiner
from core.trajectory import Trajectory

STEPS, MANY = 3, 100
NEAR = 1e-3
"""Radians and metres that rounding may make in a batch."""


@cache
def _refiner(name: str) -> Refiner:
    return load_refiner(name, people.body())


class RefinerContract:
    """Tests of a refiner.

    Attributes
    ----------
    name : str
        Its row.
    keeps_shape : bool
        Whether `betas` stay those of Θ1.
    """

    name: ClassVar[str]
    keeps_shape: ClassVar[bool] = True

    @property
    def refiner(self) -> Refiner:
        """The refiner, made once."""
        return _refiner(self.name)

    def test_step_0_is_theta1_to_the_bit_and_every_step_is_whole(self) -> None:
        """With keypoints, with some of them, and without any."""
        theta1 = people.rough()
        for evidence in (people.seen(), people.half_seen(), people.BLIND):
            path = self.refiner.trajectory(theta1, evidence, steps=STEPS)
            assert len(path) == STEPS + 1, f"{len(path)} steps came, not {STEPS} and Θ1"
            assert path.refiner == self.name, f"it says that {path.refiner} made the trajectory"
            assert people.same(path.steps[0], theta1), "step 0 is not Θ1 to the bit"
            assert path.levels.shape == (STEPS + 1,), f"levels have the shape {path.levels.shape}"
            finite = np.isfinite(path.levels).all() and (path.levels >= 0).all()
            assert finite and path.levels[0] == 0, f"levels are not 0, then degrees: {path.levels}"
            _whole(path.steps)
            if self.keeps_shape:
                assert (path.steps.betas == theta1.betas).all(), "betas are not those of Θ1"

    def test_the_same_seed_gives_the_same_bytes(self) -> None:
        """Twice the same."""
        one, two = (
            self.refiner.trajectory(people.rough(), people.seen(), STEPS, seed=3) for _ in range(2)
        )
        assert people.same(one.steps, two.steps), "the same input and seed give other bytes"
        assert one.levels.tobytes() == two.levels.tobytes(), "levels differ"

    def test_what_it_is_given_stays_as_it_is(self) -> None:
        """Neither Θ1 nor the evidence is written to."""
        theta1, evidence = people.rough(), people.seen()
        self.refiner.trajectory(theta1, evidence, STEPS)
        known, before = evidence.keypoints, people.seen().keypoints
        assert known is not None and before is not None
        assert people.same(theta1, people.rough()), "Θ1 was changed"
        assert known.points.tobytes() == before.points.tobytes(), "keypoints were changed"
        assert known.confidence.tobytes() == before.confidence.tobytes(), "confidence was changed"

    def test_a_person_among_others_gets_what_they_get_alone(self) -> None:
        """Of three in one call, the middle one blind."""
        theta1s = [people.rough(0), people.rough(1, 5), people.rough(2)]
        evidence = [people.seen(0), people.BLIND, people.half_seen(2)]
        together = self.refiner.trajectories(theta1s, evidence, STEPS)
        assert len(together) == 3, f"three persons went in, {len(together)} came out"
        for theta1, known, path in zip(theta1s, evidence, together, strict=True):
            alone = self.refiner.trajectory(theta1, known, STEPS)
            assert _apart(alone, path) < NEAR, "in a batch the person is refined otherwise"
            assert len(alone.trials) == len(path.trials), "in a batch there are other trials"

    def test_one_step_and_very_many_can_be_asked_for(self) -> None:
        """As many as asked for, always."""
        for steps in (1, MANY):
            path = self.refiner.trajectory(people.rough(), people.seen(), steps)
            assert len(path) == len(path.levels) == steps + 1, f"{steps} steps were asked for"


def _whole(steps: Parameters) -> None:
    for name, shape in SHAPES.items():
        values = getattr(steps, name)
        assert values.dtype == np.float32, f"{name} is {values.dtype}, not float32"
        assert values.shape == (len(steps), *shape), f"{name} has the shape {values.shape}"
        assert np.isfinite(values).all(), f"{name} holds NaN or infinite values"


def _apart(one: Trajectory, two: Trajectory) -> float:
    """Return by how much two trajectories differ: radians or metres, the larger."""
    from scipy.spatial.transform import Rotation

    turns = []
    for name in ("global_orient", "body_pose"):
        pair = [
            Rotation.from_rotvec(getattr(each.steps, name).reshape(-1, 3)) for each in (one, two)
        ]
        turns.append((pair[0].inv() * pair[1]).magnitude().max())
    return float(max(*turns, np.abs(one.steps.transl - two.steps.transl).max()))
