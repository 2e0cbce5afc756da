"""The body alone and the strip follow a track that plays, as often as there is time for it."""

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from app.mix import Mix, standing
from app.model_thread import AHEAD, ModelThread
from app.panels.body import AHEAD as STEPS_AHEAD
from app.panels.body import BodyView
from app.panels.steps import StepsPanel
from app.player import Player
from app.poses import Poses
from app.worker import Ticket
from core.project import Person

EVERY = 400
"""Milliseconds between two persons, at least."""


class Follower(QObject):
    """Has the person who is on screen posed, one at a time and behind what plays."""

    over = Signal()
    """Somebody else was shown, and it has come to an end."""

    def __init__(
        self, player: Player, model: ModelThread, body: BodyView, steps: StepsPanel
    ) -> None:
        super().__init__(player)
        self._player, self._model, self._body, self._steps = player, model, body, steps
        self._timer = QTimer(self, singleShot=True, interval=EVERY)
        self._timer.timeout.connect(self._follow)
        self._ticket: Ticket | None = None
        self._leads = False
        player.shown.connect(self._soon)
        player.over.connect(self._end)

    def _soon(self) -> None:
        if self._ticket is None and not self._timer.isActive():
            self._timer.start()

    def _follow(self) -> None:
        person = self._player.person
        if person is not None and person.theta1 is not None:
            mix = standing(person)
            shown = partial(self._show, person, mix)
            self._ticket = self._model.pose(person, shown, self._missed, AHEAD, mix.axis)

    def _show(self, person: Person, mix: Mix, poses: Poses) -> None:
        self._ticket, self._leads = None, True
        self._body.ahead = 0  # the frames that play go before
        self._body.show_poses(poses, "")
        self._body.show_step(mix.step)
        self._steps.show_person(person, poses, "")
        self._steps.show_mix(mix)
        if self._player.person is not person:
            self._soon()

    def _missed(self, _error: Exception) -> None:
        self._ticket = None  # the player tells what is wrong

    def _end(self) -> None:
        self._timer.stop()
        if self._ticket is not None:
            self._ticket.cancel()
            self._ticket = None
        self._body.ahead = STEPS_AHEAD
        if self._leads:
            self._leads = False
            self.over.emit()
