"""The network, its checkpoints and their table."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

import hmr_kit
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from core.errors import UnreadableInput, UnwritableOutput
from core.frontends.hmr import checkpoints
from core.frontends.hmr.checkpoints import load_checkpoint, recognise
from core.frontends.hmr.network import (
    Bottleneck,
    HmrConfig,
    HmrNetwork,
    Landmarks,
    Regressor,
    ResNet,
    places,
)


@pytest.fixture(scope="module")
def state() -> dict[str, Tensor]:
    return hmr_kit.weights(reach=1.0)


@pytest.fixture(scope="module")
def files(state: dict[str, Tensor], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("hmr")
    return {
        "mmhuman3d": hmr_kit.save(folder / "hmr.pth", hmr_kit.mmhuman3d(state)),
        "spin": hmr_kit.save(folder / "model_checkpoint.pt", hmr_kit.spin(state)),
    }


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DIFFANNOT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "hmr"


def test_the_network_has_the_published_size_and_names() -> None:
    with torch.device("meta"):
        network = HmrNetwork()
    assert sum(each.numel() for each in network.parameters()) == 26_977_501
    shapes = {name: tuple(each.shape) for name, each in network.state_dict().items()}
    assert len(shapes) == 331
    published = {
        "backbone.conv1.weight": (64, 3, 7, 7),
        "backbone.bn1.running_var": (64,),
        "backbone.layer1.0.downsample.0.weight": (256, 64, 1, 1),
        "backbone.layer2.0.downsample.1.bias": (512,),
        "backbone.layer3.5.conv2.weight": (256, 256, 3, 3),
        "backbone.layer4.2.conv3.weight": (2048, 512, 1, 1),
        "head.fc1.weight": (1024, 2205),
        "head.fc2.weight": (1024, 1024),
        "head.decpose.weight": (144, 1024),
        "head.decshape.bias": (10,),
        "head.deccam.weight": (3, 1024),
        "head.init_pose": (1, 144),
        "head.init_shape": (1, 10),
        "head.init_cam": (1, 3),
    }
    assert {name: shapes[name] for name in published} == published
    assert network.backbone.get_submodule("layer2.0.conv2").stride == (2, 2)
    assert network.backbone.get_submodule("layer2.0.conv1").stride == (1, 1)


@torch.no_grad()
def test_the_regressor_corrects_itself_three_times_without_an_activation() -> None:
    regressor = Regressor(1, HmrConfig()).eval()
    for parameter in regressor.parameters():
        parameter.zero_()
    regressor.fc1.weight[0, 0] = -1  # a negative sum, which a ReLU would stop
    regressor.fc1.weight[0, 1 + 144] = 0.5  # the guess of beta 0 comes back in
    regressor.fc2.weight[0, 0] = 1
    regressor.decshape.weight[0, 0] = 1
    regressor.init_cam[:] = torch.tensor([0.9, 1, 2])
    pose, betas, camera = regressor(torch.ones(2, 1))
    # -1, then -1 + (-1 - 0.5), then -2.5 + (-1 - 1.25)
    torch.testing.assert_close(betas[:, 0], torch.full((2,), -4.75))
    assert pose.abs().max() == 0
    torch.testing.assert_close(camera, torch.tensor([[0.9, 1, 2]]).repeat(2, 1))


@torch.no_grad()
def test_a_bottleneck_without_weights_is_its_shortcut() -> None:
    block = Bottleneck(inputs=8, width=2, stride=1).eval()
    block.conv3.weight.zero_()
    x = torch.tensor([-1.0, 2]).repeat(4)[None, :, None, None]
    torch.testing.assert_close(block(x), x.relu())


@torch.no_grad()
def test_a_small_resnet_halves_the_picture_at_every_stage() -> None:
    net = ResNet(width=4, blocks=(1, 1, 1, 1)).eval()
    shapes = [tuple(seen.shape[1:]) for seen in net(torch.rand(2, 3, 224, 224))]
    assert shapes == [(16, 56, 56), (32, 28, 28), (64, 14, 14), (128, 7, 7)]
    assert net.features == 128


@torch.no_grad()
def test_the_published_network_regresses_from_the_average_of_the_last_stage() -> None:
    network = HmrNetwork(HmrConfig(4, (1, 1, 1, 1), hidden=8)).eval()
    picture = torch.rand(2, 3, 64, 64)
    pose, betas, camera, heat = network(picture)
    expected = network.head(network.backbone(picture)[-1].mean(dim=(2, 3)))
    for ours, theirs in zip((pose, betas, camera), expected, strict=True):
        torch.testing.assert_close(ours, theirs)
    assert heat.shape[:2] == (2, 0)


@torch.no_grad()
def test_a_landmark_is_the_mean_place_under_its_heat_map() -> None:
    landmarks = Landmarks(width=1, points=2).eval()
    for parameter in landmarks.parameters():
        parameter.zero_()
    landmarks.bn.weight.fill_(1)
    landmarks.sides[0].weight[0, 0] = 1  # the finest stage's first channel goes through
    landmarks.mix.weight[0, 0, 1, 1] = 1
    landmarks.heat.weight[0, 0] = 20
    stages = [torch.zeros(1, 4 * 2**stage, 12 // 2**stage, 12 // 2**stage) for stage in range(4)]
    stages[1][0, 0, 1, 4] = 1  # row 1, column 4 of 6 by 6
    heat = landmarks(stages)
    torch.testing.assert_close(heat.sum(dim=(2, 3)), torch.ones(1, 2))
    found = places(heat)[0]
    torch.testing.assert_close(found[0, :2], torch.tensor([0.5, -0.5]), atol=1e-3, rtol=0)
    assert found[0, 2] > 0.99
    torch.testing.assert_close(found[1], torch.tensor([0, 0, 1 / 36]), atol=1e-6, rtol=0)


@torch.no_grad()
def test_both_files_give_the_same_network(
    files: dict[str, Path], state: dict[str, Tensor], cache: Path
) -> None:
    picture = torch.rand(1, 3, 64, 64)
    plain = HmrNetwork().eval()
    plain.load_state_dict(state)
    for name, path in files.items():
        network, origin, sha256 = load_checkpoint(path)
        assert origin.name == name
        for ours, expected in zip(network(picture), plain(picture), strict=True):
            torch.testing.assert_close(ours, expected)
        manifest = json.loads((cache / f"{sha256}.json").read_text())
        assert (manifest["source"], manifest["source_sha256"]) == (path.name, sha256)
        assert manifest["convention"]["rot6d"] == "interleaved_columns"
        assert manifest["convention"]["margin"] == {"mmhuman3d": 1.25, "spin": 1.2}[name]
        kept = load_file(cache / f"{sha256}.safetensors")
        assert not [each for each in kept if each.startswith(("body_model", "disc"))]


def test_what_was_converted_is_read_from_the_cache_unless_it_is_damaged(
    files: dict[str, Path], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _, sha256 = load_checkpoint(files["spin"])
    reads = []

    def watched(path: Path) -> Any:
        reads.append(path)
        return torch.load(path, weights_only=True)

    monkeypatch.setattr(checkpoints, "_read", watched)
    again, origin, _ = load_checkpoint(files["spin"])
    assert origin.name == "spin" and not reads
    torch.testing.assert_close(again.head.fc1.weight, first.head.fc1.weight)
    with (cache / f"{sha256}.safetensors").open("r+b") as file:
        file.seek(-4, os.SEEK_END)
        file.write(b"xxxx")
    load_checkpoint(files["spin"])
    assert len(reads) == 1


def test_a_cache_that_cannot_be_written_is_said(
    files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("DIFFANNOT_CACHE", str(tmp_path / "file"))
    with pytest.raises(UnwritableOutput, match="DIFFANNOT_CACHE"):
        load_checkpoint(files["spin"])


def flat(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The same shapes in no memory."""
    return {name: torch.zeros(()).expand(each.shape) for name, each in state.items()}


