"""Figures: what is in them, and that they open again."""

import errno
import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image

from core.body import BodyModel, load_body
from core.camera import Camera
from core.errors import InvalidAnnotation, ProjectError, UnreadableInput, UnwritableOutput
from core.evidence import Box, Evidence, Keypoints2D
from core.figures import FIGURES, Style, curve, denoising
from core.figures.page import Page
from core.figures.studio import Section, Studio, cut, holding
from core.figures.subject import Subject, subject_of
from core.jobs import Report, finish
from core.jobs.illustrating import illustrate
from core.pose import JOINTS, PARTS, Parameters
from core.project import Accept, Project, Source
from core.render import Renderer
from core.trajectory import Suggestion, Trajectory

SIZE = 320, 240
STEPS, CHOSEN = 9, 6
ELBOW = JOINTS.index("right_elbow") - 1
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body()


@pytest.fixture(scope="module")
def studio(body: BodyModel) -> Any:
    with Renderer() as renderer:
        yield Studio(body, renderer)


def trajectory() -> Trajectory:
    """Bend the right elbow, 0.15 radians a step."""
    pose = np.zeros((STEPS + 1, 23, 3), np.float32)
    pose[:, ELBOW, 1] = 0.15 * np.arange(STEPS + 1)
    steps = Parameters(
        global_orient=np.tile(np.float32([np.pi, 0, 0]), (STEPS + 1, 1)),
        body_pose=pose,
        betas=np.zeros((STEPS + 1, 10), np.float32),
        transl=np.tile(np.float32([0, 0.2, 4]), (STEPS + 1, 1)),
        camera=Camera.assumed(*SIZE),
    )
    return Trajectory(steps, np.arange(STEPS + 1, dtype=np.float32), "bent")


def scores() -> Any:
    return np.linspace(0.08, 0.02, STEPS + 1, dtype=np.float32)


@pytest.fixture
def project(tmp_path: Path) -> Any:
    with Project.create(tmp_path / "bent.diffannot") as made:
        image = Image.effect_noise(SIZE, 60).convert("RGB")
        image.save(tmp_path / "field.png")
        image_id = made.add_image(tmp_path / "field.png")
        for number in range(2):
            person = made.add_person(image_id, Box(100.0 + number, 20, 90, 200))
            path = trajectory()
            theta1 = made.add_theta1(person, path.steps[0], Source("by hand"))
            run = made.add_run(
                person, theta1, path, scores(), Suggestion(3, 1.0, "so"), "w" * 64, 7, "b"
            )
            made.decide(Accept(person, run, CHOSEN))
        made.add_person(image_id, Box(10, 10, 30, 30))
        yield made


def draw(
    project: Project, name: str, body: BodyModel, figure: str = "comparison", **how: Any
) -> Path:
    out = project.path.parent / name
    persons = how.pop("persons", ())
    style = Style(**({"width": 30.0} | how))
    assert finish(illustrate(project, out, figure, persons, None, style, body)).failures == ()
    return out


def made_of(out: Path) -> Any:
    """Read where a figure is from."""
    if out.suffix == ".png":
        with Image.open(out) as image:
            return json.loads(image.info["Description"])
    if out.suffix == ".svg":
        described = "".join(
            each.text or "" for each in ElementTree.parse(out).iter() if "description" in each.tag
        )
        return json.loads(described)
    if out.suffix == ".pdf":
        found = re.search(rb"/Subject \((.*)\)", out.read_bytes())
        assert found
        return json.loads(re.sub(rb"\\([()\\])", rb"\1", found[1]))
    if out.suffix == ".gif":
        with Image.open(out) as image:
            return json.loads(image.info["comment"])
    import av

    with av.open(str(out)) as film:
        return json.loads(film.metadata["comment"])


