"""Body, steps and inspector follow a track that plays, as often as there is time for it."""

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from app.mix import PLAIN, Mix, standing
from app.model_thread import AHEAD, ModelThread
from app.panels.body import AHEAD as STEPS_AHEAD
from app.panels.body import BodyView
from app.panels.inspector import Inspector
from app.panels.steps import StepsPanel
from app.player import Player
from app.poses import Poses
from app.worker import Ticket
from core.project import Person

EVERY = 400
"""Milliseconds between two persons, at least."""


class Follower(QObject):
    """Shows in the panels who is on screen, one at a time and behind what plays.

    Meanwhile nothing can be done in them: it would be done to whoever is under review.
    """

    over = Signal()
    """Somebody else was shown, and it has come to an end."""

    def __init__(
        self,
        player: Player,
        model: ModelThread,
        body: BodyView,
        steps: StepsPanel,
        inspector: Inspector,
    ) -> None:
        super().__init__(player)
        self._player, self._model, self._body = player, model, body
        self._steps, self._inspector = steps, inspector
        self._timer = QTimer(self, singleShot=True, interval=EVERY)
        self._timer.timeout.connect(self._follow)
        self._ticket: Ticket | None = None
        self._leads = False
        player.shown.connect(self._soon)
        player.over.connect(self._end)

    def _soon(self) -> None:
        self._allow(False)
        if self._ticket is None and not self._timer.isActive():
            self._timer.start()

    def _follow(self) -> None:
        still = self._player.still
        if still is None or still.person is None or still.poses is None:
            return
        self._leads = True
        self._body.ahead = 0  # the frames that play go before
        self._body.show_poses(still.poses, "")
        self._body.show_step(still.step)
        mix = standing(still.person)
        shown = partial(self._show, still.person, mix)
        self._ticket = self._model.pose(still.person, shown, self._missed, AHEAD, mix.axis)

    def _show(self, person: Person, mix: Mix, poses: Poses) -> None:
        self._ticket = None
        self._steps.show_person(person, poses, "")
        self._steps.show_mix(mix)
        self._inspector.show_person(person, "")
        self._inspector.show_body(mix, poses if mix.axis == PLAIN else None, poses, mix.step)
        still = self._player.still
        if still is None or still.person is not person:
            self._soon()

    def _missed(self, _error: Exception) -> None:
        self._ticket = None  # the player tells what is wrong

    def _end(self) -> None:
        self._timer.stop()
        if self._ticket is not None:
            self._ticket.cancel()
            self._ticket = None
        self._body.ahead = STEPS_AHEAD
        self._allow(True)
        if self._leads:
            self._leads = False
            self.over.emit()

    def _allow(self, hands: bool) -> None:
        for panel in (self._steps, self._inspector):
            panel.setEnabled(hands)
