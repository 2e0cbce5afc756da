"""What is read besides the shown person: pictures for the list, boxes of others in the picture."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.panels.people import THUMBNAIL
from app.pictures import read_thumbnail
from app.review import Review
from app.rows import EmptyPicture, Row
from app.store_thread import StoreThread
from core.evidence import Box
from core.project import Person


class Margin(QObject):
    """Asks the threads; what cannot be read is left out."""

    boxes_known = Signal()
    thumbnail = Signal(int, object)
    """Row and its picture."""

    def __init__(self, store: StoreThread, review: Review) -> None:
        super().__init__(review)
        self._store, self._review = store, review
        self._boxes: dict[int, dict[int, Box]] = {}
        review.rows_changed.connect(self._forget)

    def boxes(self, person: Person | None) -> dict[int, Box]:
        """Return the boxes of the other persons of a picture; `boxes_known` when there are more."""
        if person is None:
            return {}
        image = person.row.image_id
        if image not in self._boxes:
            self._boxes = {image: {}}  # of the shown picture alone
            ids = self._review.rows.of_image(image)
            if len(ids) > 1:
                self._store.boxes(ids, lambda boxes: self._got_boxes(image, boxes), _ignore)
        return {key: box for key, box in self._boxes[image].items() if key != person.row.id}

    def read_thumbnail(self, row: Row, ratio: float) -> None:
        """Read the picture of a row, for a screen of so many pixels a unit."""
        side = round(THUMBNAIL * ratio)

        def read(path: Path, box: Box | None) -> None:
            self._review.loader.pictures.submit(
                lambda _: read_thumbnail(path, box, side),
                lambda image: self.thumbnail.emit(row.id, image),
                _ignore,
                priority=3,
            )

        def read_person(person: Person) -> None:
            read(person.image_path, person.evidence.box)

        if isinstance(row, EmptyPicture):
            self._store.image_path(row.image_id, lambda path: read(path, None), _ignore)
        else:
            self._store.person(row.id, read_person, _ignore, priority=3)

    def _forget(self) -> None:
        self._boxes.clear()

    def _got_boxes(self, image: int, boxes: dict[int, Box]) -> None:
        if image in self._boxes:
            self._boxes[image] = boxes
            self.boxes_known.emit()


def _ignore(_error: Exception) -> None:
    """Leave it out."""