@pytest.mark.parametrize("figure", FIGURES)
def test_a_png_is_as_wide_as_it_is_to_be_printed(
    figure: str, project: Project, body: BodyModel
) -> None:
    with Image.open(draw(project, "f.png", body, figure, width=50.8)) as image:
        assert image.width == 600
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert len(np.unique(np.asarray(image.convert("L")))) > 20


def test_an_svg_holds_its_words_and_pictures(project: Project, body: BodyModel) -> None:
    root = ElementTree.parse(draw(project, "f.svg", body, width=50.8)).getroot()
    words = {"".join(each.itertext()).strip() for each in root.iter(f"{SVG}text")}
    assert {"Image", "Rough", "Refined", "(a)", "(b)"} <= words
    assert sum(1 for _ in root.iter(f"{SVG}image")) == 6
    assert root.attrib["width"] == "144pt"


def test_a_pdf_has_the_page_of_the_figure_and_fonts_that_journals_take(
    project: Project, body: BodyModel
) -> None:
    data = draw(project, "f.pdf", body, "curve", width=50.8).read_bytes()
    assert data.startswith(b"%PDF-1.")
    box = re.search(rb"/MediaBox \[ 0 0 (\S+) (\S+) \]", data)
    assert box is not None
    assert float(box[1]) == pytest.approx(144, abs=0.1)
    assert b"/Type3" not in data


@pytest.mark.parametrize("name", ["f.png", "f.svg", "f.pdf"])
def test_the_same_figure_is_the_same_to_the_byte(
    name: str, project: Project, body: BodyModel
) -> None:
    first = draw(project, name, body, "curve").read_bytes()
    assert draw(project, f"again_{name}", body, "curve").read_bytes() == first


@pytest.mark.parametrize("name", ["f.png", "f.svg", "f.pdf"])
def test_where_it_is_from_stands_in_the_file(name: str, project: Project, body: BodyModel) -> None:
    made = made_of(draw(project, name, body, "curve"))
    assert (made["project"], made["journal_head"], made["figure"]) == ("bent.diffannot", 2, "curve")
    first = made["persons"][0]
    assert (first["refiner"], first["step"], first["seed"]) == ("bent", CHOSEN, 7)


def test_transparent_is_where_there_is_no_picture(project: Project, body: BodyModel) -> None:
    plain = np.asarray(Image.open(draw(project, "f.png", body, "views")).convert("RGBA"))
    clear = np.asarray(
        Image.open(draw(project, "g.png", body, "views", transparent=True)).convert("RGBA")
    )
    assert (plain[..., 3] == 255).all()
    assert (clear[0, 0, 3], clear[-1, -1, 3]) == (0, 0)
    assert 0.05 < (clear[..., 3] == 255).mean() < 0.6, "the bodies are there"


def test_alone_there_is_no_picture(project: Project, body: BodyModel) -> None:
    over = Image.open(draw(project, "f.png", body, persons=[1]))
    alone = Image.open(draw(project, "g.png", body, persons=[1], alone=True))
    assert alone.height > over.height, "two tiles side by side are larger than three"
    edge = alone.width - 3, alone.height // 4
    assert alone.convert("RGB").getpixel(edge) == (255, 255, 255)
    assert over.convert("RGB").getpixel(edge) != (255, 255, 255)


def subject(project: Project, person: int = 1) -> Subject:
    return subject_of(project.person(person))


def test_the_limb_that_moves_most_is_found_whatever_the_body_does() -> None:
    rough = np.random.default_rng(0).normal(size=(24, 3))
    for limb in list(PARTS)[1:]:
        end = rough + np.array([3.0, 0, 0])  # the whole body moves far
        end[list(PARTS["torso and head"][1:])] += [0, 2.0, 0]
        end[list(PARTS[limb][-2:])] += [0, 0, 0.1]
        assert denoising.limb_that_moves_most(rough, end) == limb


