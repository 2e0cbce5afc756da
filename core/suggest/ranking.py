"""The network of the ranker: gains of the rows of a path, in mm, and how sure they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from assets import RANKER_WEIGHTS
from core.errors import UnreadableInput
from core.suggest.signs import FEATURES, VERSION
from core.weights import read_weights

HINT = "Train it again: diffannot train ranker"
EXACT = ("centre", "spread")
"""Buffers that are kept in full precision."""
LARGEST_SIGN = 5.0
"""Signs are cut at so many deviations: what is farther out was not learnt from."""
FLOOR = 0.02
"""Least deviation of a gain, as a share of the reach."""


@dataclass(frozen=True)
class RankingConfig:
    """Sizes: signs that are read, width of the two layers, networks in the ensemble.

    `refiners` are those whose steps it was taught on; none named: any.
    """

    features: int = FEATURES
    width: int = 128
    members: int = 4
    version: int = VERSION
    refiners: tuple[str, ...] = ()


class Ranking(nn.Module):
    """An ensemble of small networks; each tells a gain as a share of the reach, and a variance.

    Gaussian with a variance of its own for every input (Nix and Weigend, 1994), an ensemble over
    starting points (Lakshminarayanan et al., Deep Ensembles, 2017).
    """

    centre: Tensor
    spread: Tensor

    def __init__(
        self,
        features: int = FEATURES,
        width: int = 128,
        members: int = 4,
        version: int = VERSION,
        refiners: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.config = RankingConfig(features, width, members, version, tuple(refiners))
        self.register_buffer("centre", torch.zeros(features))
        self.register_buffer("spread", torch.ones(features))
        sizes = (features, width, width, 2)
        pairs = list(pairwise(sizes))
        self.weights = nn.ParameterList(
            torch.randn(members, into, out) * into**-0.5 for into, out in pairs
        )
        self.biases = nn.ParameterList(torch.zeros(members, 1, out) for _, out in pairs)

    def knows(self, refiner: str) -> bool:
        """Tell whether it was taught on the steps of a refiner."""
        return not self.config.refiners or refiner in self.config.refiners

    def forward(self, features: Tensor, reach: Tensor) -> tuple[Tensor, Tensor]:
        """Return gains and their standard deviations (members, B), mm.

        Parameters
        ----------
        features : Tensor, shape (B, F)
        reach : Tensor, shape (B,)
            As of `Signs`.
        """
        x = ((features - self.centre) / self.spread).clamp(-LARGEST_SIGN, LARGEST_SIGN)
        last = len(self.weights) - 1
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            x = x @ weight + bias
            if layer < last:
                x = torch.nn.functional.silu(x)
        share, unsure = x.unbind(-1)
        return share.tanh() * reach, (softplus(unsure) + FLOOR) * reach

    @torch.no_grad()
    def told(self, features: Tensor, reach: Tensor) -> tuple[Tensor, Tensor]:
        """Return the ensemble's gain (B,) and its standard deviation (B,), mm."""
        gains, deviations = self(features, reach)
        variance = deviations.square().mean(0) + gains.var(0, correction=0)
        return gains.mean(0), variance.sqrt()


def load_ranking(path: Path = RANKER_WEIGHTS) -> tuple[Ranking, str]:
    """Read the weights that ship, or others, and the sha256 of their file.

    Raises
    ------
    MissingModel
        They are not there.
    UnreadableInput
        They are no ranker's, or one's that read other signs.
    """
    ranking, digest = read_weights(path, Ranking, "a ranker", HINT)
    if (ranking.config.features, ranking.config.version) != (FEATURES, VERSION):
        raise UnreadableInput(f"{path} is a ranker that reads other signs than this version", HINT)
    return ranking, digest
