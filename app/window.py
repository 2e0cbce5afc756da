"""The window: panels around one `Review`, and the threads behind them."""

import sys
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QMainWindow,
    QStackedWidget,
)
from typing_extensions import override

from app import theme
from app.arrivals import Arrivals
from app.collector import Collector
from app.comparison import Comparison
from app.dialogs import Dialogs, application
from app.exports import Exports
from app.figures import Figures
from app.following import Follower
from app.frames import Frames
from app.held_keys import HeldKeys
from app.i18n import tr
from app.keymap import Keymap
from app.margin import Margin
from app.menus import dress, enable, make_actions, name_actions, name_menus
from app.mix import Mix
from app.model_process import ModelProcess
from app.model_thread import ModelThread
from app.models import Models
from app.others import Others
from app.pages import fill_message, no_body, no_steps
from app.panels.body import BodyView
from app.panels.busy import Busy
from app.panels.card import Card
from app.panels.compare import ComparePanel
from app.panels.controls import (
    BodyBar,
    CompareBar,
    DecisionBar,
    PictureBar,
    hint_label,
    key_hint,
    with_bar,
)
from app.panels.history import HistoryPanel
from app.panels.inspector import Inspector
from app.panels.message import MessagePanel
from app.panels.people import PeoplePanel
from app.panels.person_strip import PersonStrip
from app.panels.picture import PictureView
from app.panels.steps import StepsPanel
from app.panels.time_panel import TimePanel
from app.panes import Pane, Panes
from app.player import Player
from app.recovery import Recovery
from app.review import Review, Stage
from app.rows import EmptyPicture, title
from app.settings import Settings
from app.store_thread import StoreThread
from app.timeline import Timeline
from app.whereabouts import Whereabouts
from app.wiring import connect_history, connect_picture, connect_queue, connect_remarks
from core.errors import DiffAnnotError


