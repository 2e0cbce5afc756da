from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import core.suggest.ranker as module
from assets import RANKER_WEIGHTS
from core.camera import Camera
from core.contract.people import body
from core.errors import MissingModel, UnreadableInput
from core.evidence import Box, Evidence, Keypoints2D
from core.keypoints import body_points
from core.parts import PART_NAMES, compose
from core.pose import JOINTS, PARTS, Parameters
from core.suggest import Score, load_recommender
from core.suggest.guess import guessed
from core.suggest.misses import Misses
from core.suggest.ranker import RankerRecommender, pick
from core.suggest.ranking import EXACT, Ranking, RankingConfig, load_ranking
from core.suggest.signs import FEATURES, JUDGED, Signs, signs_of
from core.trajectory import Trajectory, Trial
from core.weights import write_weights

CAMERA = Camera.assumed(640, 480)
BOX = Box(220, 40, 200, 400)
GUESS, FALL, ERROR = 32, 45, 46
"""Places of the guess, the keypoints' fall and its standard error among the signs."""


def bent(left: list[float], right: list[float]) -> Trajectory:
    count = len(left)
    orient, pose = np.zeros((count, 3), np.float32), np.zeros((count, 23, 3), np.float32)
    orient[:, 0] = np.pi
    for name, angles in (("left_shoulder", left), ("right_shoulder", right)):
        pose[:, JOINTS.index(name) - 1, 2] = angles
    transl = np.tile(np.array([0, 0, 4], np.float32), (count, 1))
    steps = Parameters(orient, pose, np.zeros((count, 10), np.float32), transl, CAMERA)
    return Trajectory(steps, np.arange(count, dtype=np.float32), "level")


def seen(left: float, right: float) -> Evidence:
    _, points = body().pose(bent([left], [right]).steps[0])
    pixels = CAMERA.project(points[body_points("coco")]).astype(np.float32)
    return Evidence(BOX, Keypoints2D("coco", pixels, np.ones(17, np.float32)))


class Believer(Ranking):
    """Takes the fall of the keypoints for the gain, and is sure of it."""

    def told(self, features: torch.Tensor, reach: torch.Tensor) -> tuple[torch.Tensor, ...]:
        gain = features[:, FALL] * (reach + 5)
        return gain, 0.01 * gain.abs()


def believer() -> RankerRecommender:
    return RankerRecommender(body(), Believer(), "f" * 64)


def test_signs_are_numbers_and_say_nothing_of_row_0() -> None:
    path = bent([0, 0.5, 1], [0, 0, 0])
    for evidence in (seen(1, 0), Evidence(BOX)):
        signs = signs_of(path, evidence, body())
        assert signs.features.shape == (3, FEATURES) and signs.whole
        assert signs.reach[0] == 0 and (np.diff(signs.reach) > 0).all()
        assert (signs.misses is None) == (evidence.keypoints is None)
        assert signs.features[0, FALL] == 0
    assert signs.features[:, FALL].tolist() == [0, 0, 0]


def test_signs_tell_how_wrong_theta1_is_guessed_and_how_much_of_it_a_step_takes() -> None:
    path, evidence = bent([0, 0.5, 1], [0, 0, 0]), seen(1, 0)
    mean, spread = guessed(path.steps[0], evidence, body())
    columns = signs_of(path, evidence, body()).features[:, GUESS : GUESS + 8]
    np.testing.assert_allclose(columns[:, :6], mean[None].repeat(3, 0), rtol=1e-5)
    np.testing.assert_allclose(columns[:, 6], spread[-1], rtol=1e-5)
    np.testing.assert_allclose(columns[:, 7], np.log([1, 2, 3]) - mean[-1], rtol=1e-4)
    far = guessed(bent([2.5], [2.5]).steps[0], evidence, body())[0]
    assert far[-1] > mean[-1] + 0.1  # both arms astray


def test_the_reach_is_the_mean_distance_of_the_judged_joints() -> None:
    path = bent([0, 0.3], [0, 0])
    _, points = body().pose(path.steps)
    joints = points[:, :JUDGED] - points[:, :1]
    expected = 1000 * np.linalg.norm(joints[1] - joints[0], axis=-1).mean()
    assert signs_of(path, Evidence(BOX), body()).reach[1] == pytest.approx(expected, rel=1e-4)


