"""Averages weights of runs from one start: `python -m training.averaging A B … --out F`.

Runs that went on from the same weights lie in one valley, whose middle tells unseen people better
than its rims do (model soups; Wortsman et al., ICML 2022).
"""

import argparse
from pathlib import Path

import torch

from core.refiners.level.network import LevelNetwork, load_level, save_level
from training.plainly import one_line


def average(files: list[Path], out: Path) -> None:
    """Write the mean of weights of the refiner `level`; they must have the same sizes."""
    networks = [load_level(file)[0] for file in files]
    mean = LevelNetwork(networks[0].config)
    states = [network.state_dict() for network in networks]
    mean.load_state_dict(
        {name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]}
    )
    save_level(mean, out)


def main() -> None:
    """Average the files that are named."""
    parser = argparse.ArgumentParser(description="Average weights of the refiner level.")
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    average(options.files, options.out)


if __name__ == "__main__":
    with one_line():
        main()
