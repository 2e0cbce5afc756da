"""One `.diffannot` file: images, persons, evidence, Θ1, runs, and the journal of decisions."""

from core.project.decisions import (
    Accept,
    AcceptTheta1,
    AddPerson,
    AskSecond,
    Bulk,
    Decision,
    Flag,
    MoveBox,
    MoveKeypoint,
    Pick,
    Place,
    Reject,
    Remark,
    Remove,
    Single,
    Tag,
)
from core.project.journal import Act, JournalEntry
from core.project.project import SUFFIX, Project
from core.project.reading import RunKey
from core.project.values import HAND, ImageRow, Person, PersonRow, Run, Source, State

__all__ = [
    "HAND",
    "SUFFIX",
    "Accept",
    "AcceptTheta1",
    "Act",
    "AddPerson",
    "AskSecond",
    "Bulk",
    "Decision",
    "Flag",
    "ImageRow",
    "JournalEntry",
    "MoveBox",
    "MoveKeypoint",
    "Person",
    "PersonRow",
    "Pick",
    "Place",
    "Project",
    "Reject",
    "Remark",
    "Remove",
    "Run",
    "RunKey",
    "Single",
    "Source",
    "State",
    "Tag",
]
