import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from bench_kit import Alone, body, deaf_to_ctrl_c, sample_of, upright, write_open
from PIL import Image

from app.cli import main
from core.errors import Cancelled, UnreadableInput
from core.evidence import Box
from core.jobs import finish
from core.pose import PARTS
from core.pose.rotations import axis_angle_to_matrix, geodesic
from core.progress import CancelToken
from core.refiners import DEFAULT_REFINER
from core.suggest import Score
from training import errors
from training.bench.contest import running
from training.bench.contest.claims import differences, never_worse, seeds
from training.bench.contest.conditions import CONDITIONS, evidence_of
from training.bench.contest.crew import Crew
from training.bench.contest.judging import MEASURES, PICKS, Arm, Judged, Judging, Task, shown_first
from training.bench.contest.people import Person, Sources, spread
from training.bench.contest.running import Contest, choosing, measuring, run
from training.bench.contest.summary import by_noise, cell_facts, reliability
from training.bench.contest.worst import cases
from training.bench.page import BEGIN, END, into
from training.bench.page import main as refresh
from training.corpora.records import Sample

BOX = Box(100, 50, 150, 250)


def points(condition: str, sample: Sample) -> np.ndarray:
    keypoints = evidence_of(sample, BOX, CONDITIONS[condition]).keypoints
    assert keypoints is not None
    return keypoints.points


def test_noise_grows_in_the_same_directions() -> None:
    sample = sample_of(upright())
    assert sample.keypoints is not None
    true = sample.keypoints.points
    np.testing.assert_allclose(points("clean", sample), true, atol=1e-4)
    two, eight = (points(name, sample) - true for name in ("2 px", "8 px"))
    np.testing.assert_allclose(eight, 4 * two, atol=1e-3)
    many = [points("4 px", replace(sample, name=str(number))) - true for number in range(60)]
    assert np.std(many) == pytest.approx(4 / 224 * 250, rel=0.1)


def test_what_is_missing_is_missing_and_outliers_lie_in_the_box() -> None:
    sample = sample_of(upright())
    assert sample.keypoints is not None
    hidden = sample.keypoints.confidence.copy()
    hidden[3] = 0
    gone, astray = [], []
    for number in range(60):
        one = replace(
            sample, name=str(number), keypoints=replace(sample.keypoints, confidence=hidden)
        )
        few = evidence_of(one, BOX, CONDITIONS["4 px, 30 % missing"]).keypoints
        wrong = evidence_of(one, BOX, CONDITIONS["4 px, 10 % outliers"]).keypoints
        assert few is not None and wrong is not None
        assert few.confidence[3] == wrong.confidence[3] == 0
        gone.append(1 - few.confidence[hidden > 0])
        moved = (wrong.points != points("4 px", one)).any(1)
        low, high = wrong.points[moved] - (100, 50), wrong.points[moved] - (250, 300)
        assert (low >= 0).all() and (high <= 0).all()
        astray.append(moved)
        np.testing.assert_allclose(few.points, points("4 px", one))
    assert np.mean(gone) == pytest.approx(0.3, abs=0.06)
    assert np.mean(astray) == pytest.approx(0.1, abs=0.04)
    assert evidence_of(sample, BOX, CONDITIONS["none"]).keypoints is None


def poses(count: int = 40) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return axis_angle_to_matrix(0.6 * torch.randn(count, 24, 3, generator=generator))


@pytest.mark.parametrize("family", errors.STRANGE)
def test_strange_families_give_rotations_the_same_ones_for_a_seed(family: str) -> None:
    true = poses()
    one, two = (errors.STRANGE[family](true, torch.Generator().manual_seed(0)) for _ in range(2))
    assert torch.equal(one, two) and not torch.allclose(one, true, atol=0.2)
    torch.testing.assert_close(one @ one.mT, torch.eye(3).expand_as(one), atol=1e-4, rtol=0)


def test_truncation_makes_up_the_legs_alone() -> None:
    true = poses()
    turned = geodesic(true, errors.truncated(true, torch.Generator().manual_seed(0))).rad2deg()
    legs = [*PARTS["left leg"], *PARTS["right leg"]]
    others = [joint for joint in range(24) if joint not in legs]
    assert turned[:, legs].mean() > 30 and turned[:, others].mean() < 6


def test_a_swap_is_of_arms_or_of_legs_and_undone_by_itself() -> None:
    true = poses()
    wrong = errors.swapped_limbs(true, torch.Generator().manual_seed(0))
    again = errors.swapped_limbs(wrong, torch.Generator().manual_seed(0))
    assert geodesic(again, true).rad2deg().mean() < 8
    by_part = torch.stack(
        [geodesic(true, wrong).rad2deg()[:, list(joints)].mean(1) for joints in PARTS.values()], 1
    )
    moved = by_part > 15
    assert (moved[:, 1] == moved[:, 2]).all() and (moved[:, 3] == moved[:, 4]).all()
    assert (moved[:, 1] != moved[:, 3]).all() and not moved[:, 0].any()


