"""What every writer of data sets keeps to."""

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from core.contract import people
from core.errors import DiffAnnotError
from core.formats import reader_for, writer
from core.formats.entries import Chosen, gather
from core.formats.export import Export
from core.formats.records import Record
from core.jobs import finish
from core.jobs.exporting import export
from core.jobs.report import Tally
from core.pose import Parameters
from core.progress import CancelToken

PERSONS = 3
NEAR = 1e-6


class WriterContract:
    """Tests of a writer.

    Attributes
    ----------
    name : str
        Its row.
    reader : str
        Row of the reader that takes what it writes; empty where none does.
    carries : frozenset of str
        What comes back equal to 1e-6: "pose" (as an angle, hands left out), "shape", "place",
        "camera", "box", "picture".
    """

    name: ClassVar[str]
    reader: ClassVar[str] = ""
    carries: ClassVar[frozenset[str]] = frozenset(("pose", "shape"))

    def test_every_person_is_written(self, tmp_path: Path) -> None:
        """With a file of provenance and a card beside it."""
        with people.project_in(tmp_path, PERSONS) as project:
            report = finish(export(project, tmp_path / "out", self.name, body=people.body()))
        assert (report.done, report.failures) == (PERSONS, ()), f"it reports {report}"
        assert (tmp_path / "out").exists(), "there is no file"
        beside = {each.name for each in tmp_path.iterdir() if each.name.startswith("out.")}
        assert beside == {"out.provenance.jsonl", "out.card.json", "out.card.md"}, f"{beside}"

    def test_what_it_carries_comes_back(self, tmp_path: Path) -> None:
        """Person by person, in their order."""
        if not self.reader:
            return
        with people.project_in(tmp_path, PERSONS) as project:
            finish(export(project, tmp_path / "out", self.name, body=people.body()))
        items = reader_for(tmp_path / "out", self.reader)[1](tmp_path)
        found = [each for each in items if isinstance(each, Record)]
        assert len(found) == PERSONS, f"{PERSONS} persons went out, {len(found)} came back"
        for number, record in enumerate(found):
            same = _same(number, record)
            lost = sorted(self.carries - same)
            assert not lost, f"of person {number} this does not come back: {', '.join(lost)}"

    def test_a_write_that_fails_leaves_the_old_file(self, tmp_path: Path) -> None:
        """And nothing beside it."""
        out = tmp_path / "folder" / "out"
        out.parent.mkdir()
        out.write_bytes(b"old")
        with people.project_in(tmp_path, PERSONS) as project:
            whole = finish(
                gather(project, out.parent, Chosen(), people.body(), Tally(), CancelToken())
            )
            broken: Any = _Broken()
            entries = [*whole[:-1], replace(whole[-1], row=broken, parameters=broken)]
            try:
                writer(self.name)(Export(project, out, entries, people.body()))
            except (OSError, DiffAnnotError):
                pass
            else:
                raise AssertionError("a person who cannot be written is no failure")
        left = sorted(each.name for each in out.parent.iterdir())
        assert left == ["out"], f"a write that failed leaves {left}"
        assert out.read_bytes() == b"old", "a write that failed has changed the old file"


class _Broken:
    """An annotation at which the disk fails."""

    def __getattr__(self, name: str) -> Any:
        raise OSError(28, "No space left on device")


def _same(number: int, record: Record) -> set[str]:
    theta, true = record.theta1, people.truth(number)
    if theta is None:
        return set()
    box = replace(people.BOX, x=people.BOX.x + number)
    camera, own = theta.camera, true.camera
    said = {
        "pose": _turn(theta, true) < NEAR,
        "shape": bool(np.abs(theta.betas - true.betas).max() < NEAR),
        "place": record.placed and bool(np.abs(theta.transl - true.transl).max() < 1e-5),
        "camera": bool(np.allclose([camera.focal, camera.cx, camera.cy],
                                   [own.focal, own.cx, own.cy], rtol=NEAR)),
        "box": record.box is not None
        and bool(np.allclose(list(vars(record.box).values()), list(vars(box).values()), atol=1e-4)),
        "picture": record.image.name == f"picture {number}.png",
    }  # fmt: skip
    return {name for name, so in said.items() if so}


def _turn(one: Parameters, two: Parameters) -> float:
    from scipy.spatial.transform import Rotation

    first, second = (
        Rotation.from_rotvec(np.concatenate([each.global_orient[None], each.body_pose[:21]]))
        for each in (one, two)
    )
    return float((first.inv() * second).magnitude().max())
