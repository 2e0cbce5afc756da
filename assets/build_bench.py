"""Build the open bench: `python -m assets.build_bench --mocap ../shared/data/mocap`.

Rendered people of the validation subjects, whom steps are chosen on, and of the test subjects, whom
numbers are reported on (`training.rendered`).
"""

import argparse
import shutil
from pathlib import Path

from assets import OPEN_BENCH
from core.body import load_body
from training.corpora.mocap import read_corpus
from training.corpora.records import Split
from training.plainly import one_line
from training.rendered import render

SEED = 11
PEOPLE: dict[Split, int] = {"validation": 80, "test": 240}


def main() -> None:
    """Write `assets/bench` anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mocap", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=OPEN_BENCH)
    options = parser.parse_args()
    body = load_body()
    takes = {split: read_corpus(options.mocap, split) for split in PEOPLE}
    shutil.rmtree(options.out, ignore_errors=True)
    for split, count in PEOPLE.items():
        for _ in render(takes[split], split, count, SEED, body, options.out):
            pass


if __name__ == "__main__":
    with one_line():
        main()
