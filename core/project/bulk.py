"""The same decision on many persons, in one entry of the journal."""

from collections.abc import Iterable
from enum import StrEnum

from core.errors import ProjectError
from core.project.decisions import Accept, AskSecond, Bulk, Decision, Flag, Reject, Single, Tag
from core.project.values import PersonRow


class Verb(StrEnum):
    """What can be decided on many at once."""

    ACCEPT_SUGGESTED = "accept the suggestion of"
    REJECT = "reject"
    FLAG = "flag"
    ASK_SECOND = "ask for a second opinion on"
    TAG = "tag"
    UNTAG = "untag"


def on_many(rows: Iterable[PersonRow], verb: Verb, tag: str = "") -> Decision:
    """Return one decision on all of the persons whom it would change.

    Raises
    ------
    ProjectError
        It would change nobody: none has a suggestion, or all are tagged so.
    """
    decisions = [one for row in rows if (one := _on_one(row, verb, tag)) is not None]
    if not decisions:
        raise ProjectError(f"There is nobody to {verb}", "Select others")
    return decisions[0] if len(decisions) == 1 else Bulk(tuple(decisions))


def _on_one(row: PersonRow, verb: Verb, tag: str) -> Single | None:
    match verb:
        case Verb.ACCEPT_SUGGESTED:
            if row.run_id is None or row.suggested_step is None:
                return None
            return Accept(row.id, row.run_id, row.suggested_step)
        case Verb.REJECT:
            return Reject(row.id)
        case Verb.FLAG:
            return Flag(row.id)
        case Verb.ASK_SECOND:
            return AskSecond(row.id)
        case Verb.TAG:
            return None if tag in row.tags else Tag(row.id, (*row.tags, tag))
        case Verb.UNTAG:
            kept = tuple(each for each in row.tags if each != tag)
            return Tag(row.id, kept) if tag in row.tags else None
