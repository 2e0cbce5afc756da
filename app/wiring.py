"""What panels ask of the review, and what they are told besides: connections, nothing else."""

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.window import MainWindow


def connect_queue(window: "MainWindow") -> None:
    """Let the queue choose, filter and decide on many; give it its small pictures."""
    review, people, margin = window.review, window.people, window.margin
    people.picked.connect(review.select)
    people.selected.connect(partial(setattr, review, "selected"))
    people.view_wanted.connect(review.arrange)
    people.filter_kept.connect(review.keep_filter)
    people.bulk_wanted.connect(review.decider.decide_on_selected)
    review.decider.decided.connect(people.unselect)
    people.model.thumbnail_wanted.connect(
        lambda row: margin.read_thumbnail(row, window.devicePixelRatioF())
    )
    margin.thumbnail.connect(people.model.set_thumbnail)


def connect_picture(window: "MainWindow") -> None:
    """Let the mouse in the picture go to persons, move bodies, draw and adjust boxes."""
    review, picture, actions = window.review, window.picture, window.actions_by_name
    decider, adjuster = review.decider, picture.hand.adjuster
    for place in (picture.box_clicked, window.strip.picked):
        place.connect(review.select)
    picture.body_moved.connect(decider.correct)
    picture.box_drawn.connect(decider.add_person)
    picture.drawing_changed.connect(actions["draw"].setChecked)
    adjuster.switched.connect(actions["adjust"].setChecked)
    adjuster.box_moved.connect(decider.move_box)
    adjuster.keypoint_moved.connect(decider.move_keypoint)
    review.leaving.connect(adjuster.settle)
    decider.refused.connect(adjuster.put_back)
    window.others.changed.connect(picture.show_others)
    window.others.told.connect(window.strip.say)


def connect_remarks(window: "MainWindow") -> None:
    """Have tags and notes written down, at the latest when the person is left."""
    review, remarks = window.review, window.inspector.remarks
    remarks.tagged.connect(review.decider.tag)
    remarks.noted.connect(review.decider.remark)
    review.leaving.connect(remarks.commit)


def connect_history(window: "MainWindow") -> None:
    """Let the history follow what is written, and go back and forth in it."""
    review, history = window.review, window.history
    history.jump_wanted.connect(review.decider.jump)
    history.person_wanted.connect(review.select)
    review.opened.connect(history.model.begin)
    review.decider.wrote.connect(history.model.took)
