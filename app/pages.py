"""What the window says when there is nobody to show."""

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


def _tally(review: Review) -> str:
    states = (State.ACCEPTED, State.REJECTED, State.FLAGGED)
    counts = {state: review.rows.count(state) for state in states}
    parts = [f"{count} {state.value}" for state, count in counts.items() if count]
    return f"{', '.join(parts)}. Everything is saved; pick anyone in the list to look again."
