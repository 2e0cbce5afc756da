import json
from pathlib import Path

import numpy as np
import pytest
from bench_kit import BentFrontend, Straighten, body, write_open
from PIL import Image

from core.errors import Cancelled, UnreadableInput
from core.jobs.report import finish
from core.progress import CancelToken, Progress
from core.refiners import Refiner
from core.refiners.identity import IdentityRefiner
from core.suggest import load_recommender
from training.bench.arms import Arms
from training.bench.judges import Bodies3D, judge_of
from training.bench.report import Report, report, to_json
from training.bench.rows import BENCHES
from training.bench.running import Findings, Walk, run

OPEN = BENCHES["open"]


def walk(*losses: float, suggested: int = 0) -> Walk:
    """A path of these PA errors; the plain ones are 10 mm more."""
    pa = np.array(losses)
    return Walk(np.stack([pa + 10, pa], axis=1), suggested)


def made(**changes: object) -> Report:
    """Two people of two takes; the fixed step is 1."""
    walks = [walk(50, 40, 45, suggested=2), walk(20, 23, 18, suggested=1)]
    nulls = [walk(50, 49, 60), walk(20, 30, 30, suggested=1)]
    findings = Findings(OPEN, "f", "r", "s", ["a", "b"], walks, nulls, chosen_step=1, chosen_on=9)
    for name, value in changes.items():
        setattr(findings, name, value)
    return report(findings)


@pytest.mark.parametrize(
    ("name", "plain", "pa", "improved", "worse", "step"),
    [
        ("Θ1", 45, 35, 0, 0, 0),
        ("fixed step 1", 41.5, 31.5, 0.5, 0.5, 1),
        ("suggested", 44, 34, 0.5, 0.5, 1.5),
        ("null, suggested", 50, 40, 0, 0.5, 0.5),
        ("Algorithm 1", 39, 29, 1, 0, 1.5),
        ("null, Algorithm 1", 44.5, 34.5, 0.5, 0, 0.5),
        ("oracle", 39, 29, 1, 0, 1.5),
        ("null, oracle", 44.5, 34.5, 0.5, 0, 0.5),
    ],
)
def test_every_column_by_hand(
    name: str, plain: float, pa: float, improved: float, worse: float, step: float
) -> None:
    (column,) = [one for one in made().columns if one.name == name]
    assert column.errors["MPJPE mm"].mean == plain
    assert column.errors["PA-MPJPE mm"].mean == pa
    assert column.changes["PA-MPJPE mm"].mean == pa - 35
    assert (column.improved.mean, column.worse.mean, column.mean_step) == (improved, worse, step)
    assert column.null == name.startswith("null")
    assert column.by_truth == ("oracle" in name or "Algorithm" in name)


def test_an_oracle_never_stands_alone() -> None:
    columns = made().columns
    for one, after in zip(columns, [*columns[1:], columns[0]], strict=True):
        if one.by_truth and not one.null:
            assert (after.name, after.null) == (f"null, {one.name}", True)


def test_without_anybody_to_choose_on_there_is_no_fixed_step() -> None:
    without = made(chosen_step=None, not_chosen="it is missing")
    assert not any("fixed" in one.name for one in without.columns)
    assert to_json(without, {})["fixed_step"]["remark"] == "it is missing"


def test_the_curve_is_the_mean_and_its_band_starts_at_nothing() -> None:
    one = made()
    curve = one.curve(one.losses)
    np.testing.assert_array_equal(curve.mean, [35, 31.5, 31.5])
    np.testing.assert_array_equal(curve.low, [35, 25, 30])
    np.testing.assert_array_equal(curve.high, [35, 38, 33])


def test_the_json_says_what_the_numbers_are() -> None:
    facts = json.loads(json.dumps(to_json(made(), {"frontend": {"name": "f"}})))
    assert (facts["people"], facts["takes"], facts["not_measured"]) == (2, 2, 0)
    assert facts["protocol"] == "open" and facts["root"] == "pelvis" and len(facts["joints"]) == 22
    assert facts["fixed_step"] == {"split": "validation", "people": 9, "step": 1, "remark": ""}
    assert facts["seed"] == 0 and facts["patience"] == 10
    assert facts["frontend"] == {"name": "f"}
    assert facts["columns"][4]["errors"]["PA-MPJPE mm"] == {"mean": 29, "low": 18, "high": 40}
    assert facts["curves"]["null, PA-MPJPE mm"]["mean"] == [35, 39.5, 45]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    return write_open(folder, {"validation": 2, "test": 3})