def test_the_close_up_holds_the_limb_that_moves_and_little_else(
    project: Project, studio: Studio
) -> None:
    who = subject(project)
    vertices, points = studio.body.pose(who.way)
    limb = denoising.limb_that_moves_most(points[0], points[-1])
    assert limb == "right arm"
    close = denoising.close_up(studio, vertices, who, limb)
    seen = who.rough.camera.project(points)
    for joint in ("right_elbow", "right_wrist", "right_hand"):
        assert all(holds(close, at) for at in seen[:, JOINTS.index(joint)])
    for joint in ("head", "pelvis", "left_hand", "right_foot"):
        assert not any(holds(close, at) for at in seen[:, JOINTS.index(joint)])
    whole = holding(who.rough.camera, list(vertices), who.person.evidence)
    assert close.width < whole.height / 2


def holds(section: Section, at: Any) -> bool:
    x, y = at
    return bool(
        section.x <= x <= section.x + section.width and section.y <= y <= section.y + section.height
    )


def test_the_denoising_strip_shows_the_steps_that_are_named(
    project: Project, body: BodyModel
) -> None:
    out = draw(project, "f.svg", body, "denoising", steps=(0, 2, 6), persons=[1])
    words = {"".join(e.itertext()).strip() for e in ElementTree.parse(out).iter(f"{SVG}text")}
    assert {"Rough", "Step 2", "Refined (6)"} <= words
    assert any("right arm" in each for each in words)
    with pytest.raises(InvalidAnnotation, match=r"Step 7 .* 0 to 6"):
        draw(project, "f.svg", body, "denoising", steps=(7,), persons=[1])


def test_words_shrink_to_their_room() -> None:
    page = Page(400, 100)
    page.words("Refined (17)", 200, 50, 400)
    page.words("Refined (17)", 200, 50, 120)
    free, narrow = (each.get_window_extent().width for each in page.figure.texts)
    assert free > 130
    assert narrow <= 125


def test_steps_are_even_from_the_first_to_the_chosen_one(project: Project) -> None:
    assert denoising.chosen_steps(subject(project), ()) == [0, 1, 2, 4, 5, 6]


def test_the_curve_is_the_project_s_score(project: Project, studio: Studio) -> None:
    assert curve.scores(subject(project)) == pytest.approx(100 * scores())
    page = finish(curve.draw([subject(project)], studio, Style()))
    line = page.figure.axes[0].lines[0]
    assert line.get_ydata() == pytest.approx(np.linspace(8, 2, STEPS + 1), abs=1e-5)
    assert "2D error" in page.figure.axes[0].get_ylabel()


def test_the_mean_of_two_curves_is_drawn(project: Project, studio: Studio) -> None:
    one, two = subject(project, 1), subject(project, 2)
    two = replace(two, run=replace(two.run, scores=scores() + np.float32(0.02)))
    axes = finish(curve.draw([one, two], studio, Style())).figure.axes[0]
    drawn = [line.get_ydata() for line in axes.lines if len(line.get_ydata()) == STEPS + 1]
    assert any(np.allclose(each, np.linspace(9, 3, STEPS + 1), atol=1e-4) for each in drawn)


def test_with_a_truth_the_curve_is_the_joints_distance_from_it(
    project: Project, studio: Studio
) -> None:
    joints = studio.body.pose(trajectory().steps)[1][:, :24]
    who = replace(subject(project), truth=joints[4].astype(np.float64) + 5)  # and elsewhere
    errors = curve.against_truth(who, studio)
    assert errors.argmin() == 4
    assert errors[4] == pytest.approx(0, abs=1e-3)
    moved = np.linalg.norm(joints[0] - joints[4], axis=1).mean() * 1000
    assert errors[0] == pytest.approx(moved, rel=1e-4)
    axes = finish(curve.draw([who], studio, Style())).figure.axes[0]
    assert axes.get_ylabel() == "MPJPE (mm)"


