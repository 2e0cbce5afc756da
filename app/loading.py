"""What is needed to show a person, gathered from the threads and kept for a while."""

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, SignalInstance

from app.kept import PERSONS, PHOTOGRAPHS, POSES, Kept
from app.mix import PLAIN, Axis, Mix
from app.model_thread import URGENT, ModelThread
from app.pictures import Photograph, read_photograph
from app.poses import Poses, Which, poses_key, refined_key
from app.preferences import MOST_AHEAD
from app.store_thread import Failed, StoreThread
from app.worker import Ticket, Worker, explain
from core.project import Accept, Person, Run

Ask = Callable[[Callable[[Any], None], Failed], Ticket]

AT_HAND = 1 + MOST_AHEAD
"""So many persons are kept however large: the one that is shown and those made ready."""


class Loader(QObject):
    """Gathers a person's record, photograph and bodies; each is told as soon as it is there."""

    loaded = Signal(object, object, object)
    """`Person`, `Photograph` or None, `Poses` or None; told again as more is there."""

    pictured = Signal(int, object)
    """Row of an empty picture, and its `Photograph`."""

    mixed = Signal(object)
    """`Poses` that were asked for by `want_mix`."""

    compared = Signal(object)
    """`Poses` that were asked for by `want_refined` or `want_accepted`."""

    problem = Signal(int, str)
    """Row and what could not be read."""

    def __init__(self, store: StoreThread, model: ModelThread, parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._model = store, model
        self.pictures = Worker("pictures", newest_first=True, parent=self)
        self._persons: Kept[int, Person] = Kept(PERSONS, _record_size, AT_HAND)
        self._photographs: Kept[Path, Photograph] = Kept(
            PHOTOGRAPHS, lambda photograph: photograph.size, AT_HAND
        )
        self._poses: Kept[Which, Poses] = Kept(POSES, lambda poses: poses.size, AT_HAND)
        self._asked: dict[object, tuple[int, Ticket]] = {}

    def want(self, person_id: int) -> None:
        """Gather a person for being shown now."""
        self._gather(person_id, URGENT)

    def want_picture(self, row_id: int, image_id: int) -> None:
        """Read a picture in which nobody is marked, for being shown now."""

        def found(path: Path) -> None:
            def tell() -> None:
                self.pictured.emit(row_id, self._photographs.get(path))

            if path in self._photographs:
                tell()
            else:
                self._read(row_id, path, tell, URGENT)

        self._store.image_path(image_id, found, self._told(row_id))

    def prepare(self, person_id: int, priority: int) -> None:
        """Gather a person who will be shown soon."""
        self._gather(person_id, priority)

    def want_mix(self, person: Person, axis: Axis) -> None:
        """Compose and pose a person's bodies for a slider that moves some parts; newest first."""
        self._want_bodies(
            "mix",
            person,
            _which(person, axis),
            lambda done, failed: self._model.pose(person, done, failed, axis=axis),
            self.mixed,
            self._told(person.row.id),
        )

    def want_refined(self, person: Person, refiner: str, seed: int, failed: Failed) -> None:
        """Refine a person in another way, for a look; nothing is stored."""
        self._want_bodies(
            "compared",
            person,
            (refined_key(person, refiner, seed), PLAIN),
            lambda done, failed: self._model.refine(person, refiner, seed, done, failed),
            self.compared,
            failed,
        )

    def want_accepted(self, person: Person, accept: Accept, failed: Failed) -> None:
        """Compose and pose a person's bodies as somebody accepted them, of whichever run."""
        axis = Mix(accept.step, accept.parts).axis

        def pose(run: Run) -> None:
            of_run = replace(person, run=run)
            self._want_bodies(
                "compared",
                of_run,
                _which(of_run, axis),
                lambda done, failed: self._model.pose(of_run, done, failed, axis=axis),
                self.compared,
                failed,
            )

        if person.run is not None and person.run.id == accept.run_id:
            pose(person.run)
        else:
            self._store.run(accept.run_id, pose, failed)

    def keep_to(self, row_ids: Collection[int]) -> None:
        """Call off what is still to be made for others, who were passed by."""
        for key in [key for key, (row_id, _) in self._asked.items() if row_id not in row_ids]:
            _, ticket = self._asked.pop(key)
            ticket.cancel()

    def clear(self) -> None:
        """Forget everything; keys of another project mean other persons."""
        self.keep_to(())
        for kept in (self._persons, self._photographs, self._poses):
            kept.clear()

    def close(self) -> None:
        """Join the thread that reads pictures."""
        self.pictures.close()

    def _gather(self, person_id: int, priority: int) -> None:
        """Read a person anew: another program may have decided meanwhile."""
        self._store.person(
            person_id,
            lambda person: self._got_person(person, priority),
            self._told(person_id),
            priority,
        )

    def _got_person(self, person: Person, priority: int) -> None:
        person_id = person.row.id
        self._persons.keep(person_id, person)
        self._tell(person)

        def tell() -> None:
            self._tell(self._persons.get(person_id) or person)

        if person.image_path not in self._photographs:
            self._read(person_id, person.image_path, tell, priority)
        key = _which(person)
        if key is not None and key not in self._poses:

            def posed(poses: Poses) -> None:
                self._poses.keep(poses.which, poses)
                tell()

            self._once(
                key,
                person_id,
                lambda done, failed: self._model.pose(person, done, failed, priority),
                posed,
                self._told(person_id),
                priority,
            )

    def _want_bodies(
        self,
        what: str,
        person: Person,
        which: Which | None,
        ask: Ask,
        told: SignalInstance,
        failed: Failed,
    ) -> None:
        """Tell bodies that are kept, or ask for them in the place of those asked for before."""
        if which is not None and (kept := self._poses.get(which)) is not None:
            told.emit(kept)
            return

        def posed(poses: Poses) -> None:
            self._poses.keep(poses.which, poses)
            told.emit(poses)

        self._once(what, person.row.id, ask, posed, failed, URGENT)

    def _read(self, row_id: int, path: Path, tell: Callable[[], None], priority: int) -> None:
        def read(photograph: Photograph) -> None:
            self._photographs.keep(path, photograph)
            tell()

        self._once(
            path,
            row_id,
            lambda done, failed: self.pictures.submit(
                lambda _: read_photograph(path), done, failed, priority=priority
            ),
            read,
            self._told(row_id),
            priority,
        )

    def _once(
        self,
        key: object,
        row_id: int,
        ask: Ask,
        keep: Callable[[Any], None],
        failed: Failed,
        priority: int,
    ) -> None:
        """Ask for something, unless it is on its way and now not more urgent than before."""
        if key in self._asked:
            if priority != URGENT:
                return
            _, ticket = self._asked.pop(key)
            ticket.cancel()

        def over(then: Callable[[Any], None]) -> Callable[[Any], None]:
            def end(value: object) -> None:
                self._asked.pop(key, None)
                then(value)

            return end

        self._asked[key] = row_id, ask(over(keep), over(failed))

    def _told(self, row_id: int) -> Failed:
        return lambda error: self.problem.emit(row_id, explain(error))

    def _tell(self, person: Person) -> None:
        key = _which(person)
        self.loaded.emit(
            person,
            self._photographs.get(person.image_path),
            self._poses.get(key) if key is not None else None,
        )


def _which(person: Person, axis: Axis = PLAIN) -> Which | None:
    key = poses_key(person)
    return None if key is None else (key, axis)


def _record_size(person: Person) -> int:
    return person.run.trajectory.steps.body_pose.nbytes if person.run else 0
