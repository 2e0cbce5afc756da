"""Small corpora in the raw layouts of the paper's data sets, with pictures, for training on."""

from pathlib import Path

from PIL import Image

from tests.training import test_corpora_halpe as halpe
from tests.training import test_corpora_mpi_inf_3dhp as mpi
from tests.training import test_corpora_pw3d as pw3d
from training.gathering import Material, Source

IN_3DPW = pw3d.PEOPLE * pw3d.FRAMES
IN_3DHP = 6 * 3
IN_HALPE = 2
EVERYBODY = IN_3DPW + IN_3DHP + IN_HALPE


def write_3dpw(folder: Path, split: str = "train", seed: int = 0) -> Path:
    """Two people in four frames, of whom everything is known."""
    pw3d.write(folder, pw3d.sequence(seed), split)
    return _with_pictures(folder)


def write_3dhp(folder: Path) -> Path:
    """Test sequences, three valid frames each; joints and keypoints are known."""
    return _with_pictures(mpi.write_test(folder))


def write_halpe(folder: Path) -> Path:
    """Two people whom the cleansing keeps, of whom keypoints are known, and one it takes away."""

    points = [value for number in range(136) for value in (2 * number, 3 * number, 1)]
    people = [
        halpe.annotation(1, keypoints=points, bbox=[5, 2, 80, 90]),
        halpe.annotation(2, keypoints=points, bbox=[200, 2, 80, 90]),
        halpe.annotation(3, keypoints=points, bbox=[400, 2, 8, 9]),
    ]
    return _with_pictures(halpe.write(folder, *people))


def material(folder: Path, *, watched: bool = False) -> Material:
    """3DPW, MPI-INF-3DHP and Halpe side by side, annotated by standing bodies."""
    sources = (
        Source("pw3d", write_3dpw(folder / "3dpw")),
        Source("mpi_inf_3dhp", write_3dhp(folder / "3dhp"), "test"),
        Source("halpe", write_halpe(folder / "halpe")),
    )
    others = ()
    if watched:
        others = (Source("pw3d", write_3dpw(folder / "others", "validation", 1), "validation"),)
    return Material(sources, others, "standing")


def _with_pictures(folder: Path) -> Path:
    for path in folder.rglob("*.jpg"):
        Image.new("RGB", (64, 48)).save(path)
    return folder