def test_collapse_takes_everybody_near_to_the_mean_and_leaves_how_they_stand() -> None:
    true = poses()
    wrong = errors.collapsed(true, torch.Generator().manual_seed(0))
    assert geodesic(wrong[:, :1], true[:, :1]).rad2deg().mean() < 6

    def apart(some: torch.Tensor) -> torch.Tensor:
        return geodesic(some[:, None, 1:], some[None, :, 1:]).mean()

    assert apart(wrong) < 0.35 * apart(true)


def test_drift_changes_slowly_from_one_to_the_next() -> None:
    true = torch.eye(3).expand(60, 24, 3, 3)
    wrong = errors.drift(true, torch.Generator().manual_seed(0))
    size = geodesic(true, wrong).rad2deg().square().mean().sqrt()
    step = geodesic(wrong[1:], wrong[:-1]).rad2deg().square().mean().sqrt()
    assert 13 < size < 17 and step < size / 3


def judged(name: str, *curve: float, suggested: int = 0, promised: float = 0.0) -> Judged:
    """Somebody of these MPJPE by step; all measures are the same, parts gain one more."""
    path, null = np.array(curve), np.array(curve) + 1
    steps = {"Θ1": 0, "fixed": 1, "suggested": suggested, "oracle": int(path.argmin())}
    errors_at = {pick: path[step] for pick, step in steps.items()}
    errors_at |= {"by part": path[suggested] - 1, "null oracle": null.min()}
    table = np.repeat(np.array([[errors_at[pick]] for pick in PICKS]), len(MEASURES), axis=1)
    steps["null oracle"] = int(null.argmin())
    return Judged(name, name[0], path, null, steps, table, promised, (suggested,), {"nearest": 1})


def contest(**cells: list[Judged]) -> Contest:
    """Return a contest under 4 px; underscores part the source from the arm."""
    made = Contest([Arm(DEFAULT_REFINER, DEFAULT_REFINER), Arm("identity", "identity")], Sources())
    for name, found in cells.items():
        source, arm = name.split("_")
        key = (source.replace("flip", "depth flip"), "4 px", arm.replace("ours", DEFAULT_REFINER))
        made.cells[key] = found
    return made


OURS = [
    judged("a1", 100, 60, 50, suggested=1, promised=30),
    judged("b1", 80, 70, 60, suggested=2, promised=20),
    judged("c1", 40, 30, 43, suggested=2, promised=10),
    judged("d1", 20, 30, 30),
]


def test_a_row_of_the_table_by_hand() -> None:
    row = cell_facts(("x", "4 px", "ours"), Contest([], Sources(), {("x", "4 px", "ours"): OURS}))
    means = {pick: each["PVE mm"]["mean"] for pick, each in row["errors"].items()}
    assert means == {
        "Θ1": 60, "fixed": 47.5, "suggested": 45.75, "by part": 44.75, "oracle": 40,
        "null oracle": 41,
    }  # fmt: skip
    assert row["ratio"]["mean"] == pytest.approx(45.75 / 60, abs=1e-3)
    assert row["change"]["mean"] == -14.25 and row["by_part"]["mean"] == -1
    assert row["regret"]["mean"] == 5.75 and row["regret"]["p90"] == pytest.approx(12.1)
    assert row["share_of_oracle_gain"]["mean"] == pytest.approx(14.25 / 20, abs=1e-3)
    assert row["worse"]["mean"] == row["kept"] == 0.25
    assert (row["people"], row["takes"]) == (4, 4)
    correlation = np.corrcoef([30, 20, 10], [40, 20, -3])[0, 1]
    assert row["correlation"] == {"value": round(correlation, 3), "people": 3}


def test_whoever_keeps_everybody_has_no_share_of_an_oracle_that_gains_nothing() -> None:
    still = [judged("a1", 20, 20), judged("b1", 30, 30)]
    row = cell_facts(("x", "4 px", "o"), Contest([], Sources(), {("x", "4 px", "o"): still}))
    assert row["share_of_oracle_gain"]["mean"] is None and row["ratio"]["mean"] == 1


def test_arms_are_compared_person_by_person() -> None:
    groups = "abcdefgh"
    ours = [
        judged(f"{name}1", 100 + 10 * n, 50 + 10 * n, suggested=1) for n, name in enumerate(groups)
    ]
    kept = [judged(f"{name}1", 100 + 10 * n, 50 + 10 * n) for n, name in enumerate(groups)]
    (ahead,) = differences(contest(blaze_ours=ours, blaze_identity=kept[::-1]))
    assert (ahead["mean"], ahead["verdict"], ahead["people"]) == (-50, "ahead", 8)
    (behind,) = differences(contest(blaze_ours=kept, blaze_identity=ours[:6]))
    assert (behind["mean"], behind["verdict"], behind["people"]) == (50, "behind", 6)
    mixed = [*ours[:4], *kept[4:]]
    half = [*kept[:4], *ours[4:]]
    (tie,) = differences(contest(blaze_ours=mixed, blaze_identity=half))
    assert (tie["mean"], tie["verdict"]) == (0, "not apart")


