"""The reviewer's acts: frozen values that say in words what they do.

A new one is a class here, its name in `KINDS`, and what follows from it in `deciding`. How a field
is written down is in `wire`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from core.errors import InvalidAnnotation
from core.evidence import Box
from core.pose import PARTS, Parameters


@dataclass(frozen=True)
class Accept:
    """Accept a step of a run; step 0 keeps Θ1. Parts named in `parts` come from steps of theirs."""

    person_id: int
    run_id: int
    step: int
    parts: Mapping[str, int] = field(default_factory=dict)
    deed: ClassVar[str] = "accepted"

    def __post_init__(self) -> None:
        _check_parts(self.parts)

    def describe(self) -> str:
        """Say what was decided."""
        kept = self.step == 0 and not self.parts
        what = "kept step 0" if kept else f"accepted {steps_in_words(self.step, self.parts)}"
        return f"{what} of person {self.person_id}"


@dataclass(frozen=True)
class Pick:
    """Choose a step, and steps of parts, without a verdict: the person stays undecided."""

    person_id: int
    run_id: int
    step: int
    parts: Mapping[str, int] = field(default_factory=dict)
    deed: ClassVar[str] = "picked steps of"

    def __post_init__(self) -> None:
        _check_parts(self.parts)

    def describe(self) -> str:
        """Say what was picked."""
        return f"picked {steps_in_words(self.step, self.parts)} of person {self.person_id}"


@dataclass(frozen=True)
class Steady(Pick):
    """Choose the step of a run that steadies the person's track, without a verdict."""

    deed: ClassVar[str] = "steadied"

    def describe(self) -> str:
        """Say who was steadied."""
        return f"steadied person {self.person_id}"


@dataclass(frozen=True)
class AcceptTheta1:
    """Accept a rough annotation that needs no run."""

    person_id: int
    theta1_id: int
    deed: ClassVar[str] = "accepted"

    def describe(self) -> str:
        """Say what was decided."""
        return f"accepted the rough annotation of person {self.person_id}"


@dataclass(frozen=True)
class Reject:
    """Leave a person out of the dataset."""

    person_id: int
    deed: ClassVar[str] = "rejected"

    def describe(self) -> str:
        """Say what was decided."""
        return f"rejected person {self.person_id}"


@dataclass(frozen=True)
class Flag:
    """Put a person aside for someone else."""

    person_id: int
    deed: ClassVar[str] = "flagged"

    def describe(self) -> str:
        """Say what was decided."""
        return f"flagged person {self.person_id}"


@dataclass(frozen=True)
class AskSecond:
    """Ask for a second opinion on a person."""

    person_id: int
    deed: ClassVar[str] = "asked for a second opinion on"

    def describe(self) -> str:
        """Say what was decided."""
        return f"asked for a second opinion on person {self.person_id}"


@dataclass(frozen=True, eq=False)
class Place:
    """Place or move the body by hand: a new Θ1; the person is undecided again."""

    person_id: int
    parameters: Parameters
    deed: ClassVar[str] = "placed the bodies of"

    def describe(self) -> str:
        """Say what was decided."""
        return f"placed the body of person {self.person_id} by hand"


@dataclass(frozen=True)
class Remark:
    """Write down what the reviewer has to say on a person; empty takes it back."""

    person_id: int
    text: str
    deed: ClassVar[str] = "wrote notes on"

    def describe(self) -> str:
        """Say what was written."""
        if not self.text:
            return f"took the note off person {self.person_id}"
        short = " ".join(self.text.split())
        short = short if len(short) <= 40 else f"{short[:39]}…"
        return f"noted “{short}” on person {self.person_id}"


@dataclass(frozen=True)
class Tag:
    """Give a person these tags and no others; a tag is a word without spaces.

    Raises
    ------
    InvalidAnnotation
        A tag is empty or holds a space.
    """

    person_id: int
    tags: tuple[str, ...]
    deed: ClassVar[str] = "tagged"

    def __post_init__(self) -> None:
        for tag in self.tags:
            if tag.split() != [tag]:
                raise InvalidAnnotation(f"“{tag}” is no tag", "A tag is one word without spaces")
        object.__setattr__(self, "tags", tuple(sorted(set(self.tags))))

    def describe(self) -> str:
        """Say what was tagged."""
        if not self.tags:
            return f"took all tags off person {self.person_id}"
        return f"tagged {', '.join(self.tags)}: person {self.person_id}"


