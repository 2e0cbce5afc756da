"""What a reviewer does to the person who is shown, written by the store thread."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Signal, SignalInstance

from app.i18n import mark, tr
from app.model_thread import ModelThread
from app.placing import Correction
from app.rows import title
from app.said import heard
from app.store_thread import Added, Decided, StoreThread
from core.evidence import Box
from core.jobs.steadying import Steadied
from core.pose import Parameters
from core.project import (
    Accept,
    AcceptTheta1,
    Act,
    AskSecond,
    Decision,
    Flag,
    MoveBox,
    PersonRow,
    Pick,
    Place,
    Reject,
    Remark,
    Remove,
    Tag,
)
from core.project.bulk import Verb
from core.project.decisions import VERDICTS

if TYPE_CHECKING:
    from app.review import Review


class Decider(QObject):
    """Decides on the person that a `Review` shows; one decision at a time."""

    decided = Signal(object)
    """`Decided`, once it is on disk; the review goes on."""

    placed = Signal(object)
    """`Decided`: the same person, or their whole track, has another body."""

    picked = Signal(object)
    """`Decided`: steps were picked by part."""

    marked = Signal(object)
    """`Decided`: a person has other tags, notes, box or keypoints."""

    wrote = Signal(object)
    """Entries of the journal, whatever they do; one of the others follows."""

    turned = Signal(object)
    """`Decided`: a decision was undone or redone."""

    added = Signal(object)
    """`Added`: there is another person."""

    refused = Signal(object)
    """The error; nothing has changed."""

    def __init__(self, store: StoreThread, model: ModelThread, review: "Review") -> None:
        super().__init__(review)
        self._store, self._model, self._review = store, model, review
        self._busy = False

    def accept_shown(self) -> None:
        """Accept the step that is shown."""
        person = self._review.person
        if person is None or self._review.poses is None or self._review.photograph is None:
            self._review.said.emit(tr("Nothing to accept yet: picture or body are not there"))
        elif not self._review.mixer.is_posed:
            self._review.said.emit(tr("Nothing to accept yet: the body is being composed"))
        elif person.run:
            mix = self._review.mixer.mix
            self._decide(Accept(person.row.id, person.run.id, mix.rest, mix.own))
        elif person.theta1_id is not None:
            self._decide(AcceptTheta1(person.row.id, person.theta1_id))

    def accept_suggested(self) -> None:
        """Accept the suggested step."""
        person = self._review.person
        if self._review.selected:
            self.decide_on_selected(Verb.ACCEPT_SUGGESTED)
        elif person and person.run and self._review.poses and self._review.photograph:
            self._decide(Accept(person.row.id, person.run.id, person.run.suggestion.step))
        else:
            self._review.said.emit(tr("There is no suggestion yet"))

    def pick(self, pick: Pick) -> None:
        """Write down picked steps; the review stays where it is."""
        self._write(pick, self.picked)

    def reject(self) -> None:
        """Leave the person, or those who are selected, out."""
        if self._review.selected:
            self.decide_on_selected(Verb.REJECT)
        elif self._review.person:
            self._decide(Reject(self._review.person.row.id))

    def flag(self) -> None:
        """Put the person, or those who are selected, aside."""
        if self._review.selected:
            self.decide_on_selected(Verb.FLAG)
        elif self._review.person:
            self._decide(Flag(self._review.person.row.id))

    def ask_second(self) -> None:
        """Ask for a second opinion on the person, or on those who are selected."""
        if self._review.selected:
            self.decide_on_selected(Verb.ASK_SECOND)
        elif self._review.person:
            self._decide(AskSecond(self._review.person.row.id))

    def tag(self, tags: str) -> None:
        """Give the person these tags, divided by spaces, and no others."""
        row = self._row()
        if row and tuple(sorted(set(tags.split()))) != row.tags:
            self._write(Tag(row.id, tuple(tags.split())), self.marked)

    def decide_on_selected(self, verb: Verb, tag: str = "") -> None:
        """Decide the same on all who are selected, as one entry of the journal."""
        if self._begin():
            self._review.keep_mix()
            over = self.marked if verb in (Verb.TAG, Verb.UNTAG) else self.decided
            self._store.decide_on(
                self._review.selected, verb, tag, self._ending(over), self._refused
            )

    def decide_by(
        self, person_id: int, make: Callable[[list[PersonRow]], Decision], verdict: bool
    ) -> None:
        """Decide what is made out of everybody of a person's sequence, as one entry."""
        if self._begin():
            over = self.decided if verdict else self.marked
            self._store.decide_by(person_id, make, self._ending(over), self._refused)

    def steady(self, person_id: int, steadied: Steadied) -> None:
        """Let steadier bodies of a person's track count."""
        unrest = f"{steadied.before:.1f} → {steadied.after:.1f} m/s²"
        how = tr(
            ", at {rate} frames a second: {unrest}", rate=f"{steadied.rate:.3g}", unrest=unrest
        )
        over = self._written(self.placed, how)
        self._store.decide_by(person_id, steadied.decision, over, self.refused.emit)

    def remark(self, text: str) -> None:
        """Write down what there is to say on the person."""
        row = self._row()
        if row and text.strip() != row.remark:
            self._write(Remark(row.id, text.strip()), self.marked)

    def move_box(self, box: Box) -> None:
        """Move or resize the person's box."""
        if self._review.person:
            self._write(MoveBox(self._review.person.row.id, box), self.marked)

    def move_keypoint(self, index: int, at: QPointF) -> None:
        """Put a keypoint of the person at a pixel of the picture."""
        if self._review.person:
            self._store.move_keypoint(
                self._review.person.row.id,
                index,
                (at.x(), at.y()),
                self._written(self.marked),
                self.refused.emit,
            )

    def remove(self) -> None:
        """Take the person's box out of the picture."""
        if self._review.person:
            self._write(Remove(self._review.person.row.id), self.marked)

    def undo(self) -> None:
        """Undo the last decision, and show whom it was on."""
        if self._begin():
            self._review.leave()
            self._store.undo(self._ending(self.turned, tr("Nothing to undo")), self._refused)

    def redo(self) -> None:
        """Redo what was undone last, and show whom it was on."""
        if self._begin():
            self._review.leave()
            self._store.redo(self._ending(self.turned, tr("Nothing to redo")), self._refused)

    def jump(self, to: int) -> None:
        """Undo or redo until a decision is the last that is on; 0 undoes all."""
        if self._begin():
            self._review.leave()
            self._store.jump(
                to, self._ending(self.turned, tr("Everything is so already")), self._refused
            )

    def place(self) -> None:
        """Put an upright body into the person's box."""
        person = self._review.person
        if person:
            self._review.said.emit(tr("Placing a body…"))
            self._model.stand(
                person, lambda theta1: self._place(person.row.id, theta1), self.refused.emit
            )

    def correct(self, correction: Correction) -> None:
        """Move or turn the shown body by hand: it becomes the person's Θ1."""
        person, poses, step = self._review.person, self._review.poses, self._review.mixer.frame
        if person is not None and poses is not None:
            self._place(person.row.id, correction.of(poses.steps[step], poses.pelves[step]))

    def add_person(self, box: Box) -> None:
        """Add a person by a box in the picture that is shown."""
        person = self._review.person
        shown = person.row if person is not None else self._review.picture
        if shown is not None:
            self._store.add_person(shown.image_id, box, self._added, self.refused.emit)

    def _added(self, added: Added) -> None:
        self.wrote.emit(added.entries)
        self.added.emit(added)

    def _place(self, person_id: int, parameters: Parameters) -> None:
        self._decide(Place(person_id, parameters))

    def _decide(self, decision: Decision) -> None:
        if self._begin():
            if isinstance(decision, VERDICTS) and not isinstance(decision, Accept | AcceptTheta1):
                self._review.keep_mix()
            over = self.placed if isinstance(decision, Place) else self.decided
            self._store.decide(decision, self._ending(over), self._refused)

    def _write(self, decision: Decision, over: SignalInstance) -> None:
        """Decide what nothing waits for: other decisions may be made meanwhile."""
        self._store.decide(decision, self._written(over), self.refused.emit)

    def _written(self, over: SignalInstance, more: str = "") -> Callable[[Decided], None]:
        def ended(decided: Decided) -> None:
            self._review.said.emit(_describe(decided) + more)
            self.wrote.emit(decided.entries)
            over.emit(decided)

        return ended

    def _row(self) -> PersonRow | None:
        """Return the row of the person who is shown, as the list knows it by now."""
        row = self._review.rows.row(self._review.current)
        return row if isinstance(row, PersonRow) else None

    def _begin(self) -> bool:
        """Return whether nothing is being written; then something is."""
        free, self._busy = not self._busy, True
        return free

    def _ending(self, over: SignalInstance, nothing: str = "") -> Callable[[Decided], None]:
        def ended(decided: Decided) -> None:
            self._busy = False
            self._review.said.emit(_describe(decided) or nothing)
            if decided.entry is not None:
                self.wrote.emit(decided.entries)
                over.emit(decided)

        return ended

    def _refused(self, error: Exception) -> None:
        self._busy = False
        self.refused.emit(error)


def _describe(decided: Decided) -> str:
    """Say what was decided, and on whom."""
    if decided.entry is None:
        return ""
    if len(decided.entries) > 1:
        undone = decided.entry.act is Act.UNDO
        text = mark("{count} decisions undone") if undone else mark("{count} decisions done again")
        return tr(text, count=len(decided.entries))
    person_id = decided.entry.decision.person_id
    row = decided.rows.row(person_id)
    who = title(row) if row else f"person {person_id}"
    what = heard(decided.entry.describe()).replace(f"person {person_id}", who)
    return what[:1].upper() + what[1:]
