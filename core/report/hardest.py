"""The persons who need another look most, and small pictures of them."""

import base64
import io
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import TYPE_CHECKING

from PIL import Image

from core.errors import DiffAnnotError, RenderError
from core.images import read_image
from core.parts import compose
from core.progress import CancelToken, Progress
from core.project import Person, Project, State
from core.project.decisions import KINDS, VERDICTS
from core.project.surveying import Line, Surveyed
from core.report.looking import shown_step
from core.report.markup import percent

if TYPE_CHECKING:
    from core.body import BodyModel
    from core.render import Renderer

MOST = 12
SMALL = (210, 280)
"""Width and height of a picture, pixels."""

_WAITING = {
    State.FLAGGED.value: "flagged",
    State.SECOND_OPINION.value: "waits for a second opinion",
}


@dataclass(frozen=True)
class Hard:
    """One of them.

    Parameters
    ----------
    id, name, state, tags, remark
        As of `PersonRow`.
    why : tuple of str
        What makes them hard.
    score : float or None
        2D error of the step that is shown, share of the box side.
    before, after : str
        JPEG as a data URL: Θ1 and the step that is shown over the picture; empty where there is
        no picture or no body.
    shown : str
        Which step that is, or why there is no picture.
    """

    id: int
    name: str
    state: str
    tags: str
    remark: str
    why: tuple[str, ...]
    score: float | None
    before: str
    after: str
    shown: str


def hardest(persons: Sequence[Surveyed], lines: Iterable[Line]) -> list[tuple[Surveyed, list[str]]]:
    """Return who is hardest and why: disputed, waiting, decided again, missed, far off.

    Rejected persons are done with, unless reviewers differ on them.
    """
    verdicts = {name for name, kind in KINDS.items() if kind in VERDICTS}
    times = Counter(
        (line.who, line.person_id) for line in lines if line.kind in verdicts and not line.bulk
    )
    again = {person_id for (_, person_id), count in times.items() if count > 1}
    ranked = []
    for each in persons:
        if each.state == State.REJECTED and not each.disputed:
            continue
        reasons = (
            ("reviewers differ", bool(each.disputed)),
            (_WAITING.get(each.state, ""), each.state in _WAITING),
            ("decided again by the same reviewer", each.id in again),
            (each.note, bool(each.note) and each.run_id is None),
        )
        why = [words for words, so in reasons if so]
        if each.score is not None:
            why.append(f"Θ1 is {percent(each.score, 1)} off")
        if why:
            ranked.append(([not so for _, so in reasons], -(each.score or 0), each.id, each, why))
    return [(each, why) for *_, each, why in nsmallest(MOST, ranked)]


def portraits(
    project: Project,
    who: Sequence[tuple[Surveyed, list[str]]],
    body: "BodyModel",
    cancel: CancelToken,
) -> Generator[Progress, None, list[Hard]]:
    """Draw them; where nothing can be drawn the picture stays without a body."""
    if not who:
        return []
    from core.render import Renderer

    found = []
    with Renderer() as renderer:
        for number, (each, why) in enumerate(who):
            cancel.check()
            yield Progress(number, len(who), f"drawing {each.image}")
            found.append(_portrait(project, each, why, body, renderer))
    return found


def _portrait(
    project: Project, each: Surveyed, why: list[str], body: "BodyModel", renderer: "Renderer"
) -> Hard:
    score, before, after, shown = None, "", "", ""
    try:
        person = project.person(each.id)
        step, parts = shown_step(person)
        if person.run is not None and not parts:
            value = float(person.run.scores[step])
            score = value if value == value else None
        before, after = _drawn(person, body, renderer)
        accepted = person.row.state is State.ACCEPTED
        shown = f"{'accepted' if accepted else 'suggested'} step {step}" if person.run else ""
        shown += ", some parts from others" if parts else ""
    except DiffAnnotError as error:
        shown = error.message
    name = f"{each.image} · {each.number}"
    return Hard(
        each.id, name, each.state, each.tags, each.remark, tuple(why), score, before, after, shown
    )


def _drawn(person: Person, body: "BodyModel", renderer: "Renderer") -> tuple[str, str]:
    from core.preview import cut, over

    box = person.evidence.box
    picture = cut(Image.fromarray(read_image(person.image_path, person.image_sha256)), box)
    if person.theta1 is None:
        return _url(picture), ""
    step, parts = shown_step(person)
    bodies = [person.theta1]
    if person.run is not None:
        bodies.append(compose(person.run.trajectory, parts, step))
    try:
        urls = [_url(over(picture, box, one, body, renderer)) for one in bodies]
    except RenderError:
        return _url(picture), ""
    return urls[0], urls[1] if len(urls) > 1 else ""


def _url(picture: Image.Image) -> str:
    file = io.BytesIO()
    picture.convert("RGB").resize(SMALL, Image.Resampling.LANCZOS).save(file, "JPEG", quality=82)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
