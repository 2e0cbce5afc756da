"""What every reader of data sets keeps to."""

from abc import abstractmethod
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import numpy as np

from core.contract import people
from core.errors import Cancelled, DiffAnnotError
from core.formats import format_of, reader_for
from core.formats.records import Failure, Record
from core.jobs import Report, finish
from core.jobs.importing import import_file
from core.progress import CancelToken
from core.project import Project

STRANGE: dict[str, bytes] = {
    "empty": b"",
    "brackets": b"{}",
    "list": b'[1, {"a": null}]',
    "text": b"hello\nworld\n",
    "noise": np.random.default_rng(0).bytes(4000),
    "zip": b"PK\x03\x04" + bytes(60),
}
"""Files that are nobody's."""


class ReaderContract:
    """Tests of a reader.

    Attributes
    ----------
    name : str
        Its row.
    persons : int
        How many are in the file that `write` makes.
    """

    name: ClassVar[str]
    persons: ClassVar[int] = 2

    @abstractmethod
    def write(self, folder: Path) -> Path:
        """Write a small file, or folder, of the format, and the pictures that it names."""

    def images(self, folder: Path) -> Path | None:
        """Return the folder that picture names start from; None means the file's own."""
        return None

    def test_a_file_is_known_by_its_content(self, tmp_path: Path) -> None:
        """Also under another name."""
        path = self.write(tmp_path)
        assert format_of(path) == self.name, f"{path.name} is taken for {format_of(path)}"
        if path.is_dir():
            return
        other = path.rename(path.with_name("renamed.bin"))
        assert format_of(other) == self.name, f"renamed it is taken for {format_of(other)}"

    def test_what_is_nobody_s_is_left_to_others(self, tmp_path: Path) -> None:
        """And looked at without a fault but those that are meant."""
        for name, content in STRANGE.items():
            (tmp_path / name).write_bytes(content)
            try:
                taken = format_of(tmp_path / name)
            except DiffAnnotError:
                continue
            assert taken != self.name, f"a file that is {name} is taken for {self.name}"

    def test_every_person_comes_whole(self, tmp_path: Path) -> None:
        """With a picture that is there, and nobody lost."""
        items = list(reader_for(self.write(tmp_path), self.name)[1](self.images(tmp_path)))
        failures = [each for each in items if isinstance(each, Failure)]
        assert not failures, f"persons of a sound file fail: {failures}"
        found = [each for each in items if isinstance(each, Record)]
        assert len(found) == self.persons, f"{self.persons} persons are there, {len(found)} came"
        for each in found:
            assert each.image.is_file(), f"there is no picture {each.image}"
            assert each.theta1 is None or each.theta1.batch == (), "a rough annotation is a batch"
            told = each.theta1 is not None or each.keypoints is not None or each.box is not None
            assert told, f"of {each.name} nothing is told"

    def test_a_second_import_changes_nothing(self, tmp_path: Path) -> None:
        """Neither persons nor what is known of them."""
        path = self.write(tmp_path)
        with Project.create(tmp_path / "p.diffannot") as project:
            first = self._import(project, path)
            told = _told(project)
            assert first.failures == (), f"the import fails: {first.failures}"
            assert len(told) == self.persons, f"{len(told)} persons are in the project"
            self._import(project, path)
            assert _told(project) == told, "the second import has changed the project"

    def test_a_torn_file_leaves_whole_persons_or_none(self, tmp_path: Path) -> None:
        """And the sound one makes up for what was missing."""
        path = self.write(tmp_path)
        if path.is_dir():
            return
        content = path.read_bytes()
        with Project.create(tmp_path / "p.diffannot") as project:
            for share in (0.5, 0.97):
                path.write_bytes(content[: int(share * len(content))])
                try:
                    self._import(project, path)
                except DiffAnnotError:
                    assert not _told(project), "an import that failed has left persons"
            path.write_bytes(content)
            self._import(project, path)
            assert len(_told(project)) >= self.persons, "persons are missing after a sound import"

    def test_an_import_that_is_called_off_leaves_whole_persons(self, tmp_path: Path) -> None:
        """And it can be done again."""
        path = self.write(tmp_path)
        with Project.create(tmp_path / "p.diffannot") as project:
            token = CancelToken()
            job = import_file(project, path, None, self.images(tmp_path), people.body(), token)
            with suppress(Cancelled):
                finish(job, lambda _: token.cancel())
            before = _told(project)
            self._import(project, path)
            told = _told(project)
            assert len(told) == self.persons, f"{len(told)} persons are in the project"
            assert before.items() <= told.items(), "a person was there by half"

    def _import(self, project: Project, path: Path) -> Report:
        images = self.images(path.parent)
        return finish(import_file(project, path, self.name, images, people.body()))


def _told(project: Project) -> dict[int, tuple[object, ...]]:
    """Return what is known of each person."""
    told: dict[int, tuple[object, ...]] = {}
    for row in project.rows():
        person = project.person(row.id)
        told[row.id] = (row, person.theta1_id, person.keypoints_id, person.evidence.box)
    return told
