"""What is needed to show a person, gathered from the threads and kept for a while."""

from collections import OrderedDict
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from app.model_thread import AHEAD, URGENT, ModelThread
from app.pictures import Photograph, read_photograph
from app.poses import Poses, PosesKey, poses_key
from app.store_thread import StoreThread
from app.worker import Ticket, Worker, explain
from core.project import Person

Key = TypeVar("Key")
Value = TypeVar("Value")

PERSONS, PHOTOGRAPHS, POSES = 32, 4, 4
"""How many of each are kept; 58 bodies of 7,000 vertices take 5 MB."""


class Loader(QObject):
    """Gathers a person's record, photograph and bodies; each is told as soon as it is there."""

    loaded = Signal(object, object, object)
    """`Person`, `Photograph` or None, `Poses` or None; told again as more is there."""

    problem = Signal(int, str)
    """Person and what could not be read."""

    def __init__(self, store: StoreThread, model: ModelThread, parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._model = store, model
        self.pictures = Worker("pictures", newest_first=True, parent=self)
        self._persons: OrderedDict[int, Person] = OrderedDict()
        self._photographs: OrderedDict[Path, Photograph] = OrderedDict()
        self._poses: OrderedDict[PosesKey, Poses] = OrderedDict()
        self._asked: dict[object, Ticket] = {}

    def want(self, person_id: int) -> None:
        """Gather a person for being shown now."""
        self._gather(person_id, URGENT)

    def prepare(self, person_id: int) -> None:
        """Gather a person who will be shown next."""
        self._gather(person_id, AHEAD)

    def forget(self, person_id: int) -> None:
        """Read a person anew when next asked for."""
        self._persons.pop(person_id, None)

    def clear(self) -> None:
        """Forget everything; keys of another project mean other persons."""
        for ticket in self._asked.values():
            ticket.cancel()
        for kept in (self._asked, self._persons, self._photographs, self._poses):
            kept.clear()

    def close(self) -> None:
        """Join the thread that reads pictures."""
        self.pictures.close()

    def _gather(self, person_id: int, priority: int) -> None:
        person = self._persons.get(person_id)
        if person is not None:
            self._got_person(person, priority)
            return
        self._store.person(
            person_id,
            lambda read: self._got_person(read, priority),
            lambda error: self.problem.emit(person_id, explain(error)),
            priority,
        )

    def _got_person(self, person: Person, priority: int) -> None:
        _keep(self._persons, person.row.id, person, PERSONS)
        self._tell(person)
        if person.image_path not in self._photographs:
            path = person.image_path
            self._once(
                path,
                lambda done, failed: self.pictures.submit(
                    lambda _: read_photograph(path), done, failed, priority=priority
                ),
                person,
                priority,
            )
        key = poses_key(person)
        if key is not None and key not in self._poses:
            self._once(
                key,
                lambda done, failed: self._model.pose(person, done, failed, priority),
                person,
                priority,
            )

    def _once(self, key: object, ask: object, person: Person, priority: int) -> None:
        """Ask for something, unless it is on its way and now not more urgent than before."""
        if key in self._asked:
            if priority != URGENT:
                return
            self._asked.pop(key).cancel()

        def done(value: Photograph | Poses) -> None:
            self._asked.pop(key, None)
            if isinstance(value, Poses):
                _keep(self._poses, value.key, value, POSES)
            else:
                _keep(self._photographs, person.image_path, value, PHOTOGRAPHS)
            self._tell(self._persons.get(person.row.id, person))

        def failed(error: Exception) -> None:
            self._asked.pop(key, None)
            self.problem.emit(person.row.id, explain(error))

        self._asked[key] = ask(done, failed)  # type: ignore[operator]

    def _tell(self, person: Person) -> None:
        key = poses_key(person)
        self.loaded.emit(
            person,
            self._photographs.get(person.image_path),
            self._poses.get(key) if key is not None else None,
        )


def _keep(kept: OrderedDict[Key, Value], key: Key, value: Value, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