def test_the_family_that_fares_worst_speaks_for_all() -> None:
    good, bad = [judged("a1", 50, 40, suggested=1)], [judged("a1", 50, 51, suggested=1)]
    made = contest(drift_ours=good, flip_ours=bad, blaze_ours=bad, drift_identity=good)
    ours, identity = never_worse(made)
    assert (ours["family"], ours["mean"], ours["never_worse"]) == ("depth flip", 1, False)
    assert (identity["family"], identity["never_worse"]) == ("drift", True)


def test_seeds_are_told_with_their_spread() -> None:
    made = contest(blaze_ours=[judged("a1", 50, 9)], blaze_second=[judged("a1", 54, 9)])
    made.arms.append(Arm("second", DEFAULT_REFINER, Path("w")))
    made.sources.test["blaze"] = []
    (one,) = seeds(made)
    assert (one["seeds"], one["mean"], one["spread"]) == (2, 52, 2.83)


def test_promised_gains_stand_beside_true_ones() -> None:
    (one,) = reliability(contest(blaze_ours=OURS))
    assert (one["people"], one["promised"], one["true"]["mean"]) == (3, 20, 19)


def test_noise_levels_are_compared_on_the_same_people() -> None:
    made = Contest([], Sources())
    for noise in ("clean", "2 px", "4 px", "8 px", "16 px", "none"):
        made.cells[("blaze", noise, "arm")] = OURS if noise in ("4 px", "none") else OURS[:2]
    (row,) = by_noise(made)
    assert row["people"] == 2 and row["theta1"] == 90
    assert {one["mean"] for one in row["levels"].values()} == {-30}


def test_steps_to_choose_from_lie_apart() -> None:
    values = np.linspace(1, 0, 58, dtype=np.float32)
    assert shown_first(40, Score(values)) == (40, 57, 51)
    assert shown_first(0, Score(np.full(58, np.nan, np.float32))) == (0, 6, 12)
    assert shown_first(9, Score(values, gains=values)) == (9, 0, 15)


def person(name: str, bend: float = 0.4) -> Person:
    sample = sample_of(upright(), name)
    assert sample.box is not None
    return Person(
        replace(sample, intrinsics=np.diag([500.0, 500, 1])), sample.box, name[0], upright(bend)
    )


def test_extra_arms_run_under_the_main_conditions_alone() -> None:
    made = Contest(running.arms_of([Path("w")]), Sources())
    made.sources.test = {"blazepose": [person("a")], "drift": [person("a")]}
    made.sources.choosing = made.sources.test
    asked = {(task.source, task.condition, task.arm.name) for task in measuring(made)}
    assert {condition for source, condition, _ in asked if source == "drift"} == {"4 px", "none"}
    assert {one for source, one, _ in asked if source == "blazepose"} == set(CONDITIONS)
    ours = f"{DEFAULT_REFINER}, seed 2"
    for arm in (ours, "identity", "random-4", "random-16"):
        own = {(source, condition) for source, condition, name in asked if name == arm}
        assert own == {("blazepose", "4 px"), ("blazepose", "none")}
    assert not any("choose" in arm for _, condition, arm in asked if condition == "none")
    assert all(task.fixed is None for task in choosing(made))
    assert spread(list(range(10)), 4) == [0, 3, 6, 9]


def test_who_holds_impossible_values_is_named_and_the_rest_kept() -> None:
    blind = person("b")
    keypoints = blind.sample.keypoints
    assert keypoints is not None
    unseen = replace(blind.sample, keypoints=replace(keypoints, confidence=np.zeros(17)))
    people = (person("a"), replace(blind, sample=unseen))
    task = Task(Arm("identity", "identity"), "x", "4 px", people, fixed=3)
    found, failures = Judging(body())(task)
    assert [one.name for one in found] == ["a"] and "no keypoint is in sight" in failures[0]
    (one,) = found
    assert one.steps == {"Θ1": 0, "fixed": 3, "suggested": 0, "oracle": 0, "null oracle": 0}
    # Θ1 five times; the null path of somebody who keeps still stays too
    assert (one.errors > 0.5).all() and np.ptp(one.errors, axis=0).max() < 1e-3


