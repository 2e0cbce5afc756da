import numpy as np
import torch
from bench_kit import body, sample_of, upright

from core.evidence import Box, Evidence
from core.refiners.level.network import FEATURES, LevelConfig, LevelNetwork
from core.suggest.signs import FEATURES as SIGNS
from training.ablations import GROUPS, Alike, Deaf, Gateless, Untrusting, measured
from training.pairs import Pair
from training.ranker_material import Paths

TINY = LevelConfig(width=16, blocks=1, embedding=8, guessing=8)


def untaught(kind: type[LevelNetwork]) -> LevelNetwork:
    torch.manual_seed(0)
    network = kind(TINY).eval()
    for weights in network.parameters():
        torch.nn.init.normal_(weights, std=0.3)
    return network.requires_grad_(False)


def test_what_is_left_out_is_left_out_and_nothing_else() -> None:
    features = 0.1 * torch.randn(1, FEATURES, generator=torch.Generator().manual_seed(0))
    levels = torch.tensor([[[10.0] * 5, [40.0] * 5]])
    whole = untaught(LevelNetwork)
    turns, _, trust = whole(features, levels)
    _, deaf_spread, deaf_trust = untaught(Deaf)(features, levels)
    torch.testing.assert_close(deaf_spread[:, 1], 4 * deaf_spread[:, 0])  # the gate alone
    torch.testing.assert_close(deaf_trust[:, 0], deaf_trust[:, 1])
    assert (trust[:, 0] - trust[:, 1]).abs().max() > 1e-3
    open_turns, _, _ = untaught(Gateless)(features, torch.zeros(1, 1, 5))
    assert open_turns.abs().max() > 0 == whole(features, torch.zeros(1, 1, 5))[0].abs().max()
    same, _, ones = untaught(Untrusting)(features, levels)
    assert same.equal(turns) and ones.unique().tolist() == [1]
    assert untaught(Alike).profile(features).unique().tolist() == [1]
    assert whole.profile(features).unique().numel() > 1


def test_a_network_that_moves_nothing_is_measured_as_theta1() -> None:
    sample = sample_of(upright())
    pair = Pair(sample, upright(), Evidence(Box(100, 50, 150, 250)))
    first, guessed, fixed, oracle, worse = measured(LevelNetwork(TINY).eval(), body(), [pair], ())
    assert worse == 0
    np.testing.assert_allclose([guessed, fixed, oracle], first, atol=1e-3)


def test_groups_of_signs_do_not_overlap_and_can_be_left_out_of_paths() -> None:
    columns = [column for group in GROUPS.values() for column in group]
    assert len(columns) == len(set(columns)) and max(columns) == SIGNS - 1
    ones = np.ones((5, 3, SIGNS), np.float32)
    paths = Paths(ones, ones[..., 0], ones[..., 0], np.ones(5, bool))
    first, rest = paths.split(0.6)
    assert (len(first.errors), len(rest.errors)) == (3, 2)
    assert first.without([2]).features.sum() == 3 * 3 * (SIGNS - 1)
    assert first.features.sum() == 3 * 3 * SIGNS
