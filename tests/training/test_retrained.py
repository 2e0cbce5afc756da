from dataclasses import replace
from pathlib import Path

import pytest
from bench_kit import body
from safetensors.torch import load_file
from test_level import TINY, corpus

from training import retrained
from training.ablations import Deaf, Gateless
from training.corpora.mocap import PoseSampler, read_corpus
from training.retrained import RUNS, Recipe

pytest.importorskip("lightning_fabric")


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    monkeypatch.setattr(retrained, "BATCHES", (4, 4))
    monkeypatch.setattr(retrained, "SAVE_EVERY", 1)
    motion = PoseSampler(read_corpus(corpus(tmp_path / "data"), "train"))
    return Recipe(body(), motion, [], 6, TINY)


def test_runs_differ_in_their_seed_or_in_one_piece() -> None:
    assert {run.seed for name, run in RUNS.items() if name.startswith("seed")} == {1, 2, 3}
    assert [run.kind for run in RUNS.values()].count(Deaf) == 1
    assert [run.kind for run in RUNS.values()].count(Gateless) == 1


def test_a_run_is_made_again_to_the_bit_and_another_seed_makes_another(
    recipe: Recipe, tmp_path: Path
) -> None:
    files = [tmp_path / f"{name}.safetensors" for name in ("one", "again", "other")]
    for file, seed in zip(files, (1, 1, 2), strict=True):
        recipe.train(replace(RUNS["seed 1"], seed=seed), file)
    one, again, other = (load_file(file)["leave.weight"] for file in files)
    assert one.equal(again) and not one.equal(other)
    assert sorted(file.suffix for file in tmp_path.iterdir()) == ["", *[".safetensors"] * 3]


def test_a_run_that_was_stopped_in_its_second_stage_goes_on_there(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, stopped = tmp_path / "whole.safetensors", tmp_path / "stopped.safetensors"
    recipe.train(RUNS["no gate"], whole)
    drawn: list[int] = []

    class Torn(retrained.Draw):
        def __call__(self) -> tuple[retrained.torch.Tensor, ...]:
            drawn.append(1)
            if len(drawn) == 5:
                raise KeyboardInterrupt
            return super().__call__()

    with monkeypatch.context() as torn:
        torn.setattr(retrained, "Draw", Torn)
        with pytest.raises(KeyboardInterrupt):
            recipe.train(RUNS["no gate"], stopped)
    assert stopped.with_suffix(".second").exists()
    recipe.train(RUNS["no gate"], stopped)
    assert load_file(stopped)["leave.weight"].equal(load_file(whole)["leave.weight"])