def test_signs_of_a_step_ask_the_trials() -> None:
    path, evidence = bent([0, 1], [0, 0]), seen(1, 0)
    told = signs_of(path, evidence, body()).features[1, FALL]
    hidden = np.zeros(45, bool)
    hidden[16:22] = True  # shoulders, elbows, wrists
    lazy = replace(path, trials=(Trial(bent([0, 0], [0, 0]).steps, hidden),))
    assert told > 0.5
    assert signs_of(lazy, evidence, body()).features[1, FALL] < 0.1 * told


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**31), st.floats(0.01, 200))
def test_whatever_the_weights_no_gain_exceeds_the_reach_and_row_0_gains_nothing(
    seed: int, reach: float
) -> None:
    torch.manual_seed(seed)
    ranking = Ranking()
    gain, unsure = ranking.told(torch.randn(2, FEATURES), torch.tensor([0.0, reach]))
    assert (gain[0], unsure[0]) == (0, 0)
    assert abs(float(gain[1])) <= reach * (1 + 1e-6)
    assert float(unsure[1]) >= 0.02 * reach * 0.999


def test_members_that_disagree_make_the_ensemble_unsure() -> None:
    ranking = Ranking(features=1, width=1, members=2)
    with torch.no_grad():
        for part in (*ranking.weights, *ranking.biases):
            part.zero_()
        ranking.biases[2][:, 0, 0] = torch.tensor([1.0, -1.0])
    gain, unsure = ranking.told(torch.zeros(1, 1), torch.tensor([10.0]))
    # tanh(±1) of 10 mm about 0; softplus(0) + 0.02 of it besides
    assert float(gain) == pytest.approx(0, abs=1e-5)
    assert float(unsure) == pytest.approx(10 * np.hypot(np.tanh(1), np.log(2) + 0.02), rel=1e-5)


def test_the_row_of_the_largest_sure_gain_is_picked_by_hand() -> None:
    gains, unsure = (np.array(row, np.float32) for row in ([0, 10, 12, 5], [0, 2, 9, 1]))
    assert pick(gains, unsure, 0.0, 1) == 2
    assert pick(gains, unsure, 0.5, 1) == 1
    assert pick(gains, unsure, 5.0, 1) == 0
    assert pick(gains, unsure, 0.0, 13) == 0


def test_the_step_that_gains_most_is_suggested_with_its_gain_and_the_part_in_words() -> None:
    path = bent([0, 0.5, 1, 1.5], [0, 0, 0, 0])
    score = believer().score(path, seen(1, 0))
    suggestion = believer().suggest(score)
    assert score.values.argmin() == 2 and suggestion.step == 2
    assert score.gains is not None
    assert suggestion.expected_gain == pytest.approx(float(score.gains[2]))
    assert suggestion.uncertainty == pytest.approx(0.01 * suggestion.expected_gain, rel=1e-4)
    assert suggestion.reason.startswith("left arm: 2D error falls ")
    gain = f"expected gain {suggestion.expected_gain:.0f} ± {suggestion.uncertainty:.0f} mm"
    assert suggestion.reason.endswith(gain)


def test_parts_take_steps_of_their_own() -> None:
    path = bent([0, 0.4, 0.8, 1.2, 1.6, 2.0, 2.4], [0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2])
    suggestion = believer().suggest(believer().score(path, seen(1.2, 1.2)))
    steps = suggestion.part_steps
    assert list(steps) == list(PARTS)
    assert (steps["left arm"], steps["right arm"]) == (3, 6)
    assert {each.part: each.expected_gain > 0 for each in suggestion.parts}["right arm"]
    mixed = compose(path, steps, suggestion.step)
    assert mixed.body_pose[JOINTS.index("left_shoulder") - 1, 2] == np.float32(1.2)
    assert mixed.body_pose[JOINTS.index("right_shoulder") - 1, 2] == np.float32(1.2)


def test_where_nothing_is_gained_step_0_is_kept_and_parts_stay() -> None:
    suggestion = believer().suggest(believer().score(bent([0, 1, 2], [0, 1, 2]), seen(0, 0)))
    assert (suggestion.step, suggestion.expected_gain) == (0, 0)
    assert "no step is surely better" in suggestion.reason
    assert suggestion.part_steps == dict.fromkeys(PART_NAMES, 0)