class MainWindow(QMainWindow):
    """Mirrors a `Review`; every change goes through it."""

    def __init__(self, models: Models | ModelProcess, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._store = StoreThread(self)
        self._model = ModelThread(models, self)
        self._frames = Frames(self)
        self.review = Review(self._store, self._model, self)
        self.review.use(settings.preferences)
        self.arrivals = Arrivals(self.review, self._store, self)
        self.figures = Figures(self)
        self.exports = Exports(self, settings, self._store)
        self.margin = Margin(self._store, self.review)
        self.others = Others(self.review, self._model, settings)
        self.people = PeoplePanel()
        self.picture = PictureView(self._frames)
        self.body = BodyView(self._frames)
        self.comparison = Comparison(self.review, self.review.loader)
        self.compare = ComparePanel(self._frames, self.comparison)
        self.steps = StepsPanel(self._frames)
        self.player = Player(self.review.loader, self._model, self._frames, self.picture, self)
        self.inspector = Inspector()
        self.follower = Follower(self.player, self._model, self.body, self.steps, self.inspector)
        self.history = HistoryPanel()
        self.history.model.want = partial(self._store.history, failed=_ignore)
        self.message = MessagePanel()
        self.trouble = Card("alert-circle-outline", "bad")
        self.news = Card("backup-restore", "accent")
        self.strip = PersonStrip()
        self.whereabouts = Whereabouts(self.review)
        self.busy = Busy()
        self.actions_by_name = make_actions(self)
        name_actions(self.actions_by_name, settings.keymap)
        self.dialogs = Dialogs(self, settings, self._model)
        self.time = TimePanel(self.actions_by_name["play"])
        self.timeline = Timeline(
            self.review, self._model, self.time, self.people, self.player, self
        )
        self._collector = Collector(self)
        self._held = HeldKeys(self)
        self._closed = self._blinking = False
        self._late = QTimer(self, singleShot=True, interval=400)
        self._late.timeout.connect(self._say_late)
        # busy threads hand the interpreter over ten times sooner than Python's 5 ms
        sys.setswitchinterval(0.0005)
        self._lay_out()
        self._connect()
        self._dress()
        self._show_stage()
        # or the first line that can be typed in takes the reviewer's keys
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocus()
        application().focusChanged.connect(self._held.keep)

    # building

    def _lay_out(self) -> None:
        actions = self.actions_by_name
        self.decisions = DecisionBar(actions)
        self.panes = Panes(
            self,
            picture=with_bar(with_bar(self.picture, self.strip), PictureBar(self.picture, actions)),
            body=with_bar(self.body, BodyBar(self.body, actions)),
            compare=with_bar(self.compare, CompareBar(self.comparison, actions)),
            steps=with_bar(with_bar(self.steps, self.decisions), self.time, above=True),
            film=self.steps.film,
            queue=self.people,
            inspector=self.inspector,
            history=self.history,
            time=self.time,
        )
        self.pages = QStackedWidget()
        self.pages.addWidget(self.message)
        self.pages.addWidget(self.panes.work)
        pages = with_bar(with_bar(self.pages, self.whereabouts, above=True), self.news, above=True)
        self.setCentralWidget(with_bar(pages, self.trouble, above=True))
        self._keys = hint_label()
        self.statusBar().addWidget(self._keys, 1)
        self.statusBar().addPermanentWidget(self.busy)
        self.statusBar().setSizeGripEnabled(False)
        self.resize(QSize(1280, 800))
        if shape := self._settings.shape("window"):
            self.restoreGeometry(shape)
        for name in ("queue", "body", "film", "inspector", "history", "time"):
            pane: Pane = getattr(self.panes, name)
            pane.wanted_changed.connect(actions[f"show_{name}"].setChecked)
        self.panes.restore(self._settings)
        actions["everybody"].setChecked(self._settings.everybody)

    def _connect(self) -> None:
        review = self.review
        review.stage_changed.connect(self._show_stage)
        review.rows_changed.connect(self._show_rows)
        review.person_changed.connect(self._show_person)
        review.step_changed.connect(self._show_step)
        review.background.working.connect(self.busy.show_progress)
        review.said.connect(lambda text: self.statusBar().showMessage(text, 8000))
        review.said.connect(self.trouble.hide)
        review.failed.connect(self.trouble.say)
        self._frames.failed.connect(self.trouble.say)
        review.opened.connect(self._frames.forget)
        review.opened.connect(self.comparison.forget)
        connect_queue(self)
        connect_picture(self)
        connect_remarks(self)
        connect_history(self)
        self.margin.boxes_known.connect(self._show_person)
        self.timeline.changed.connect(self._show_time)
        self.player.failed.connect(self.trouble.say)
        self.follower.over.connect(self._show_person)
        for view in (self.picture, self.body, self.inspector):
            view.part_chosen.connect(self._choose_part)
        self.comparison.changed.connect(self._compare)
        self.steps.stepped.connect(review.show_step)
        self.body.view_changed.connect(self._look)
        self.busy.stopped.connect(review.stop)
        self.dialogs.keys_changed.connect(self._use_keys)
        self._held.peeking.connect(self.picture.peek)
        self._held.blinking.connect(self._blink)
        self.setAcceptDrops(True)

    def _dress(self) -> None:
        dress(self.actions_by_name)
        self._mark_current()
        if self.pages.currentWidget() is self.message:
            self._show_stage()
        self._show_step()

    # mirroring the review

    def _enable(self) -> None:
        review = self.review
        opening = review.stage is Stage.OPENING  # undo would be of the project before
        there = {"project"} if review.path is not None and not opening else set()
        if review.stage is Stage.REVIEW and review.person is not None:
            there.add("person")
        if review.stage is Stage.REVIEW and review.photograph is not None:
            there.add("picture")
            if review.poses is not None:
                there.add("step")
        if self.timeline.line is not None:
            there.add("track")
        if self.player.plays:  # who is decided on is not on screen
            there -= {"person", "picture", "step"}
        enable(self.actions_by_name, there)

    def _show_time(self) -> None:
        self.panes.time.allow(self.timeline.line is not None)
        icon = theme.icon("pause" if self.player.plays else "play")
        self.actions_by_name["play"].setIcon(icon)
        self._enable()

    def _show_stage(self) -> None:
        working = self.review.stage is Stage.REVIEW
        if not working:
            fill_message(self.message, self.review, self.actions_by_name)
        self.pages.setCurrentWidget(self.panes.work if working else self.message)
        self._show_hint()
        self.panes.queue.allow(len(self.review.rows.columns) > 0)
        self.panes.inspector.allow(working)
        other = self.review.stage in (Stage.OPENING, Stage.FAILED)  # than the one that is open
        self.panes.history.allow(self.review.path is not None and not other)
        self._enable()
        if self.review.path is not None:
            self._settings.last_project = self.review.path
        self._show_title()

    def _show_hint(self) -> None:
        # to hide and show the label would draw it over a message
        working = self.review.stage is Stage.REVIEW
        self._keys.setText(key_hint(self._settings.keymap) if working else "")

    def _show_title(self) -> None:
        """Name the person once picture and body are there, or say that all are decided."""
        review = self.review
        parts = [review.path.name] if review.path is not None else []
        row = review.rows.row(review.current)
        pictured = review.photograph is not None or review.trouble
        shown = pictured and (isinstance(row, EmptyPicture) or review.poses is not None)
        if review.stage is Stage.REVIEW and row is not None and shown:
            parts.insert(0, title(row))
        elif review.stage is Stage.FINISHED:
            parts.insert(0, tr("All {count} decided", count=len(review.rows.persons)))
        self.setWindowTitle(" – ".join([*parts, "DiffAnnot"]))

    def _show_rows(self) -> None:
        self.people.show_rows(self.review.path, self.review.rows, self.review.filters)
        self.panes.queue.allow(len(self.review.rows.columns) > 0)
        self._mark_current()

    def _mark_current(self) -> None:
        rows, current = self.review.rows, self.review.current
        self.strip.show_persons(rows.together_with(current), current)
        place = self.review.rows.place(self.review.current)
        self.people.show_current(place if place >= 0 else None)

    def _show_person(self) -> None:
        review, person = self.review, self.review.person
        self._mark_current()
        self._show_title()
        self._enable()
        evidence = person.evidence if person else None
        self.comparison.follow()
        self.compare.show_picture(review.photograph, evidence.box if evidence else None)
        self.picture.show_person(review.photograph, evidence, self.margin.boxes(person))
        self.others.show(person, self.margin.boxes(person))
        self.picture.say("" if review.photograph is not None else review.trouble)
        self._late.start()
        if person is None or review.trouble:
            self.body.clear()
        self.inspector.show_person(person, no_steps(review))
        self.steps.show_person(person, review.poses, no_steps(review))
        self._show_step()

    def _say_late(self) -> None:
        """Say that the picture takes its time; most are there before."""
        review = self.review
        if review.stage is Stage.REVIEW and review.photograph is None and not review.trouble:
            self.picture.say(tr("Loading the picture…"))

    def _show_step(self) -> None:
        mixer = self.review.mixer
        rough = self._blinking and mixer.base is not None
        poses, frame = (mixer.base, 0) if rough else (mixer.poses, mixer.frame)
        self.body.show_poses(poses, no_body(self.review, self.actions_by_name))
        self.picture.show_poses(poses)
        part = "" if rough else mixer.mix.part
        for view in (self.body, self.picture):  # what is asked for last is drawn first
            view.show_step(frame, part)
        self.steps.show_mix(Mix() if rough else mixer.mix)
        self.inspector.show_body(mixer.mix, mixer.base, mixer.poses, mixer.frame)
        self.compare.show_pair()

    def _compare(self) -> None:
        self.panes.compare(self.comparison.mode is not None)
        self.compare.show_pair()

    def _choose_part(self, part: str) -> None:
        """Let the slider move a part, unless somebody else is on screen."""
        if not self.player.on:
            self.review.choose_part(part)

    def _look(self, view: str) -> None:
        """See the film strip from where the body is seen, once a hand does not turn it."""
        if view:
            self.steps.film.look(self.body.eye)
            self.compare.stage.look(self.body.eye)

    def is_settled(self) -> bool:
        """Whether all pictures of bodies show what they should."""
        views = (self.compare,) if self.comparison.mode is not None else (self.picture, self.body)
        posed = self.review.poses is None or self.review.mixer.is_posed
        posed = posed and self.others.is_settled()
        return posed and all(panel.is_settled() for panel in (*views, self.steps.film))

    # commands that need a dialog or a panel

    def tell_of_recovery(self) -> None:
        """Say, when a project is open, that nothing is lost though the window was cut off."""
        Recovery(self.review, self._store, self.news)

    def open_dialog(self) -> None:
        """Ask for a project file and open it."""
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Open project"), "", tr("DiffAnnot projects (*.diffannot)")
        )
        if name:
            self.review.open(Path(name))

    def open_sample(self) -> None:
        """Open the sample project."""
        from app.sample import sample_project

        try:
            self.review.open(sample_project())
        except (DiffAnnotError, OSError) as error:
            self.trouble.say(tr("The sample project cannot be copied: {error}", error=error))

    def accept_or_press(self) -> None:
        """Accept the shown step; but Space and Return press the button that Tab has reached."""
        focused = QApplication.focusWidget()
        if isinstance(focused, QAbstractButton) and focused.objectName() != "primary":
            focused.click()
        else:
            self.review.decider.accept_shown()

    def leave_or_stop(self) -> None:
        """Leave what the mouse does, or comparing, or else call off background work."""
        if self.timeline.leave() or self.picture.hand.leave():
            return
        if self.comparison.mode is not None:
            self.comparison.leave()
        else:
            self.review.stop()

    def _use_keys(self, keymap: Keymap) -> None:
        name_actions(self.actions_by_name, keymap)
        self._show_hint()

    def _retell(self) -> None:
        """Write in the present language, and with the present keys, what `tr` cannot reach."""
        name_actions(self.actions_by_name, self._settings.keymap)
        name_menus(self)
        self.statusBar().clearMessage()
        self._show_stage()
        self._show_rows()
        self._show_person()

    # the window itself

    def _blink(self, on: bool) -> None:
        self._blinking = on
        self._show_step()

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.arrivals.welcome(event)

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        self.arrivals.take(event)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.isVisible():
            self._dress()
        elif event.type() == QEvent.Type.LanguageChange:
            self._retell()

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        if self._closed:
            return
        self._closed = True
        self._settings.save_shape("window", self.saveGeometry())
        self.panes.save(self._settings)
        self.review.leave()
        self.timeline.close()
        self._late.stop()
        self.hide()
        self.review.stop()
        self._store.close()
        self._model.close()
        self.review.loader.close()
        self._frames.close()
        self._collector.stop()


def _ignore(_error: Exception) -> None:
    """Leave out a picture or box in the margin that cannot be read."""
