"""Damage done to sample files, and what every importer must make of them.

`python -m tests.core.format_fuzz --seconds 600 [--only spin]` runs it long: totals a format, the
slowest input, the most memory; an input that breaks a promise is kept and named.
"""

import argparse
import contextlib
import copy
import json
import pickle
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from format_samples import SAMPLES, as_npz, held, pictures

from core.errors import UnreadableInput
from core.formats import READERS, reader_for
from core.formats.opened import Opened
from core.formats.records import Failure, Note, Record

DEEP: list[Any] = []
for _ in range(200):
    DEEP = [DEEP]
JUNK: tuple[Any, ...] = (
    None, True, -1, 0, 10**30, 10**400, 1e300, float("nan"), float("inf"), "", "text", "../../x",
    "/etc/passwd", "a\x00b", [], {}, [1], {"a": 1}, [[1, 2], [3]], DEEP, "9" * 30,
)  # fmt: skip
ARRAYS: tuple[Any, ...] = (
    np.zeros(0), np.zeros((2, 0)), np.float32(3), np.full((2, 3), np.nan), np.ones((3, 72)),
    np.array(["a", "b"]), np.array([b"a", b"\xff"]), np.array([None, {}], dtype=object),
    held({"a": 1}), held([1, 2]), np.zeros((2, 24, 3, 3)), np.full((2, 72), 1e30),
    np.array([1 + 2j]), np.array([True, False]), np.full((2, 72), -(2**62)),
)  # fmt: skip


def damage(path: Path, chance: random.Random) -> None:
    """Change a file: its bytes, or a few of the values in it."""
    if path.is_dir():
        files = (each for each in path.rglob("*") if each.suffix in (".json", ".pkl"))
        path = chance.choice(sorted(files))
    if chance.random() < 0.4:
        path.write_bytes(_bytes(path.read_bytes(), chance))
        return
    kind = Opened(path).kind
    if kind == "json":
        value = json.loads(path.read_text())
        value = _changed(value, chance, JUNK)
        path.write_text(json.dumps(value))
    elif kind == "pickle":
        value = pickle.loads(path.read_bytes())
        path.write_bytes(pickle.dumps(_changed(value, chance, JUNK + ARRAYS), protocol=2))
    elif kind == "npz":
        with np.load(path, allow_pickle=True) as saved:
            value = dict(saved)
        inner = {name: _unheld(array) for name, array in value.items()}
        inner = _changed(inner, chance, JUNK + ARRAYS)
        arrays = {name: _held(each) for name, each in inner.items()} if inner else {}
        as_npz(path, **arrays)
    else:
        path.write_bytes(_bytes(path.read_bytes(), chance))


def _unheld(array: Any) -> Any:
    return array.item() if array.dtype == object and array.shape == () else array


def _held(value: Any) -> Any:
    return held(value) if isinstance(value, dict | list) or value is None else np.asarray(value)


def _bytes(data: bytes, chance: random.Random) -> bytes:
    made = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(made) or 1)
        act = chance.randrange(4)
        if act == 0:
            made[at : at + 1] = bytes([chance.randrange(256)])
        elif act == 1:
            del made[at : at + chance.randint(1, 50)]
        elif act == 2:
            made[at:at] = made[at : at + chance.randint(1, 50)]
        else:
            made = made[: max(at, 1)]
    return bytes(made)


def _changed(value: Any, chance: random.Random, junk: tuple[Any, ...]) -> Any:
    """Return a tree with one to three nodes replaced, removed or doubled."""
    for _ in range(chance.randint(1, 3)):
        spots = list(_spots(value))
        if not spots:
            break
        holder, key = chance.choice(spots)
        act = chance.random()
        if act < 0.15:
            del holder[key]
        elif act < 0.25 and isinstance(holder[key], np.ndarray) and holder[key].size:
            holder[key] = holder[key][:-1] if holder[key].ndim else holder[key]
        elif act < 0.45 and isinstance(holder[key], np.ndarray) and holder[key].dtype.kind == "f":
            array = np.array(holder[key])
            if array.size:
                array.ravel()[chance.randrange(array.size)] = chance.choice(
                    [np.nan, np.inf, 1e30, -1, 300]
                )
            holder[key] = array
        else:
            holder[key] = copy.deepcopy(chance.choice(junk))
    return value


def _spots(value: Any, depth: int = 0) -> Any:
    if depth > 8:
        return
    keys = list(value) if isinstance(value, dict) else []
    keys = list(range(min(len(value), 40))) if isinstance(value, list) else keys
    for key in keys:
        yield value, key
        yield from _spots(value[key], depth + 1)


def survives(path: Path, folder: Path, name: str) -> str:
    """Read a damaged file as any format and as its own; return what became of it.

    Raises
    ------
    AssertionError, or whatever the importer raised
        A promise is broken.
    """
    outcome = "refused"
    for given in (None, name):
        try:
            _, read = reader_for(path, given)
            items = list(read(folder))
        except UnreadableInput as error:
            assert "\n" not in str(error)
            continue
        root = folder.resolve()
        for item in items:
            assert isinstance(item, Record | Failure | Note)
            if isinstance(item, Record):
                assert item.image.resolve().is_relative_to(root), item.image
                if item.theta1 is not None:
                    assert np.isfinite(item.theta1.transl).all()
        failed = any(isinstance(item, Failure) for item in items)
        outcome = "some failed" if failed else "read"
    return outcome


def fresh(sample: str, folder: Path) -> Path:
    """Write a sample and its pictures anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pictures(folder)
    return SAMPLES[sample][1](folder)


def main() -> int:
    """Fuzz for a while; return 1 if a promise was broken."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--only", default="")
    asked.add_argument("--seed", type=int, default=0)
    given = asked.parse_args()
    samples = [name for name, (reader, _) in SAMPLES.items() if given.only in ("", reader)]
    counts: Counter[tuple[str, str]] = Counter()
    slowest, broken, seed = (0.0, ""), 0, given.seed
    end = time.monotonic() + given.seconds
    with tempfile.TemporaryDirectory() as folder:
        roots = {sample: Path(folder) / "clean" / sample for sample in samples}
        where = {name: fresh(name, root).relative_to(root) for name, root in roots.items()}
        while time.monotonic() < end:
            sample = samples[seed % len(samples)]
            reader = SAMPLES[sample][0]
            work = Path(folder) / "work"
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(roots[sample], work)
            path = work / where[sample]
            with contextlib.suppress(OverflowError):  # what cannot be written is no input
                damage(path, random.Random(seed))
            began = time.monotonic()
            try:
                counts[reader, survives(path, work, reader)] += 1
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                broken += 1
                counts[reader, "BROKEN"] += 1
                sys.stdout.write(f"BROKEN {sample} seed {seed}: {type(error).__name__} {error}\n")
            slowest = max(slowest, (time.monotonic() - began, f"{sample} seed {seed}"))
            seed += 1
    for reader in READERS:
        told = {what: n for (name, what), n in sorted(counts.items()) if name == reader}
        sys.stdout.write(f"{reader}: {sum(told.values())} {told}\n")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    sys.stdout.write(
        f"{seed - given.seed} inputs, {broken} broken; slowest {slowest}; {memory} MiB\n"
    )
    return int(bool(broken))


if __name__ == "__main__":
    raise SystemExit(main())
