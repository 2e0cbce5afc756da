"""What the window says when there is nobody, no body or no trajectory to show."""

from PySide6.QtGui import QAction, QKeySequence

from app.i18n import tr
from app.panels.message import MessagePanel
from app.panels.people_list import LOOKS
from app.review import Review, Stage
from app.said import heard
from core.project import State


def fill_message(panel: MessagePanel, review: Review, actions: dict[str, QAction]) -> None:
    """Say in a panel what a review is about."""
    match review.stage:
        case Stage.NONE:
            panel.say(
                "folder-open-outline",
                "accent",
                tr("No project is open"),
                tr(
                    "Drop a folder of pictures or a data set anywhere on this window: a project is "
                    "made beside it. Or open a .diffannot file, or have a look at the sample."
                ),
                [actions["new_project"], actions["open"], actions["open_sample"]],
            )
        case Stage.OPENING:
            panel.say(
                "timer-sand",
                "muted",
                tr("Opening {name}…", name=review.opening.name),
                tr(
                    "Its list is read, and a file of an older version is brought up to date. "
                    "Where another program is writing to it, this waits for that."
                ),
            )
        case Stage.FAILED:
            panel.say(
                "alert-circle-outline",
                "bad",
                tr("The project cannot be opened"),
                review.failure,
                [actions["open"], actions["open_sample"]],
            )
        case Stage.EMPTY:
            panel.say(
                "account-search-outline",
                "accent",
                tr("Nobody is in this project yet"),
                tr(
                    "Annotate everyone looks for people in its pictures and annotates them; or "
                    "pick a picture and draw a box ({draw}). More pictures, and data sets that "
                    "know where people are, can be dropped on this window.",
                    draw=_key(actions["draw"]),
                ),
                [actions["annotate_all"], actions["import"]],
            )
        case Stage.FINISHED:
            panel.say(
                "check-decagram",
                "good",
                tr("All {count} decided", count=len(review.rows.persons)),
                _tally(review),
                [actions["export"], actions["undo"]],
            )


def no_body(review: Review, actions: dict[str, QAction]) -> str:
    """Say why no body is shown, and what to do."""
    person = review.person
    keys = {name: _key(actions[name]) for name in ("draw", "place", "reject")}
    by_hand = tr("{draw} draws a better box, {place} places a body by hand, {reject} rejects.")
    by_hand = by_hand.format(**keys)
    if review.trouble:
        there = person is not None and person.theta1 is not None
        trouble = tr("{what}.", what=review.trouble)
        return review.trouble if there else f"{trouble}\n\n{by_hand}"
    if review.picture is not None:
        nobody = tr("Nobody is marked in this picture.")
        return f"{nobody}\n\n{tr('{draw}, then drag a box around a person.', draw=keys['draw'])}"
    if person is None or person.theta1 is not None:
        return tr("Loading the body…")
    if review.background.is_annotating(person.row.id):
        return tr("Looking for the body…")
    note = heard(person.row.note) or tr("No body yet")
    return f"{tr('{what}.', what=note[:1].upper() + note[1:])}\n\n{by_hand}"


def no_steps(review: Review) -> str:
    """Say what is waited for where there is no trajectory."""
    person = review.person
    if person is None:
        return tr("Loading…") if review.picture is None else tr("Nobody here yet")
    if review.background.is_annotating(person.row.id):
        return tr("Working out the steps…")
    return tr("No steps yet") if person.theta1 is None else tr("Rough annotation, not refined")


def _tally(review: Review) -> str:
    counts = {state: review.rows.count(state) for state in State}
    parts = [f"{count} {tr(LOOKS[state][2])}" for state, count in counts.items() if count]
    rest = tr("Everything is saved; pick anyone in the list to look again.")
    return f"{', '.join(parts)}\n{rest}"


def _key(action: QAction) -> str:
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
