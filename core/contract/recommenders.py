"""What every recommender keeps to."""

from functools import cache
from typing import ClassVar

import numpy as np

from core.contract import people
from core.evidence import Evidence
from core.pose import PARTS, Parameters
from core.suggest import Recommender, Score, load_recommender
from core.trajectory import Suggestion, Trajectory

STEPS = 8


@cache
def _recommender(name: str) -> Recommender:
    return load_recommender(name, people.body())


def _path(still: bool = False) -> Trajectory:
    """Return a straight way from Θ1 to the truth, or one that stays at Θ1."""
    start, end = people.rough(), people.truth()
    shares = np.linspace(0, 0 if still else 1, STEPS + 1, dtype=np.float32)[:, None, None]
    poses = start.body_pose + shares * (end.body_pose - start.body_pose)
    rest = Parameters.stack([start] * (STEPS + 1))
    steps = Parameters(rest.global_orient, poses, rest.betas, rest.transl, rest.camera)
    return Trajectory(steps, np.linspace(0, 15, STEPS + 1, dtype=np.float32), "contract")


class RecommenderContract:
    """Tests of a recommender.

    Attributes
    ----------
    name : str
        Its row.
    """

    name: ClassVar[str]

    @property
    def recommender(self) -> Recommender:
        """The recommender, made once."""
        return _recommender(self.name)

    def test_every_step_has_a_score_and_one_of_them_is_suggested(self) -> None:
        """With keypoints, with some of them, and without any."""
        for evidence in (people.seen(), people.half_seen(), people.BLIND):
            score = self.recommender.score(_path(), evidence)
            values = score.values
            assert values.shape == (STEPS + 1,), f"scores have the shape {values.shape}"
            assert values.dtype == np.float32, f"scores are {values.dtype}, not float32"
            known = np.isfinite(values)
            assert known.all() or not known.any(), "some steps have a score, others have none"
            _fits(self.recommender.suggest(score))

    def test_without_keypoints_there_is_no_score_of_them(self) -> None:
        """NaN, not a number made up."""
        values = self.recommender.score(_path(), people.BLIND).values
        assert np.isnan(values).all(), f"nothing is known, and yet the scores are {values}"

    def test_where_nothing_changes_theta1_is_kept(self) -> None:
        """Step 0 unless another is surely better."""
        for evidence in (people.seen(), people.BLIND):
            suggestion = self._suggested(_path(still=True), evidence)
            assert suggestion.step == 0, f"all steps are the same, it suggests {suggestion.step}"

    def test_the_same_input_gives_the_same_suggestion(self) -> None:
        """Twice the same."""
        one, two = (self._suggested(_path(), people.seen()) for _ in range(2))
        assert one == two, f"it suggests {one}, then {two}"

    def _suggested(self, path: Trajectory, evidence: Evidence) -> Suggestion:
        score: Score = self.recommender.score(path, evidence)
        return self.recommender.suggest(score)


def _fits(suggestion: Suggestion) -> None:
    assert 0 <= suggestion.step <= STEPS, f"there is no step {suggestion.step}"
    numbers = suggestion.expected_gain, suggestion.uncertainty
    assert np.isfinite(numbers).all(), f"gain and uncertainty are {numbers}"
    assert suggestion.uncertainty >= 0, f"the uncertainty is {suggestion.uncertainty}"
    assert suggestion.reason.strip(), "it gives no reason"
    assert "\n" not in suggestion.reason, "the reason is longer than a line"
    names = [part.part for part in suggestion.parts]
    assert names in ([], list(PARTS)), f"parts are not all, in their order: {names}"
    for part in suggestion.parts:
        assert 0 <= part.step <= STEPS, f"there is no step {part.step} of the {part.part}"
