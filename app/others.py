"""The other persons of the picture: the bodies that stand for them, while they are to be drawn."""

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from app.i18n import tr
from app.kept import OTHERS, Kept
from app.mix import standing
from app.model_thread import AHEAD, ModelThread
from app.poses import Other, Still, poses_key
from app.review import Review
from app.settings import Settings
from app.worker import Ticket
from core.evidence import Box
from core.project import Person, PersonRow, State

MOST = 10
"""So many are drawn, the nearest: a step that is asked for meanwhile waits for the picture."""


class Others(QObject):
    """Has others posed, behind the shown person, when what is known of them is not their body's."""

    changed = Signal(object)
    """Tuple of `Other`: whom to draw beside the shown person."""

    told = Signal(str)
    """That some are left out; empty where nobody is."""

    def __init__(self, review: Review, model: ModelThread, settings: Settings) -> None:
        super().__init__(review)
        self._review, self._model, self._settings = review, model, settings
        self._on, self._of = False, ""
        self._ids: tuple[int, ...] = ()
        self._bodies: Kept[int, Other] = Kept(OTHERS, lambda other: other.vertices.nbytes, MOST)
        self._ticket: Ticket | None = None
        self._asked: list[PersonRow] = []
        self._shown: tuple[Other, ...] = ()
        review.rows_changed.connect(self._look)
        review.opened.connect(self._bodies.clear)

    def switch(self, on: bool) -> None:
        """Draw the others, or leave that; remembered."""
        self._on = self._settings.everybody = on
        if not on:
            self._bodies.clear()
        self._look()

    def show(self, person: Person | None, boxes: Mapping[int, Box]) -> None:
        """Take whom is shown, and the boxes of the others in the picture by person."""
        if person is None:
            self._ids = ()
        elif boxes or len(self._review.rows.of_image(person.row.image_id)) < 2:  # else: not yet
            x, y = person.evidence.box.centre

            def away(key: int) -> float:
                cx, cy = boxes[key].centre
                return (cx - x) ** 2 + (cy - y) ** 2

            self._ids = tuple(sorted(boxes, key=away))
        self._look()

    def is_settled(self) -> bool:
        """Whether nobody is on the way."""
        return self._ticket is None

    def _look(self) -> None:
        """Draw those whose body is known, ask for that of the others."""
        if self._on and self._of != (body := self._settings.preferences.body):
            self._of = body
            self._bodies.clear()
        possible, path = self._possible(), self._review.path
        rows = {row.id: row for row in possible[:MOST]}
        some = tr("bodies of the {count} nearest of {all}", count=MOST, all=len(possible))
        self.told.emit(some if len(possible) > MOST else "")
        self._tell(rows)
        # of parts with steps of their own, a row does not tell the steps
        stale = [row for row in rows.values() if row.own_parts or self._known(row) is None]
        if self._ticket is not None:
            if stale == self._asked and not any(row.own_parts for row in stale):
                return
            self._ticket.cancel()
            self._ticket = None
        if stale and path is not None:
            self._asked, ids = stale, [row.id for row in stale]
            self._ticket = self._model.pose_track(path, ids, self._posed, self._missed, AHEAD)

    def _possible(self) -> list[PersonRow]:
        """Return who has a body to be drawn, the nearest first."""
        if not self._on:
            return []
        found = (self._review.rows.row(key) for key in self._ids)
        return [
            row
            for row in found
            if isinstance(row, PersonRow) and row.has_theta1 and row.state is not State.REJECTED
        ]

    def _known(self, row: PersonRow) -> Other | None:
        other = self._bodies.get(row.id)
        return other if other is not None and other.row == row else None

    def _tell(self, rows: Mapping[int, PersonRow]) -> None:
        known = map(self._known, rows.values())
        shown = tuple(other for other in known if other is not None)
        if [other.stance for other in shown] != [other.stance for other in self._shown]:
            self._shown = shown
            self.changed.emit(shown)

    def _posed(self, stills: list[Still]) -> None:
        self._ticket = None
        for still in stills:
            if (other := _other(still)) is not None:
                self._bodies.keep(other.row.id, other)
        self._tell({row.id: row for row in self._possible()[:MOST]})

    def _missed(self, _error: Exception) -> None:
        self._ticket = None  # they are left out


def _other(still: Still) -> Other | None:
    person, poses, step = still.person, still.poses, still.step
    if person is None or poses is None or (key := poses_key(person)) is None:
        return None
    mix = standing(person)
    stance = key, mix.rest, tuple(sorted(mix.parts.items()))
    vertices = poses.vertices[step].copy()  # or all of its batch would be kept
    return Other(person.row, stance, vertices, poses.camera, poses.bounds[step])
