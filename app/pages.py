"""What the window says when there is nobody, no body or no trajectory to show."""

from PySide6.QtGui import QAction

from app.panels.message import MessagePanel
from app.review import Review, Stage
from core.project import State


def fill_message(panel: MessagePanel, review: Review, actions: dict[str, QAction]) -> None:
    """Say in a panel what a review is about."""
    match review.stage:
        case Stage.NONE:
            panel.say(
                "folder-open-outline",
                "accent",
                "No project is open",
                "Open a .diffannot file, or have a look at the sample. A project of your own "
                "pictures is made with\ndiffannot new my_project --images folder",
                [actions["open"], actions["open_sample"]],
            )
        case Stage.OPENING:
            panel.say("timer-sand", "muted", "Opening…", "")
        case Stage.FAILED:
            panel.say(
                "alert-circle-outline",
                "bad",
                "The project cannot be opened",
                review.failure,
                [actions["open"], actions["open_sample"]],
            )
        case Stage.EMPTY:
            panel.say(
                "account-search-outline",
                "accent",
                "Nobody is in this project yet",
                "Annotate everyone looks for people in its pictures and annotates them; or pick a "
                "picture and draw a box (D). Pictures and boxes are added with\n"
                "diffannot import PROJECT FILE",
                [actions["annotate_all"], actions["open"]],
            )
        case Stage.FINISHED:
            panel.say(
                "check-decagram",
                "good",
                f"All {len(review.rows.persons)} decided",
                _tally(review),
                [actions["export"], actions["undo"]],
            )


def no_body(review: Review) -> str:
    """Say why no body is shown, and what to do."""
    person = review.person
    by_hand = "D draws a better box, Ctrl+P places a body by hand, R rejects."
    if review.trouble:
        there = person is not None and person.theta1 is not None
        return review.trouble if there else f"{review.trouble}.\n\n{by_hand}"
    if review.picture is not None:
        return "Nobody is marked in this picture.\n\nD, then drag a box around a person."
    if person is None or person.theta1 is not None:
        return "Loading the body…"
    if review.background.is_annotating(person.row.id):
        return "Looking for the body…"
    note = person.row.note or "No body yet"
    return f"{note[:1].upper()}{note[1:]}.\n\n{by_hand}"


def no_steps(review: Review) -> str:
    """Say what is waited for where there is no trajectory."""
    person = review.person
    if person is None:
        return "Loading…" if review.picture is None else "Nobody here yet"
    if review.background.is_annotating(person.row.id):
        return "Working out the steps…"
    return "No steps yet" if person.theta1 is None else "Rough annotation, not refined"


def _tally(review: Review) -> str:
    counts = {state: review.rows.count(state) for state in State}
    parts = [f"{count} {state.value}" for state, count in counts.items() if count]
    return f"{', '.join(parts)}. Everything is saved; pick anyone in the list to look again."
