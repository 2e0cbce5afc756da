from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core.body import load_body
from core.diffusion.published import load_published
from core.evidence import Box, Evidence
from core.jobs import finish
from core.refiners import load_refiner
from tests.training.people_kit import EVERYBODY, material
from training.as_published import PublishedOptions, train_as_published
from training.gathering import Material
from training.pairs import Pair

pytest.importorskip("lightning_fabric")


@pytest.mark.parametrize("width", [226, 82])
def test_people_train_weights_that_the_refiner_runs(tmp_path: Path, width: int) -> None:
    out = tmp_path / "out" / "p.safetensors"
    messages: list[Any] = []
    options = PublishedOptions(
        material=material(tmp_path, watched=True), out=out, width=width, epochs=2
    )
    report = finish(train_as_published(options), messages.append)
    assert report.done == EVERYBODY
    assert messages[-1].total == 2 * ceil(EVERYBODY / 4)
    for figure in ("noise", "detached_3d", "detached_2d"):
        assert f"{figure} " in messages[-1].message
    network, _ = load_published(out)
    assert network.config.dim == width
    body = load_body()
    theta1 = standing_in(tmp_path)
    path = load_refiner("as-published", body, out).trajectory(theta1, Evidence(Box(0, 0, 9, 9)), 3)
    assert np.isfinite(path.steps.body_pose).all()


def standing_in(folder: Path) -> Any:
    """Θ1 of somebody."""
    return gathered(material(folder / "more"), folder)[1][0][0].theta1


def gathered(made: Material, folder: Path) -> Any:
    from core.progress import CancelToken

    return finish(made.gather(folder / "x", CancelToken()))


def test_neither_joints_nor_keypoints_nor_truth_teach_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = material(tmp_path)
    body, (people, _), _ = gathered(made, tmp_path)
    bare = [
        Pair(replace(one.sample, joints=None, keypoints=None, smpl=None), one.theta1, one.evidence)
        for one in people
    ]
    weights = []
    for those in (people, bare):

        def gather(*_: object, those: list[Pair] = those) -> Any:
            yield from ()
            return body, (those, []), ([], [])

        monkeypatch.setattr(Material, "gather", gather)
        out = tmp_path / "p.safetensors"
        finish(train_as_published(PublishedOptions(material=made, out=out, epochs=2)))
        weights.append(load_file(out))
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