@dataclass(frozen=True)
class AddPerson:
    """Add a human by a box in a picture; id and number are the next ones free."""

    person_id: int
    image_id: int
    number: int
    box: Box
    deed: ClassVar[str] = "added"

    def describe(self) -> str:
        """Say who was added."""
        return f"drew the box of person {self.person_id}"


@dataclass(frozen=True)
class MoveBox:
    """Move or resize a person's box."""

    person_id: int
    box: Box
    deed: ClassVar[str] = "moved the boxes of"

    def describe(self) -> str:
        """Say what was moved."""
        return f"moved the box of person {self.person_id}"


@dataclass(frozen=True)
class Remove:
    """Take a person's box out of the picture: there is nobody there."""

    person_id: int
    deed: ClassVar[str] = "removed"

    def describe(self) -> str:
        """Say who was removed."""
        return f"removed person {self.person_id}"


@dataclass(frozen=True)
class MoveKeypoint:
    """Put one keypoint, counted from 0 in its convention, at a pixel; it is sure from then on."""

    person_id: int
    keypoints_id: int
    index: int
    x: float
    y: float
    deed: ClassVar[str] = "moved keypoints of"

    def describe(self) -> str:
        """Say what was moved."""
        return f"moved a keypoint of person {self.person_id}"


@dataclass(frozen=True)
class PutOnTrack:
    """Say who a person is over the frames of a sequence; an empty track is none."""

    person_id: int
    track: str
    deed: ClassVar[str] = "changed the tracks of"

    def describe(self) -> str:
        """Say where the person was put."""
        if not self.track:
            return f"took person {self.person_id} off its track"
        return f"put person {self.person_id} on track {self.track}"


Single = (
    Accept | Pick | Steady | AcceptTheta1 | Reject | Flag | AskSecond | Place | Remark | Tag
    | AddPerson | MoveBox | Remove | MoveKeypoint | PutOnTrack
)  # fmt: skip
"""A decision on one person."""


@dataclass(frozen=True)
class Bulk:
    """Decisions on many persons as one: made, undone and redone together.

    Raises
    ------
    InvalidAnnotation
        There is none.
    """

    decisions: tuple[Single, ...]

    def __post_init__(self) -> None:
        if not self.decisions:
            raise InvalidAnnotation("A bulk decision needs persons", "Select some")

    @property
    def person_id(self) -> int:
        """The first person."""
        return self.decisions[0].person_id

    def describe(self) -> str:
        """Say what was decided, and on how many."""
        deeds = {decision.deed for decision in self.decisions}
        return bulk_in_words(deeds.pop() if len(deeds) == 1 else "", len(self.decisions))


Decision = Single | Bulk

KINDS: dict[str, type[Single]] = {
    "accept": Accept,
    "pick": Pick,
    "steady": Steady,
    "accept_theta1": AcceptTheta1,
    "reject": Reject,
    "flag": Flag,
    "ask_second": AskSecond,
    "place": Place,
    "remark": Remark,
    "tag": Tag,
    "add_person": AddPerson,
    "move_box": MoveBox,
    "remove": Remove,
    "move_keypoint": MoveKeypoint,
    "put_on_track": PutOnTrack,
}
"""Name of each decision in the journal."""


VERDICTS = (Accept, AcceptTheta1, Reject, Flag, AskSecond)
"""Decisions that say what becomes of a person."""

STANDINGS = (*VERDICTS, Pick, Place)
"""Decisions of which the last says where a person stands."""


def singles(decision: Decision) -> tuple[Single, ...]:
    """Return the decisions on one person each that a decision is made of."""
    return decision.decisions if isinstance(decision, Bulk) else (decision,)


def steps_in_words(step: int, parts: Mapping[str, int]) -> str:
    """Say which step, and which parts come from others."""
    mixed = ", ".join(f"{part} {own}" for part, own in parts.items())
    return f"step {step} ({mixed})" if mixed else f"step {step}"


def bulk_in_words(deed: str, persons: int) -> str:
    """Say what was done to how many; without a deed they were of several kinds."""
    return f"{deed or 'decided on'} {persons} person{'s' if persons != 1 else ''}"


def _check_parts(parts: Mapping[str, int]) -> None:
    for part in parts:
        if part not in PARTS:
            raise InvalidAnnotation(f"There is no part {part}", f"Parts: {', '.join(PARTS)}")
