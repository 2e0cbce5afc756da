"""The cases where our refiner with its suggestion failed worst, drawn on one sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from core.body import BodyModel, load_body
from core.formats.files import replacing
from core.images import read_image
from core.pose import Parameters
from core.preview import INK, PAPER, QUIET, TILE, beside, cut, over
from core.refiners import DEFAULT_REFINER
from core.render import Renderer
from training.bench.contest.conditions import CLICKED
from training.bench.contest.judging import SUGGESTED, Arm, Judged, Judging, Task
from training.bench.contest.people import Person, truth_of
from training.bench.contest.running import Contest
from training.bench.report import WORSE
from training.errors import STRANGE

HARMED, LEFT = 5, 5
"""Those that lost most, and those that are most wrong at the end."""
SMALL = (TILE[0] * 2 // 3, TILE[1] * 2 // 3)
HEAD, GAP, COLUMNS = 40, 6, 2
WORDS = ("picture", "rough", "suggested", "truth", "side: rough", "side: suggested", "side: truth")


@dataclass(frozen=True, eq=False)
class Case:
    """A failure.

    Parameters
    ----------
    source : str
        The frontend.
    person : Person
        Whose.
    judged : Judged
        What happened.
    why : str
        What it is the worst of.
    """

    source: str
    person: Person
    judged: Judged
    why: str

    @property
    def words(self) -> str:
        """Numbers of the case."""
        one = self.judged
        step, first = one.steps[SUGGESTED], one.curve[0]
        return (
            f"{one.group.rpartition('/')[2]}: {first:.0f} to {one.curve[step]:.0f} mm at step "
            f"{step} (promised {one.promised:.0f}), best {one.curve.min():.0f} at "
            f"{one.curve.argmin()}"
        )


def cases(contest: Contest, condition: str = CLICKED) -> list[Case]:
    """Return the people of frontends that lost most, then those that are left most wrong."""
    found: list[tuple[float, float, Case]] = []
    for source, people in contest.sources.test.items():
        if source in STRANGE:
            continue
        by_name = {one.name: one for one in people}
        for judged in contest.cells.get((source, condition, DEFAULT_REFINER), []):
            after = float(judged.curve[judged.steps[SUGGESTED]])
            case = Case(source, by_name[judged.name], judged, "")
            found.append((after - float(judged.curve[0]), after, case))
    harmed = [each for each in sorted(found, key=lambda each: -each[0]) if each[0] > WORSE][:HARMED]
    taken = {id(case) for _, _, case in harmed}
    left = [each for each in sorted(found, key=lambda each: -each[1]) if id(each[2]) not in taken]
    named = [(each[2], "lost most") for each in harmed]
    named += [(each[2], "left most wrong") for each in left[: HARMED + LEFT - len(harmed)]]
    return [Case(one.source, one.person, one.judged, why) for one, why in named]


def draw_worst(contest: Contest, path: Path) -> list[Case]:
    """Draw the worst cases onto one sheet, refined once more, and return them.

    Raises
    ------
    RenderError
        There is no OpenGL.
    UnwritableOutput
        The file cannot be written.
    """
    body, chosen = load_body(), cases(contest)
    judging, arm = Judging(body), Arm(DEFAULT_REFINER, DEFAULT_REFINER)
    strips = []
    with Renderer() as renderer:
        for case in chosen:
            task = Task(arm, case.source, CLICKED, (case.person,))
            ((trajectory, _),) = judging.refine(task)
            suggested = trajectory.steps[case.judged.steps[SUGGESTED]]
            strips.append(_strip(case, suggested, body, renderer))
    with replacing(path) as file:
        _sheet(strips).save(file, "PNG", optimize=True)
    return chosen


def _strip(case: Case, suggested: Parameters, body: BodyModel, renderer: Renderer) -> Image.Image:
    """Draw one case: the picture, three bodies over it, and the three from the side."""
    person, truth = case.person, truth_of(case.person.sample)
    assert truth is not None and person.sample.image is not None
    picture = cut(Image.fromarray(read_image(person.sample.image)), person.box)
    bodies = (person.theta1, suggested, truth)
    views = [picture, *(over(picture, person.box, one, body, renderer) for one in bodies)]
    views += [beside(one, body, renderer) for one in bodies]
    strip = Image.new("RGB", (len(views) * (SMALL[0] + GAP), SMALL[1] + HEAD), PAPER)
    draw = ImageDraw.Draw(strip)
    title = f"{case.source}, {case.why}. {case.words}"
    draw.text((0, 2), title, INK, ImageFont.load_default(15))
    for number, (view, word) in enumerate(zip(views, WORDS, strict=True)):
        left = number * (SMALL[0] + GAP)
        draw.text((left, 21), word, QUIET, ImageFont.load_default(13))
        strip.paste(view.resize(SMALL, Image.Resampling.LANCZOS), (left, HEAD))
    return strip


def _sheet(strips: Sequence[Image.Image]) -> Image.Image:
    if not strips:
        return Image.new("RGB", SMALL, PAPER)
    width, height = strips[0].width + 3 * GAP, strips[0].height + 2 * GAP
    rows = -(-len(strips) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * width + GAP, rows * height + GAP), PAPER)
    for number, strip in enumerate(strips):
        column, row = divmod(number, rows)
        sheet.paste(strip, (GAP + column * width, GAP + row * height))
    return sheet
