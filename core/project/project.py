"""The project: images, persons, evidence, Θ1, runs and the journal, in one file."""

import getpass
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.evidence import Box, Keypoints2D
from core.pose import Parameters
from core.project import adding, deciding, findings, journal, pictures, reading, sequences
from core.project.adding import IMPORTED, Found, Joining
from core.project.checking import image_of, person_of
from core.project.decisions import Decision
from core.project.history import History, read_page
from core.project.journal import Act, JournalEntry, Turns
from core.project.pictures import Picture, relative
from core.project.queue import Columns, read_columns, reread
from core.project.reading import RunKey
from core.project.schema import FilterTable
from core.project.store import Store
from core.project.surveying import Survey, survey
from core.project.values import Frame, ImageRow, Person, PersonRow, Run, SequenceRow, Source
from core.tracking import Sighting
from core.trajectory import Suggestion, Trajectory

SUFFIX = ".diffannot"


class Project:
    """One `.diffannot` file. For one thread at a time; open a second one for a second thread.

    Every method that adds or decides has its work on disk when it returns. All methods raise
    `ProjectError` where the file cannot be read or written.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._turns = Turns()
        self.path = store.path

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a new project file; refuses to replace one."""
        return cls(Store.create(path.absolute()))

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a project file."""
        return cls(Store.open(path.absolute()))

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Bind what is added within to one write: all of it, or nothing where it fails."""
        with self._write():
            yield

    # reading

    def rows(self) -> list[PersonRow]:
        """Return a light row per person, in the order of the images."""
        with self._store.read() as session:
            return reading.rows(session)

    def columns(self) -> Columns:
        """Return all persons, and pictures without any, as columns; for long lists."""
        with self._store.read() as session:
            return read_columns(session)

    def reread(self, columns: Columns, person_ids: Sequence[int]) -> Columns:
        """Return columns in which some persons are as they are now."""
        with self._store.read() as session:
            return reread(session, columns, person_ids)

    def filters(self) -> dict[str, str]:
        """Return the filters of the queue that were kept, by name."""
        with self._store.read() as session:
            rows = session.execute(select(FilterTable.name, FilterTable.text))
            return {name: text for name, text in rows.all()}

    def keep_filter(self, name: str, text: str) -> None:
        """Keep a filter of the queue under a name; an empty one is forgotten."""
        with self._write() as session:
            session.execute(delete(FilterTable).where(FilterTable.name == name))
            if text:
                session.add(FilterTable(name=name, text=text))

    def person(self, person_id: int) -> Person:
        """Return all that is known of a person."""
        with self._store.read() as session:
            return reading.person(session, person_id, self.path.parent)

    def run(self, run_id: int) -> Run:
        """Return a stored run, whether it counts or not."""
        with self._store.read() as session:
            return reading.run(session, run_id)

    def empty_images(self) -> list[ImageRow]:
        """Return the pictures in which nobody is marked, in the order in which they were added."""
        with self._store.read() as session:
            return reading.empty_images(session)

    def image_path(self, image_id: int) -> Path:
        """Return the absolute path of an image."""
        with self._store.read() as session:
            return self.path.parent / image_of(session, image_id).path

    def images(self) -> list[ImageRow]:
        """Return the images in the order in which they were added."""
        with self._store.read() as session:
            return reading.images(session)

    def sequences(self) -> list[SequenceRow]:
        """Return the videos and folders of frames in the order in which they were added."""
        with self._store.read() as session:
            return sequences.rows(session)

    def sightings(self, sequence_id: int) -> list[Sighting]:
        """Return who is where in a sequence, in the order of its frames."""
        with self._store.read() as session:
            return sequences.sightings(session, sequence_id)

    def find_run(self, theta1_id: int, key: RunKey) -> int | None:
        """Return the run that was made the same way from the same Θ1 and evidence, if any."""
        with self._store.read() as session:
            return reading.find_run(session, theta1_id, key)

    def journal(self) -> list[JournalEntry]:
        """Return the journal, oldest first."""
        with self._store.read() as session:
            return journal.entries(session)

    def journal_head(self) -> int:
        """Return the id of the newest entry of the journal; 0 where there is none."""
        with self._store.read() as session:
            return journal.head(session)

    def history(self, below: int | None = None) -> History:
        """Return a page of the newest decisions, or of those before entry `below`."""
        with self._store.read() as session:
            return read_page(session, self._turns, below)

    def survey(self) -> Survey:
        """Return a line for each person and each decision, for figures on all of them."""
        with self._store.read() as session:
            return survey(session)

    def curated(self, person_id: int) -> Parameters | None:
        """Return what the journal says the answer is; None unless accepted."""
        return reading.curated(self.person(person_id))

    def people(
        self, person_ids: Sequence[int]
    ) -> list[tuple[Person, Parameters | None, JournalEntry | None]]:
        """Return `person`, `curated` and the decision that counts of many, with few questions.

        Trajectories are held in memory: ask for some hundreds at a time.
        """
        with self._store.read() as session:
            found = reading.people(session, person_ids, self.path.parent)
            return [(one, reading.curated(one), entry) for one, entry in found]

    # adding

    def add_sequence(self, path: Path, sha256: str, rate: float | None) -> int:
        """Add a video, or a folder of frames (no hash), or find it; `rate` in frames a second."""
        place = relative(path.absolute(), self.path.parent)
        with self._store.write() as session:
            return sequences.add(session, place, sha256, rate)

    def add_image(self, file: Path, frame: Frame | None = None) -> int:
        """Add a picture, or find it: the same content at the same place is the same image.

        A picture that was moved (same content, the old place empty) takes its new place; one that
        turns out to be a frame takes its place in the sequence.

        Raises
        ------
        UnreadableInput
            The file is missing or no picture.
        """
        return self.add_pictures([Picture.of(file, frame)])[0]

    def add_pictures(self, found: Sequence[Picture]) -> list[int]:
        """Add many pictures, or find them, as `add_image` does."""
        with self._store.write() as session:
            return pictures.add_pictures(session, self.path.parent, found)

    def move_image(self, image_id: int, file: Path) -> None:
        """Say where a picture is now; its content is to be the same."""
        path = relative(file.absolute(), self.path.parent)
        with self._store.write() as session:
            image_of(session, image_id).path = path

    def add_person(
        self,
        image_id: int,
        box: Box,
        keypoints: Keypoints2D | None = None,
        track: str | None = None,
    ) -> int:
        """Add a human in a picture, or find it by its box; given keypoints become evidence."""
        found = Found(image_id, box, keypoints, track)
        return self.add_people([found], Source(IMPORTED))[0]

    def add_people(
        self, found: Sequence[Found], source: Source, joining: Joining | None = None
    ) -> list[int]:
        """Add many people with what is known of them, or find them.

        With `joining`, a row also goes to whom it overlaps, not only to whose box it has.
        """
        with self._store.write() as session:
            return adding.add_people(session, found, source, joining)

    def add_keypoints(
        self, person_id: int, keypoints: Keypoints2D, source: str, in_box: bool = False
    ) -> None:
        """Add 2D evidence; the newest counts, and the same again changes nothing.

        What was found by looking into the person's box (`in_box`) goes when the box goes.
        """
        with self._store.write() as session:
            findings.add_keypoints(session, person_id, keypoints, source, in_box)

    def add_theta1(
        self, person_id: int, parameters: Parameters, source: Source, in_box: bool = False
    ) -> int:
        """Add a rough annotation; the same again changes nothing; `in_box` as for keypoints."""
        with self._store.write() as session:
            return findings.add_theta1(session, person_id, parameters, source, in_box)

    def add_run(
        self,
        person_id: int,
        theta1_id: int,
        trajectory: Trajectory,
        scores: NDArray[np.float32],
        suggestion: Suggestion,
        weights_sha256: str,
        seed: int,
        body_sha256: str,
    ) -> int:
        """Add a trajectory from a Θ1. Decisions stay on the run they were made on."""
        made = trajectory, scores, suggestion, weights_sha256, seed, body_sha256
        with self._store.write() as session:
            return findings.add_run(session, _now(), person_id, theta1_id, *made)

    def set_tracks(self, tracks: Mapping[int, str]) -> None:
        """Put persons on tracks that a machine found; whoever was put on or off one stays there."""
        with self._store.write() as session:
            sequences.set_tracks(session, tracks)

    def set_note(self, person_id: int, text: str) -> None:
        """Set a person's note."""
        with self._store.write() as session:
            person_of(session, person_id).note = text

    # deciding

    def decide(self, decision: Decision) -> JournalEntry:
        """Append a decision to the journal; on disk when this returns."""
        with self._write() as session:
            return deciding.decide(session, decision, _now(), _user())

    def draw_person(self, image_id: int, box: Box) -> tuple[int, JournalEntry | None]:
        """Decide that there is a human in a box, or find the one whose box it is (no entry)."""
        with self._write() as session:
            return deciding.draw_person(session, image_id, box, _now(), _user())

    def undo(self) -> JournalEntry | None:
        """Undo the newest decision that is on; None where there is none."""
        with self._write() as session:
            return deciding.turn(session, self._turns, Act.UNDO, _now(), _user())

    def redo(self) -> JournalEntry | None:
        """Redo what was undone last; None where there is none or a new decision was made."""
        with self._write() as session:
            return deciding.turn(session, self._turns, Act.REDO, _now(), _user())

    def jump(self, to: int) -> list[JournalEntry]:
        """Undo or redo until decision `to` is the last that is on; 0 undoes all.

        Raises
        ------
        ProjectError
            The decision was undone, and others were made since.
        """
        with self._write() as session:
            return deciding.jump(session, self._turns, to, _now(), _user())

    def replay(self, entries: list[JournalEntry]) -> int:
        """Append the entries of a journal that this project does not hold yet; return how many.

        Raises
        ------
        ProjectError
            The journals differ before that, or an entry does not fit; nothing is appended.
        """
        with self._write() as session:
            return deciding.replay_all(session, self._turns, entries)

    @contextmanager
    def _write(self) -> Iterator[Session]:
        """Write; what was read of the journal is forgotten where that fails."""
        try:
            with self._store.write() as session:
                yield session
        except BaseException:
            self._turns.forget()
            raise


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "unknown"