def test_a_file_of_the_truth_is_taken_and_that_of_others_refused(
    project: Project, studio: Studio
) -> None:
    file, out = project.path.with_name("truth.npz"), project.path.with_name("f.svg")
    joints = studio.body.pose(trajectory().steps)[1][[0, 3, 5], :24]
    np.savez(file, joints=joints[:2])
    with pytest.raises(InvalidAnnotation, match=r"\(2, 24, 3\), expected \(3, 24, 3\)"):
        finish(illustrate(project, out, "curve", body=studio.body, truth=file))
    np.savez(file, joints=joints)
    finish(illustrate(project, out, "curve", body=studio.body, truth=file))
    assert "MPJPE" in out.read_text()


def test_nobody_with_keypoints_gives_no_curve(project: Project, studio: Studio) -> None:
    who = subject(project)
    blind = replace(who, run=replace(who.run, scores=np.full(STEPS + 1, np.nan, np.float32)))
    with pytest.raises(ProjectError, match="nobody has keypoints"):
        finish(curve.draw([blind], studio, Style()))


def test_each_part_goes_until_its_own_step(project: Project) -> None:
    run = project.person(1).run
    assert run is not None
    project.decide(Accept(1, run.id, 2, {"right arm": 5}))
    way = subject(project).way
    assert len(way) == 6
    bent = [0.15 * step for step in range(6)]
    assert way.body_pose[:, ELBOW, 1] == pytest.approx(bent, abs=1e-6)
    assert subject(project).ends_refined


def test_who_kept_the_rough_annotation_shows_the_whole_trajectory(project: Project) -> None:
    run = project.person(1).run
    assert run is not None
    project.decide(Accept(1, run.id, 0))
    who = subject(project)
    assert len(who.way) == STEPS + 1
    assert (who.refined.body_pose == who.rough.body_pose).all()


def test_a_person_without_a_trajectory_is_told_in_a_line(project: Project, body: BodyModel) -> None:
    with pytest.raises(ProjectError, match=r"field.png person 3 \(person 3\) has no trajectory"):
        draw(project, "f.png", body, persons=[3])
    project.undo()
    project.undo()
    with pytest.raises(ProjectError, match=r"no person of bent\.diffannot is accepted"):
        draw(project, "f.png", body)