def test_the_worst_are_those_who_lost_and_then_those_left_wrong() -> None:
    found = [judged(f"p{n}", 100 - n, 40, 200 + n, suggested=2 if n > 7 else 0) for n in range(14)]
    made = contest(blaze_ours=found)
    made.sources.test["blaze"] = [person(one.name) for one in found]
    named = [(case.person.name, case.why) for case in cases(made)]
    lost = [(f"p{n}", "lost most") for n in (13, 12, 11, 10, 9)]
    assert named[:5] == lost and named[5] == ("p8", "left most wrong")
    assert [name for name, _ in named[6:]] == ["p0", "p1", "p2", "p3"]


def test_a_crew_that_is_told_to_stop_stops() -> None:
    task = Task(Arm("identity", "identity"), "x", "none", (person("a"),), fixed=1)
    cancel = CancelToken()
    with Crew(1) as crew:
        ((found, _),) = finish(crew.work(Judging(body()), [task], cancel))
        assert [one.name for one in found] == ["a"] and torch.get_num_threads() == 1
        cancel.cancel()
        with pytest.raises(Cancelled):
            finish(crew.work(Judging(body()), [task], cancel))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_open(tmp_path_factory.mktemp("bench"), {"validation": 1, "test": 2})


def test_processes_do_what_one_does_to_the_bit_and_leave_ctrl_c_to_it() -> None:
    people = (person("a"), person("b", 0.1))
    tasks = [
        Task(Arm(name, name), "x", "4 px", people, fixed=1, ours=name == DEFAULT_REFINER)
        for name in ("random-8", "sdedit", DEFAULT_REFINER)
    ]
    made = []
    for count, given in ((1, tasks), (2, tasks[::-1])):
        with Crew(count) as crew:
            found = finish(crew.work(running._judge, given, CancelToken()))
            heard = finish(crew.work(deaf_to_ctrl_c, [Alone()], CancelToken()))
            assert heard == [count > 1]
        made.append({task.arm.name: judged for task, judged in zip(given, found, strict=True)})
    one, two = made
    for name, (alone, failed) in one.items():
        assert not failed and not two[name][1]
        for first, second in zip(alone, two[name][0], strict=True):
            for field, value in vars(first).items():
                np.testing.assert_array_equal(value, getattr(second, field))


def test_the_whole_table_runs_from_pictures_to_page(
    bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few = {name: running.REFINERS[name] for name in ("identity", "random-8", DEFAULT_REFINER)}
    monkeypatch.setattr(running, "REFINERS", few)
    monkeypatch.setattr(running, "usable_cores", lambda: 1)
    monkeypatch.setattr("training.bench.figures.DPI", 60)
    out, figures = tmp_path / "facts.json", tmp_path / "figures"
    words = ["--data", str(bench), "--frontend", "standing", "--json", str(out)]
    assert main(["evaluate", *words, "--limit", "2", "--figures", str(figures)]) == 0
    facts = json.loads(out.read_text())
    assert facts["people"]["standing"] == facts["people"]["drift"] == 2
    cells = {(one["source"], one["condition"], one["arm"]): one for one in facts["cells"]}
    assert len(cells) == 2 * 8 + 5 * 2 * 2 + 2 + 1
    for source in facts["people"]:
        first = [
            cells[source, "4 px", arm]["errors"]["Θ1"] for arm in ("random-8", DEFAULT_REFINER)
        ]
        assert first[0] == first[1]
    assert {one["what"] for one in facts["targets"]} >= {"regret mm", "made worse"}
    names = {"noise", "families", "curves", "reliability", "worst"}
    assert {path.stem for path in figures.iterdir()} == {f"open_{name}" for name in names}
    for path in figures.iterdir():
        with Image.open(path) as image:
            assert image.width > 250
    shown = capsys.readouterr()
    assert "standing, keypoints: 4 px" in shown.out and "measuring: standing" in shown.err
    assert "null orcl *" in shown.out
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}old{END}\nafter\n")
    assert refresh([str(out), str(page)]) == 0
    text = page.read_text()
    assert text.startswith("before") and text.endswith("after\n") and "old" not in text
    assert "| `random-8` |" in text and f"**`{DEFAULT_REFINER}`**" in text
    assert all(
        line.count("|") == text.splitlines()[n - 1].count("|")
        for n, line in enumerate(text.splitlines())
        if line.startswith("|---")
    )


def test_a_frontend_without_weights_is_left_out_but_not_alone(
    bench: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "usable_cores", lambda: 1)
    steps = run(bench, ("hmr", "standing"), limit=1)
    assert "standing looks at the test people" in next(steps).message
    steps.close()
    from core.errors import MissingModel

    with pytest.raises(MissingModel):
        next(run(bench, ("hmr",), limit=1))


def test_a_page_without_marks_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UnreadableInput):
        into("nothing", "tables")
    assert refresh([str(tmp_path / "none.json"), str(tmp_path / "none.md")]) == 2
    assert "none.md" in capsys.readouterr().err
