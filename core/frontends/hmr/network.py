"""HMR's network: ResNet-50 and a regressor that corrects its own guess three times.

Sources: Kanazawa et al., End-to-end Recovery of Human Shape and Pose (CVPR 2018); He et al., Deep
Residual Learning (CVPR 2016), with the stride in the 3x3 convolution as torchvision has it. Names
of modules are those of mmhuman3d's checkpoints.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.weights import read_weights, write_weights

POSE, SHAPE, CAMERA = 144, 10, 3
"""24 rotations of six numbers, betas, and a weak-perspective camera (scale, x, y)."""
BLOCKS = (3, 4, 6, 3)
EXPANSION = 4
ITERATIONS = 3
LIFTED = 256
"""Features made of the body points' places: the regressor itself is linear."""
CHANNELS = 128
"""That body points are looked for in."""


@dataclass(frozen=True)
class HmrConfig:
    """Sizes of the network; by default HMR's, as published.

    Parameters
    ----------
    width, blocks : int, tuple of int
        Channels of the stem, bottlenecks of each stage.
    hidden : int
        Of the regressor.
    dropout : float
        Of the regressor, in training.
    size : int
        Side of the crop in pixels.
    points : int
        Body points that are looked for in the picture first (`Landmarks`); none as published.
    """

    width: int = 64
    blocks: tuple[int, ...] = BLOCKS
    hidden: int = 1024
    dropout: float = 0.5
    size: int = 224
    points: int = 0


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions beside a shortcut."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        outputs = EXPANSION * width
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, inputs, H, W) to (B, 4 width, H / stride, W / stride)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.relu(self.bn2(self.conv2(x)))
        return torch.relu(self.bn3(self.conv3(x)) + shortcut)


class ResNet(nn.Module):
    """A ResNet of bottlenecks up to its global average.

    Parameters
    ----------
    width : int
        Channels of the stem.
    blocks : tuple of int
        Bottlenecks of each of the four stages.
    """

    def __init__(self, width: int, blocks: tuple[int, ...]) -> None:
        super().__init__()
        self.features = EXPANSION * width * 2 ** (len(blocks) - 1)
        self.conv1 = nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        inputs = width
        for stage, count in enumerate(blocks):
            inner = width * 2**stage
            layer = nn.Sequential()
            for number in range(count):
                layer.append(Bottleneck(inputs, inner, 2 if stage and not number else 1))
                inputs = EXPANSION * inner
            self.add_module(f"layer{stage + 1}", layer)
        self._stages = len(blocks)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Map pictures (B, 3, H, W) to what each stage sees, (B, 4 width 2^stage, H', W')."""
        x = torch.relu(self.bn1(self.conv1(image)))
        x = nn.functional.max_pool2d(x, 3, stride=2, padding=1)
        seen = []
        for stage in range(self._stages):
            x = self.get_submodule(f"layer{stage + 1}")(x)
            seen.append(x)
        return seen


class Landmarks(nn.Module):
    """Finds body points in the picture from the last three stages, coarse to fine.

    Parameters
    ----------
    width : int
        Of the ResNet.
    points : int
        How many.
    """

    def __init__(self, width: int, points: int) -> None:
        super().__init__()
        self.sides = nn.ModuleList(
            nn.Conv2d(EXPANSION * width * 2**stage, CHANNELS, 1) for stage in (1, 2, 3)
        )
        self.mix = nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(CHANNELS)
        self.heat = nn.Conv2d(CHANNELS, points, 1)

    def forward(self, seen: list[Tensor]) -> Tensor:
        """Return a heat map a point (B, P, H, W): where it is, as a probability."""
        x: Tensor | None = None
        for side, stage in zip(reversed(self.sides), reversed(seen), strict=False):
            own = side(stage)
            x = own if x is None else own + nn.functional.interpolate(x, size=own.shape[-2:])
        assert x is not None
        heat = self.heat(torch.relu(self.bn(self.mix(torch.relu(x))))).float()
        return torch.as_tensor(heat.flatten(2).softmax(dim=2).unflatten(2, heat.shape[2:]))


def places(heat: Tensor) -> Tensor:
    """Return the mean place under each heat map (B, P, H, W), and its peak.

    Integral regression (Sun et al., ECCV 2018).

    Returns
    -------
    Tensor, shape (B, P, 3)
        x and y from the crop's centre in units of half its side; 0 to 1.
    """
    across, down = (
        (torch.arange(cells, device=heat.device) + 0.5) * (2 / cells) - 1
        for cells in (heat.shape[3], heat.shape[2])
    )
    middle = ((heat.sum(2) * across).sum(2), (heat.sum(3) * down).sum(2))
    return torch.stack([*middle, heat.amax(dim=(2, 3))], dim=2)


class Regressor(nn.Module):
    """Starts from the mean pose, shape and camera, and adds three corrections.

    There is no activation between the two layers, as in the published code of SPIN and mmhuman3d.

    Parameters
    ----------
    features : int
        Length of the picture's feature vector.
    config : HmrConfig
        Sizes.
    """

    init_pose: Tensor
    init_shape: Tensor
    init_cam: Tensor

    def __init__(self, features: int, config: HmrConfig) -> None:
        super().__init__()
        self.fc1 = nn.Linear(features + POSE + SHAPE + CAMERA, config.hidden)
        self.drop1 = nn.Dropout(config.dropout)
        self.fc2 = nn.Linear(config.hidden, config.hidden)
        self.drop2 = nn.Dropout(config.dropout)
        self.decpose = nn.Linear(config.hidden, POSE)
        self.decshape = nn.Linear(config.hidden, SHAPE)
        self.deccam = nn.Linear(config.hidden, CAMERA)
        self.register_buffer("init_pose", torch.zeros(1, POSE))
        self.register_buffer("init_shape", torch.zeros(1, SHAPE))
        self.register_buffer("init_cam", torch.zeros(1, CAMERA))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Regress from features (B, F).

        Returns
        -------
        pose : Tensor, shape (B, 144)
            24 rotations in the rot6d layout that the weights were trained in.
        betas : Tensor, shape (B, 10)
        camera : Tensor, shape (B, 3)
            Weak perspective: scale, x, y, in units of half the crop.
        """
        batch = len(features)
        pose = self.init_pose.expand(batch, -1)
        shape = self.init_shape.expand(batch, -1)
        camera = self.init_cam.expand(batch, -1)
        for _ in range(ITERATIONS):
            hidden = torch.cat([features, pose, shape, camera], dim=1)
            hidden = self.drop1(self.fc1(hidden))
            hidden = self.drop2(self.fc2(hidden))
            pose = pose + self.decpose(hidden)
            shape = shape + self.decshape(hidden)
            camera = camera + self.deccam(hidden)
        return pose, shape, camera


