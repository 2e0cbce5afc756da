"""What coverage-guided fuzzing has found and kept, read again: `tests/fuzz`."""

from pathlib import Path

import pytest

from tests.fuzz.families import FAMILIES, SEEDS, runner

LARGEST = 300_000
"""Bytes of all seeds together."""


@pytest.mark.parametrize("family", FAMILIES)
def test_no_seed_breaks_a_promise(family: str, tmp_path: Path) -> None:
    seeds = sorted((SEEDS / family).iterdir())
    run = runner(family, tmp_path)
    found = [run(seed.read_bytes()) for seed in seeds]
    assert found


def test_the_seeds_are_small() -> None:
    assert sum(seed.stat().st_size for seed in SEEDS.rglob("*") if seed.is_file()) < LARGEST