def test_counters_of_training_may_be_missing(state: dict[str, Tensor]) -> None:
    kept = {name: each for name, each in flat(state).items() if "num_batches" not in name}
    assert len(recognise({"state_dict": kept}, Path("x"))[1]) == 331


@pytest.mark.parametrize(
    "change,word",
    [
        (lambda s: s.pop("head.fc1.weight"), "lacks head.fc1.weight"),
        (lambda s: s.update({"head.attention": torch.ones(1)}), "unknown head.attention"),
        (lambda s: s.update({"head.fc2.bias": torch.ones(5)}), "another shape for head.fc2.bias"),
        (lambda s: s.update({"head.fc2.bias": "text"}), "another shape for head.fc2.bias"),
        (lambda s: s.update({"head.init_cam": torch.full((1, 3), torch.nan)}), "NaN"),
    ],
)
def test_a_checkpoint_of_another_network_is_told_apart(
    state: dict[str, Tensor], change: Any, word: str
) -> None:
    changed = flat(state)
    change(changed)
    with pytest.raises(UnreadableInput, match=word):
        recognise({"state_dict": changed}, Path("x.pth"))


@pytest.mark.parametrize("value", [{}, [], {"a": 1}, {"model": 3}, {"state_dict": None}])
def test_what_is_no_checkpoint_is_said(value: Any) -> None:
    with pytest.raises(UnreadableInput, match=r"x\.pth is no checkpoint of HMR"):
        recognise(value, Path("x.pth"))


def test_4d_humans_is_named(tmp_path: Path, cache: Path) -> None:
    weights = {"backbone.pos_embed": torch.ones(1), "smpl_head.decpose.weight": torch.ones(1)}
    path = hmr_kit.save(
        tmp_path / "epoch.ckpt",
        {"state_dict": weights, "hyper_parameters": argparse.Namespace(a=1)},
    )
    with pytest.raises(UnreadableInput, match="4D-Humans"):
        load_checkpoint(path)


class Hostile:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.trace}",)


def test_a_hostile_checkpoint_is_refused_and_runs_nothing(
    tmp_path: Path, cache: Path, state: dict[str, Tensor]
) -> None:
    trace = tmp_path / "ran"
    small = {name: each for name, each in state.items() if name.startswith("head.init")}
    path = hmr_kit.save(tmp_path / "x.pth", {"state_dict": small, "meta": Hostile(trace)})
    with pytest.raises(UnreadableInput, match="system"):
        load_checkpoint(path)
    assert not trace.exists()
    assert not cache.exists()


def test_files_that_are_none_are_said_in_one_line(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "text.pth").write_text("hello")
    for name, word in (
        ("text.pth", "Cannot read .*Known are mmhuman3d's"),
        ("none.pth", "no file"),
    ):
        with pytest.raises(UnreadableInput, match=word) as caught:
            load_checkpoint(tmp_path / name)
        assert "\n" not in str(caught.value)
    with pytest.raises(UnreadableInput):
        load_checkpoint(tmp_path)