def arms_of(frontend: BentFrontend, refiner: Refiner) -> Arms:
    return Arms(body(), frontend, refiner, load_recommender("nearest", body()))


def measured(bench: Path, arms: Arms, **options: object) -> tuple[Findings, list[Progress]]:
    told: list[Progress] = []
    judge = judge_of(OPEN, Bodies3D(body()))
    return finish(run(OPEN, bench, arms, judge, **options), told.append), told


def test_people_are_streamed_and_errors_kept(bench: Path) -> None:
    arms = arms_of(BentFrontend(1.0), Straighten(0.02))
    found, told = measured(bench, arms)
    assert [one.done for one in told] == [0, 1, 2, 3, 4, 5] and told[-1].total == 5
    assert len(found.walks) == len(found.nulls) == 3 and not found.failures
    assert set(found.groups) <= {"rendered_test/test/test_0", "rendered_test/test/test_1"}
    assert found.chosen_on == 2 and found.chosen_step is not None
    for ours, null in zip(found.walks, found.nulls, strict=True):
        assert ours.errors.shape == null.errors.shape == (58, 2)
        np.testing.assert_array_equal(ours.errors[0], null.errors[0])
        assert (np.abs(np.diff(ours.errors[:, 0])) > 0).all()
    again, _ = measured(bench, arms)
    for one, other in zip(found.nulls, again.nulls, strict=True):
        np.testing.assert_array_equal(one.errors, other.errors)
        assert one.suggested == other.suggested


def test_a_limit_takes_people_of_both_splits_from_all_over(bench: Path) -> None:
    frontend = BentFrontend(0.0)
    found, told = measured(bench, arms_of(frontend, IdentityRefiner()), limit=2)
    assert frontend.asked == 4 and len(found.walks) == 2
    names = [one.message for one in told[-2:]]
    assert names[0].endswith("00000.jpg/0") and names[1].endswith("00002.jpg/0")


def test_whoever_is_not_found_is_named_and_the_rest_counted(bench: Path, tmp_path: Path) -> None:
    arms = arms_of(BentFrontend(0.0), IdentityRefiner())
    whole = {path.relative_to(bench): path.read_bytes() for path in bench.rglob("*.*")}
    for name, content in whole.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (torn,) = tmp_path.rglob("test/*/00001.jpg")
    torn.write_bytes(b"no picture")
    found, _ = measured(tmp_path, arms)
    assert len(found.walks) == 2
    assert len(found.failures) == 1 and "00001.jpg" in found.failures[0]
    for path in tmp_path.rglob("test/*/*.jpg"):
        path.write_bytes(b"no picture")
    with pytest.raises(UnreadableInput, match="Nobody of open could be measured"):
        measured(tmp_path, arms)


def test_without_the_choosing_split_the_rest_is_measured(bench: Path, tmp_path: Path) -> None:
    for path in bench.rglob("*.*"):
        if "validation" not in str(path.relative_to(bench)):
            copy = tmp_path / path.relative_to(bench)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    found, _ = measured(tmp_path, arms_of(BentFrontend(0.0), IdentityRefiner()))
    assert found.chosen_step is None and "HumanData (validation)" in found.not_chosen
    assert len(found.walks) == 3


def test_a_stop_is_heard_between_people(bench: Path) -> None:
    token = CancelToken()
    arms = arms_of(BentFrontend(0.0), IdentityRefiner())
    steps = run(OPEN, bench, arms, judge_of(OPEN, Bodies3D(body())), cancel=token)
    for _ in range(3):
        next(steps)
    token.cancel()
    with pytest.raises(Cancelled):
        next(steps)


def test_the_figures_are_pictures_of_the_stated_size(tmp_path: Path) -> None:
    figures = pytest.importorskip("training.bench.figures")
    paths = figures.draw(made(), tmp_path / "new")
    sizes = {}
    for path in paths:
        with Image.open(path) as image:
            assert image.format == "PNG" and np.asarray(image.convert("L")).std() > 5
            sizes[path.name] = image.size
    assert sizes == {
        "curve.png": (1040, 720), "before_after.png": (1800, 720), "improved.png": (1040, 680),
    }  # fmt: skip
    again = figures.draw(made(), tmp_path / "again")
    assert [path.read_bytes() for path in paths] == [path.read_bytes() for path in again]
