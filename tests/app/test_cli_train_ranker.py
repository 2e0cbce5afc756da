from collections.abc import Generator
from pathlib import Path

import pytest

from app.cli import main
from core.jobs import Job, Report
from core.progress import Progress
from training import ranker, ranker_decisions
from training.gathering import Material, Source
from training.ranker import RankerOptions
from training.ranker_decisions import DecisionOptions, Learnt


def test_every_option_reaches_the_training_on_motion_capture(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def train(options: RankerOptions) -> Job:
        asked.append(options)
        yield Progress(1, 1)
        return Report(8)

    monkeypatch.setattr(ranker, "train_ranker", train)
    command = "train ranker --data d --corpus human_data=c --watch human_data=w --pairs p "
    command += "--paths q --refiner fit --refiner paper --count 64 --seed 3 --out o"
    assert main(command.split()) == 0
    corpora = Source("human_data", Path("c")), Source("human_data", Path("w"), "validation")
    material = Material(corpora[:1], corpora[1:], kept=Path("p"))
    assert asked == [
        RankerOptions(
            Path("d"), (material,), Path("o"), ("fit", "paper"), None, 64, seed=3, paths=Path("q")
        )
    ]
    assert capsys.readouterr().out == "8 paths trained on, weights in o\n"


def test_every_option_reaches_the_learning_from_decisions(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def learn(options: DecisionOptions) -> Generator[Progress, None, Learnt]:
        asked.append(options)
        yield Progress(1, 1)
        return Learnt(Report(5, failures=("a.png person 1: why",)), ["it helped"])

    monkeypatch.setattr(ranker_decisions, "learn_from_decisions", learn)
    command = "train ranker --from a.diffannot --from b.diffannot --ranker r --seed 2 --out o"
    assert main(command.split()) == 1  # some failed, and are named
    projects = Path("a.diffannot"), Path("b.diffannot")
    assert asked == [DecisionOptions(projects, Path("o"), Path("r"), seed=2)]
    told = capsys.readouterr()
    assert told.out == "it helped\n5 decisions learnt from, weights in o; 1 failed\n"
    assert "a.png person 1: why" in told.err


@pytest.mark.parametrize("sources", ["", "--data d --from p.diffannot"])
def test_the_ranker_learns_from_one_thing_or_the_other(
    sources: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(f"train ranker --out o {sources}".split()) == 2
    assert "--from P.diffannot, or --data DIR" in capsys.readouterr().err
