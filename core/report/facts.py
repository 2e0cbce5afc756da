"""The figures of a report that follow from lists alone: progress, steps, what machines said."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.parts import PART_NAMES
from core.project import State
from core.project.blobs import unpack_parts
from core.project.surveying import Survey, Surveyed
from core.report.agreement import Verdict, wilson


@dataclass(frozen=True)
class Progress:
    """How far the review is.

    Parameters
    ----------
    persons, images, empty_images : int
        Empty ones have nobody marked.
    annotated, refined : int
        Persons with a rough annotation, and with a trajectory.
    states : dict of str to int
        Persons in each state.
    days : dict of str to (int, int)
        Verdicts that stand, by day (UTC): looked at, and in bulk or by a script.
    frontends, refiners, recommenders : dict of str to int
        Persons by who made what is shown.
    """

    persons: int
    images: int
    empty_images: int
    annotated: int
    refined: int
    states: dict[str, int]
    days: dict[str, tuple[int, int]]
    frontends: dict[str, int]
    refiners: dict[str, int]
    recommenders: dict[str, int]

    @property
    def decided(self) -> int:
        """Persons who are accepted or rejected."""
        return self.states[State.ACCEPTED] + self.states[State.REJECTED]


@dataclass(frozen=True)
class Steps:
    """Which step wins, among the accepted persons who have a trajectory.

    Parameters
    ----------
    last : int
        N of the longest trajectory.
    chosen, suggested : list of int, N+1 long
        Persons by the step that was accepted, and by the one that was suggested.
    outcomes : dict of str to int
        What became of the suggestion, of those who were looked at: "taken", "Θ1 kept", "other
        step", "by part".
    taken : tuple of float or None
        Share of suggestions taken by those who looked, and its 95 % interval; None of nobody.
    unseen : int
        Persons accepted in bulk or by a script, who are not among `outcomes`.
    """

    last: int
    chosen: list[int]
    suggested: list[int]
    outcomes: dict[str, int]
    taken: tuple[float, float, float] | None
    unseen: int


@dataclass(frozen=True)
class Promise:
    """What the recommender expects of parts of the body, over all persons with a suggestion.

    Parameters
    ----------
    persons : int
        How many of them have suggestions for parts.
    body : float
        Mean expected gain of the whole body's step, mm.
    gains : dict of str to float
        Mean further gain of each part's own step, mm over all joints.
    own_steps : dict of str to int
        Accepted persons in whom the part comes from a step of its own.
    """

    persons: int
    body: float
    gains: dict[str, float]
    own_steps: dict[str, int]


TAKEN, KEPT, OTHER, BY_PART = "taken", "Θ1 kept", "other step", "by part"


def progress(survey: Survey, verdicts: Iterable[Verdict]) -> Progress:
    """Count persons and verdicts."""
    persons = survey.persons
    states = Counter(each.state for each in persons)
    return Progress(
        len(persons),
        survey.images,
        survey.empty_images,
        sum(each.frontend is not None for each in persons),
        sum(each.run_id is not None for each in persons),
        {state.value: states[state.value] for state in State},
        _days(verdicts),
        _counted(each.frontend for each in persons),
        _counted(each.refiner for each in persons),
        _counted(each.recommender for each in persons),
    )


def steps(persons: Sequence[Surveyed], verdicts: Iterable[Verdict]) -> Steps:
    """Count which steps were accepted, and what became of the suggestions."""
    seen = {each.person_id: each.seen for each in verdicts if each.kind == "accept"}
    accepted = [
        each for each in persons if each.state == State.ACCEPTED and each.run_id is not None
    ]
    last = max((each.steps or 0 for each in accepted), default=0)
    chosen, suggested = [0] * (last + 1), [0] * (last + 1)
    outcomes = dict.fromkeys((TAKEN, KEPT, OTHER, BY_PART), 0)
    unseen = 0
    for each in accepted:
        chosen[each.chosen_step or 0] += 1
        suggested[each.suggested_step or 0] += 1
        if seen.get(each.id, False):
            outcomes[_outcome(each)] += 1
        else:
            unseen += 1
    looked = sum(outcomes.values())
    taken = wilson(outcomes[TAKEN], looked) if looked else None
    return Steps(last, chosen, suggested, outcomes, taken, unseen)


def promise(persons: Sequence[Surveyed]) -> Promise:
    """Average what is expected of the whole body's step, and of each part's own beside it."""
    body, gains, of_parts, suggested = 0.0, dict.fromkeys(PART_NAMES, 0.0), 0, 0
    own = dict.fromkeys(PART_NAMES, 0)
    for each in persons:
        if each.expected_gain is not None:
            body += each.expected_gain
            suggested += 1
        if each.parts:
            parts = unpack_parts(each.parts, f"run {each.run_id}")
            of_parts += bool(parts)
            for part in parts:
                gains[part.part] += part.expected_gain
        if each.state == State.ACCEPTED and each.chosen_parts:
            for part_name, step in json.loads(each.chosen_parts).items():
                own[part_name] += step != each.chosen_step
    means = {name: total / max(of_parts, 1) for name, total in gains.items()}
    return Promise(of_parts, body / max(suggested, 1), means, own)


def _outcome(person: Surveyed) -> str:
    step, parts = person.chosen_step, json.loads(person.chosen_parts or "{}")
    if any(own != step for own in parts.values()):
        return BY_PART
    if step == person.suggested_step:
        return TAKEN
    return OTHER if step else KEPT


def _days(verdicts: Iterable[Verdict]) -> dict[str, tuple[int, int]]:
    days: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in verdicts:
        days[each.time[:10]][not each.seen] += 1
    return {day: (seen, unseen) for day, (seen, unseen) in sorted(days.items())}


def _counted(names: Iterable[str | None]) -> dict[str, int]:
    return dict(Counter(name for name in names if name).most_common())
