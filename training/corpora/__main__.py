"""What is in a data set: `python -m training.corpora NAME FOLDER [--split SPLIT]`."""

import argparse
import sys
from dataclasses import fields
from pathlib import Path

from core.errors import DiffAnnotError
from core.formats.records import Failure
from training.corpora import CORPORA, halpe, layouts, read
from training.corpora.records import Layout


def describe(layout: Layout) -> list[str]:
    """Return the table of a split, a line each."""
    rows = ((field.name, getattr(layout, field.name)) for field in fields(layout))
    return [f"{name:13}{value}" for name, value in rows if value not in (None, "")]


def count(name: str, folder: Path, split: str) -> list[str]:
    """Return how many people there are and what is known of them; Halpe's after cleansing too.

    Raises
    ------
    UnreadableInput
        The data set is missing, incomplete or torn.
    """
    found = list(read(name, folder, split))
    samples = [one for one in found if not isinstance(one, Failure)]
    broken = [one for one in found if isinstance(one, Failure)]
    lines = [f"{len(samples)} people, {len(broken)} broken"]
    lines += [f"{failure.name}: {failure.why}" for failure in broken[:10]]
    for part in ("box", "keypoints", "joints", "smpl"):
        known = sum(getattr(sample, part) is not None for sample in samples)
        lines.append(f"{known} with {part}")
    if name == "halpe":
        lines.append(str(halpe.cleanse(samples)[1]))
    return lines


def main(arguments: list[str]) -> int:
    """Print the table and the counts; 2 where the data set cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m training.corpora", description=__doc__)
    parser.add_argument("name", choices=CORPORA)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", default="train")
    chosen = parser.parse_args(arguments)
    try:
        numbers = count(chosen.name, chosen.folder, chosen.split)
    except DiffAnnotError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    lines = describe(layouts(chosen.name)[chosen.split]) + numbers
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