class HmrNetwork(nn.Module):
    """A ResNet and the regressor; by default ResNet-50, 26,977,501 parameters in all.

    Parameters
    ----------
    config : HmrConfig
        Sizes.
    """

    def __init__(self, config: HmrConfig | None = None) -> None:
        super().__init__()
        self.config = config or HmrConfig()
        self.backbone = ResNet(self.config.width, self.config.blocks)
        features, points = self.backbone.features, self.config.points
        self.landmarks = Landmarks(self.config.width, points) if points else None
        if points:
            self.lift = nn.Sequential(
                nn.Linear(3 * points, LIFTED), nn.ReLU(), nn.Linear(LIFTED, LIFTED), nn.ReLU()
            )
            features += LIFTED
        self.head = Regressor(features, self.config)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Look at normalised crops (B, 3, size, size).

        Returns
        -------
        pose, betas, camera : Tensor
            As `Regressor` has them.
        heat : Tensor, shape (B, P, H, W)
            As `Landmarks` has it; P is 0 as published.
        """
        seen = self.backbone(image)
        features = seen[-1].mean(dim=(2, 3))
        heat = features.new_zeros(len(features), 0, 1, 1)
        if self.landmarks is not None:
            heat = self.landmarks(seen)
            features = torch.cat([features, self.lift(places(heat).flatten(1))], dim=1)
        return *self.head(features), heat


def save_network(network: HmrNetwork, path: Path) -> None:
    """Write weights in half precision, their configuration in the metadata (safetensors)."""
    statistics = [name for name, _ in network.named_buffers()]
    write_weights(network, network.config, path, exact=statistics)


def load_network(path: Path) -> tuple[HmrNetwork, str]:
    """Read a network that we trained, in float32 and ready to use, and the sha256 of its file.

    Raises
    ------
    MissingModel
        The file is not there.
    UnreadableInput
        It is not such a network, or its tensors do not fit its configuration.
    """
    return read_weights(path, _of_sizes, "hmr-open", "Train them with `diffannot train hmr`")


def _of_sizes(blocks: Sequence[int], **sizes: Any) -> HmrNetwork:
    return HmrNetwork(HmrConfig(blocks=tuple(blocks), **sizes))