def test_without_keypoints_the_other_signs_serve() -> None:
    score = load_recommender("ranker", body()).score(bent([0, 0.1], [0, 0]), Evidence(BOX))
    assert np.isnan(score.values).all()
    assert score.gains is not None and np.isfinite(score.gains).all()


def test_a_gain_must_be_surer_where_there_are_no_keypoints() -> None:
    # 3 ± 3 mm: by 0.6 deviations above nothing, not by 1.2
    told = np.array([0, 3], np.float32), np.array([0, 3], np.float32)
    blind = Score(np.full(2, np.nan, np.float32), None, gains=told[0], uncertainties=told[1])
    some = Misses(np.zeros((2, 1), np.float32), np.ones(1, np.float32), np.zeros(1, np.int64))
    assert believer().suggest(blind).step == 0
    assert believer().suggest(replace(blind, misses=some)).step == 1


def test_where_signs_are_missing_the_rule_speaks_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def blank(*_: object) -> Signs:
        return Signs(np.full((3, FEATURES), np.nan, np.float32), np.zeros(3, np.float32), None)

    path, evidence = bent([0, 0.5, 1], [0, 0.5, 1]), seen(1, 1)
    rule = load_recommender("held-out", body())
    expected = rule.suggest(rule.score(path, evidence))
    monkeypatch.setattr(module, "signs_of", blank)
    told = believer().suggest(believer().score(path, evidence))
    assert (told.step, told.expected_gain) == (expected.step, expected.expected_gain)
    assert told.reason == f"{expected.reason} (by rule: the ranker does not know such steps)"


def test_steps_of_a_refiner_that_it_was_not_taught_on_are_left_to_the_rule() -> None:
    path, evidence = bent([0, 0.5, 1], [0, 0.5, 1]), seen(1, 1)
    only = RankerRecommender(body(), Ranking(refiners=("other",)), "")
    anyone = RankerRecommender(body(), Ranking(refiners=("other", path.refiner)), "")
    assert only.score(path, evidence).gains is None
    assert "by rule" in only.suggest(only.score(path, evidence)).reason
    assert anyone.score(path, evidence).gains is not None


def test_the_weights_that_ship_know_a_good_step_from_a_bad_one() -> None:
    ranker, evidence = load_recommender("ranker", body()), seen(0.9, 0.9)
    good, bad = (bent([0, angle / 2, angle], [0, angle / 2, angle]) for angle in (0.9, -0.9))
    assert ranker.suggest(ranker.score(good, evidence)).step == 2
    assert ranker.suggest(ranker.score(bad, evidence)).step == 0
    assert RANKER_WEIGHTS.stat().st_size < 250_000
    assert ranker.made_by == f"ranker {ranker.weights_sha256[:12]}"


def test_weights_that_are_missing_or_of_other_signs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match="train ranker"):
        load_ranking(tmp_path / "none.safetensors")
    other = Ranking(features=FEATURES + 1)
    write_weights(other, other.config, tmp_path / "other.safetensors", EXACT)
    with pytest.raises(UnreadableInput, match="reads other signs"):
        load_recommender("ranker", body(), tmp_path / "other.safetensors")
    (tmp_path / "torn.safetensors").write_bytes(RANKER_WEIGHTS.read_bytes()[:1000])
    with pytest.raises(UnreadableInput, match="a ranker"):
        load_ranking(tmp_path / "torn.safetensors")
    with pytest.raises(UnreadableInput, match="takes no weights"):
        load_recommender("held-out", body(), tmp_path / "other.safetensors")


def test_weights_come_back_as_they_were_written(tmp_path: Path) -> None:
    ranking = Ranking(width=8, members=2)
    write_weights(ranking, ranking.config, tmp_path / "r.safetensors", EXACT)
    again, _ = load_ranking(tmp_path / "r.safetensors")
    assert again.config == RankingConfig(width=8, members=2)
    signs, reach = torch.randn(5, FEATURES), torch.rand(5)
    for one, other in zip(ranking.told(signs, reach), again.told(signs, reach), strict=True):
        torch.testing.assert_close(one, other, atol=2e-3, rtol=0)
