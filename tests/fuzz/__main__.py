"""Coverage-guided fuzzing of every importer: `python -m tests.fuzz FAMILY --minutes 10`.

Needs atheris (`pip install atheris`), which is no dependency of the project. Starts from small
files of every format and from the seeds in `tests/core/fuzz_seeds`; what breaks a promise is
written to `--out` with the place where it broke, once a place, and fuzzing goes on. `--keep N` adds
the N smallest inputs that reached something new in such a run to the seeds, which
`tests/core/test_fuzz_seeds.py` reads again.
"""

import argparse
import ast
import hashlib
import itertools
import os
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from functools import cache
from pathlib import Path

import atheris
from PIL import Image

READ_BY = ("reader", "arrays", "joblib", "torch")

OWN = ("core.formats", "core.images", *(f"core.safe_{name}" for name in READ_BY))
KINDS = ("Bmp", "Gif", "Jpeg", "Mpo", "Png", "Ppm", "Tiff", "WebP")
PILLOW = ("PIL.Image", "PIL.ImageFile", *(f"PIL.{kind}ImagePlugin" for kind in KINDS))
with atheris.instrument_imports(include=[*OWN, *PILLOW]):
    from tests.fuzz import families

    families.load_readers()

from core.formats import READERS  # noqa: E402

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "core"))


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz")
    asked.add_argument("family", choices=families.FAMILIES)
    asked.add_argument("--minutes", type=float, default=10, help="of the processor, at least")
    asked.add_argument("--inputs", type=int, default=0, help="at least")
    asked.add_argument("--out", type=Path, default=Path("fuzz"))
    asked.add_argument("--keep", type=int, default=0)
    given = asked.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    # by the clock, on which a job that is stopped for a while goes on; PATIENCE is of the processor
    limits = ["-timeout=600", "-rss_limit_mb=1024", f"-max_len={families.LARGEST}"]
    corpus = given.out / given.family
    if given.keep:
        keep(given.family, corpus, given.keep)
        return 0
    corpus.mkdir(exist_ok=True)
    start(given.family, corpus)
    words = given.out / f"{given.family}.dict"
    words.write_text("".join(f'"{word}"\n' for word in vocabulary()))
    flags = [*limits, f"-dict={words}", "-print_final_stats=1"]
    flags += [f"-artifact_prefix={given.out}/{given.family}-", str(corpus)]
    fuzz(given.family, flags, given.out, given.minutes, given.inputs)
    return 0


def fuzz(family: str, flags: list[str], out: Path, minutes: float, inputs: int) -> None:
    """Run libFuzzer, which ends the process, for so long and so many inputs."""
    # in memory, where there is such a disk
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    run = families.runner(family, Path(tempfile.mkdtemp(prefix="diffannot-fuzz-", dir=memory)))
    READERS.load = cache(READERS.load)
    Image.MAX_IMAGE_PIXELS = 1 << 18  # what is refused for its size is refused sooner
    found: Counter[str] = Counter()
    numbers = itertools.count(1)

    def one(data: bytes) -> None:
        began = time.process_time()
        if next(numbers) >= inputs and began > 60 * minutes:
            os.kill(os.getpid(), signal.SIGUSR1)  # libFuzzer then ends and tells its totals
        try:
            run(data)
            if time.process_time() > began + families.PATIENCE:
                raise families.Broken("it takes too long")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a find
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{type(error).__name__} {Path(last.filename).name}:{last.lineno}"
            found[place] += 1
            if found[place] == 1:
                name = hashlib.sha256(data).hexdigest()[:12]
                (out / f"{family}-broken-{name}").write_bytes(data)
                (out / f"{family}-broken-{name}.txt").write_text(traceback.format_exc())
                sys.stderr.write(f"BROKEN {place}: {error}\n")

    atheris.Setup([sys.argv[0], *flags], one)
    atheris.Fuzz()


def start(family: str, corpus: Path) -> None:
    """Put the seeds and small files of every format into the corpus."""
    from format_samples import SAMPLES
    from format_samples import pictures as write_pictures

    kept = families.SEEDS / family
    inputs = [each.read_bytes() for each in sorted(kept.glob("*"))] if kept.is_dir() else []
    with tempfile.TemporaryDirectory() as folder:
        for number, (_, write) in enumerate(SAMPLES.values()):
            place = Path(folder) / str(number)
            place.mkdir()
            write_pictures(place)
            for file in (each for each in write(place).parent.rglob("*") if each.is_file()):
                if families.family_of(file) == family and file.suffix != ".png":
                    inputs.append(families.packed(family, file))
    if family == "image":
        inputs += families.small_pictures()
    for data in inputs:
        if len(data) <= families.LARGEST:
            (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def vocabulary() -> list[str]:
    """Return the words that readers look for in files."""
    words: set[str] = set()
    for path in [*(ROOT / "core" / "formats").glob("*.py"), *(ROOT / "core").glob("safe_*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
    plain = (word for word in words if 2 < len(word) < 32 and word.isascii())
    return sorted(word for word in plain if word.isprintable() and not set(word) & set('"\\{ '))


def keep(family: str, corpus: Path, count: int) -> None:
    """Add the smallest inputs of a corpus, each of which reached something new, to the seeds."""
    folder = families.SEEDS / family
    folder.mkdir(parents=True, exist_ok=True)
    known = {each.read_bytes() for each in folder.iterdir()}
    found = {each.read_bytes() for each in corpus.iterdir()} - known
    for data in sorted(found, key=lambda each: (len(each), each))[:count]:
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


if __name__ == "__main__":
    sys.exit(main())