@pytest.mark.parametrize(
    ("name", "figure", "how", "what"),
    [
        ("f.jpg", "comparison", {}, "f.jpg is the name of no figure"),
        ("f.png", "pie", {}, "no figure pie"),
        ("f.png", "denoising", {"persons": [1, 2]}, "holds 1 at most"),
        ("f.gif", "comparison", {"transparent": True}, "no transparent background"),
        ("f.png", "comparison", {"width": 3.0}, "cannot be 3 mm wide"),
        ("no/f.png", "comparison", {}, "there is no folder"),
    ],
)
def test_wrong_wishes_are_told_in_a_line(
    name: str, figure: str, how: dict[str, Any], what: str, project: Project, body: BodyModel
) -> None:
    with pytest.raises((UnreadableInput, UnwritableOutput), match=what) as refused:
        draw(project, name, body, figure, **how)
    assert "\n" not in str(refused.value)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make movies small."""
    from core.figures import movie

    monkeypatch.setattr(movie, "FIRST", 1)
    monkeypatch.setattr(movie, "MOVING", 4)
    monkeypatch.setattr(movie, "LAST", 1)
    monkeypatch.setattr(movie, "HEIGHT", {".gif": 64, ".mp4": 64})


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("alone", [False, True])
def test_a_gif_opens_again_moves_and_repeats(
    alone: bool, project: Project, body: BodyModel
) -> None:
    out = draw(project, "f.gif", body, alone=alone)
    with Image.open(out) as image:
        assert (image.height, image.info["loop"]) == (64, 0)
        shown, lasting = [], 0
        for number in range(image.n_frames):
            image.seek(number)
            lasting += image.info["duration"]
            shown.append(np.asarray(image.convert("RGB")).astype(int))
    assert np.abs(shown[0] - shown[-1]).max() > 60
    assert lasting == 6 * 50, "milliseconds; pictures that are alike are one"
    made = made_of(out)
    assert (made["figure"], [each["person"] for each in made["persons"]]) == ("movie", [1])


@pytest.mark.usefixtures("short")
def test_an_mp4_opens_again_as_every_player_takes_it(project: Project, body: BodyModel) -> None:
    import av

    out = draw(project, "f.mp4", body)
    with av.open(str(out)) as film:
        stream = film.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        shown = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert len(shown) == 6
    assert shown[0].shape[0] == 64
    assert shown[0].shape[1] % 2 == 0
    assert np.abs(shown[0].astype(int) - shown[-1]).max() > 60
    assert made_of(out)["persons"][0]["step"] == CHOSEN


def test_a_full_disk_leaves_the_old_figure(
    project: Project, body: BodyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = draw(project, "f.png", body, "curve")
    before = out.read_bytes()

    def full(_figure: Figure, file: Any, **_how: Any) -> None:
        file.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", full)
    with pytest.raises(UnwritableOutput, match="No space left"):
        draw(project, "f.png", body, "curve")
    assert out.read_bytes() == before
    assert not list(out.parent.glob("*.part"))


def test_progress_is_told_and_a_job_that_is_dropped_leaves_nothing(
    project: Project, body: BodyModel
) -> None:
    out = project.path.with_name("f.png")
    job = illustrate(project, out, "comparison", style=Style(40.0), body=body)
    told = [next(job), next(job), next(job)]
    assert [each.total for each in told] == [0, 2, 2]
    job.close()
    assert not out.exists()
    assert not list(out.parent.glob("*.part"))


def test_pixels_of_a_picture_stay_where_they_are() -> None:
    rows, columns = np.mgrid[:40, :60]
    table = np.stack([rows * 6, columns * 4, rows * 0], axis=-1).astype(np.uint8)
    tile = np.asarray(cut(Image.fromarray(table), Section(-5, 10, 20, 40), (20, 40)))
    assert (tile[:, :5, 3] == 0).all()
    assert (tile[30:, :, 3] == 0).all()
    assert (tile[:30, 5:, :3] == table[10:, :15]).all()
    assert (cut(Image.fromarray(table), Section(100, 0, 9, 9), (9, 9)).getextrema()[3])[1] == 0


numbers = st.floats(-500, 500)


@given(numbers, numbers, st.floats(1, 900), st.floats(1, 900), st.floats(0.5, 2))
def test_a_section_holds_what_it_held_in_any_shape(
    x: float, y: float, width: float, height: float, ratio: float
) -> None:
    section = Section(x, y, width, height).shaped(ratio)
    assert section.height == pytest.approx(section.width * ratio)
    assert section.x <= x + 1e-6
    assert section.y + section.height >= y + height - 1e-6
    moved = section.inside(640, 480)
    if section.width <= 640:
        assert -1e-6 <= moved.x <= 640 - section.width + 1e-6
    else:
        assert moved.x + moved.width / 2 == pytest.approx(320)


def test_a_crop_holds_the_body_and_the_keypoints_whole(studio: Studio) -> None:
    steps = trajectory().steps
    vertices = studio.vertices(steps)
    points = np.float32([[30, 40], [999, 999]])
    seen = Keypoints2D("x", points, np.float32([1, 0]))
    section = holding(steps.camera, list(vertices), Evidence(Box(0, 0, 9, 9), seen))
    assert all(holds(section, at) for at in steps.camera.project(vertices).reshape(-1, 2))
    assert holds(section, points[0])
    assert not holds(section, points[1])


def test_the_report_counts_the_persons(project: Project, body: BodyModel) -> None:
    out = project.path.with_name("f.svg")
    assert finish(illustrate(project, out, "curve", body=body)) == Report(2)
