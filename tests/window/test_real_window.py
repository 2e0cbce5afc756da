from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from real_window import RealWindow, display, missing_tools, wait_for
from tiny_projects import STEPS, SUGGESTED, make_film, make_project

from assets import SAMPLE_PROJECT
from core.project import Accept, Decision, JournalEntry, MoveBox, Project, State

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(bool(missing_tools()), reason=f"not installed: {missing_tools()}"),
    pytest.mark.skipif(not SAMPLE_PROJECT.is_file(), reason="the sample is not built"),
]


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    with display() as name:
        yield name


def states(path: Path) -> list[State]:
    with Project.open(path) as project:
        return [row.state for row in project.rows()]


def shows(window: RealWindow, who: str) -> None:
    wait_for(lambda: window.title().startswith(who))


def test_a_review_by_keys_alone_is_on_disk_and_survives_kill_9(screen: str, tmp_path: Path) -> None:
    path = make_project(tmp_path / "project", persons=3)
    window = RealWindow(screen, path, tmp_path)
    try:
        shows(window, "picture_0 · 1 – tiny.diffannot")
        window.key("End", "Return")
        shows(window, "picture_1 · 1")
        window.key("Home", "Right", "Right", "shift+Right", "Return")
        shows(window, "picture_1 · 2")
        window.key("r")
        wait_for(lambda: states(path)[2] == State.REJECTED)
        window.key("ctrl+z")
        wait_for(lambda: states(path)[2] == State.UNDECIDED)
    finally:
        window.kill()
    with Project.open(path) as project:
        rows = project.rows()
        assert [row.state for row in rows] == [State.ACCEPTED, State.ACCEPTED, State.UNDECIDED]
        assert project.person(rows[0].id).chosen_step == STEPS
        assert project.person(rows[1].id).chosen_step == 7
        assert len(project.journal()) == 4


def test_the_window_opens_again_where_the_review_was_and_quits_cleanly(
    screen: str, tmp_path: Path
) -> None:
    path = make_project(tmp_path / "project", persons=2)
    with Project.open(path) as project:
        project.decide(Accept(1, project.person(1).run.id, 4))
    window = RealWindow(screen, path, tmp_path)
    shows(window, "picture_0 · 2")
    window.drag((700, 560), (900, 560))  # along the step slider
    window.key("Return")
    wait_for(lambda: states(path)[1] == State.ACCEPTED)
    status, errors = window.close()
    assert status == 0, errors
    assert "Traceback" not in errors
    with Project.open(path) as project:
        assert project.person(2).chosen_step not in (SUGGESTED, 0, STEPS)


def test_the_first_start_opens_a_copy_of_the_sample_and_the_second_the_last_project(
    screen: str, tmp_path: Path
) -> None:
    window = RealWindow(screen, None, tmp_path)
    wait_for(lambda: f"{SAMPLE_PROJECT.name} – DiffAnnot" in window.title())
    window.kill()
    assert (tmp_path / "diffannot" / "sample" / SAMPLE_PROJECT.name).is_file()
    path = make_project(tmp_path / "project")
    window = RealWindow(screen, path, tmp_path)
    shows(window, "picture_0 · 1")
    window.close()
    window = RealWindow(screen, None, tmp_path)
    wait_for(lambda: f"{path.name} – DiffAnnot" in window.title())
    window.close()


def test_a_box_drawn_with_the_mouse_adds_a_person(screen: str, tmp_path: Path) -> None:
    path = make_project(tmp_path / "project", persons=1)
    window = RealWindow(screen, path, tmp_path)
    try:
        shows(window, "picture_0 · 1")
        window.key("d")
        window.drag((560, 120), (700, 330))
        wait_for(lambda: len(states(path)) == 2)
    finally:
        window.kill()


def test_parts_picked_by_keys_and_by_the_film_strip_survive_kill_9(
    screen: str, tmp_path: Path
) -> None:
    path = make_project(tmp_path / "project", persons=3)
    window = RealWindow(screen, path, tmp_path)
    try:
        shows(window, "picture_0 · 1")
        window.key("h", "w", "x", "Escape")  # compared in every way, and left again
        window.key("2", "End", "0", "Home", "n")  # not decided, and yet kept
        shows(window, "picture_1 · 1")
        window.key("4")
        window.drag((901, 500), (901, 500))  # the last but one picture of the strip
        window.key("0", "n")
        shows(window, "picture_1 · 2")
    finally:
        window.kill()
    with Project.open(path) as project:
        first, second = (project.person(row.id) for row in project.rows()[:2])
        assert {first.row.state, second.row.state} == {State.UNDECIDED}
        assert (first.chosen_step, first.chosen_parts) == (0, {"left arm": STEPS})
        assert (second.chosen_step, second.chosen_parts) == (SUGGESTED, {"left leg": STEPS - 2})


def test_a_box_is_moved_by_its_edge(screen: str, tmp_path: Path) -> None:
    path = make_project(tmp_path / "project", persons=1)
    window = RealWindow(screen, path, tmp_path)
    try:
        shows(window, "picture_0 · 1")
        window.key("9", "j")
        window.drag((360, 212), (320, 212))
        wait_for(lambda: last_decision(path), 60)
        decision = last_decision(path)
        assert isinstance(decision, MoveBox)
        assert decision.box.x < 50 and decision.box.x + decision.box.width == pytest.approx(150)
        window.key("Escape", "ctrl+z")
        wait_for(lambda: len(journal(path)) == 2, 60)
    finally:
        window.kill()


def test_a_folder_dropped_by_another_program_comes_into_the_project(
    screen: str, tmp_path: Path
) -> None:
    path = make_project(tmp_path / "project")
    window = RealWindow(screen, path, tmp_path)
    try:
        shows(window, "picture_0 · 1")
        folder = tmp_path / "day"
        folder.mkdir()
        Image.new("RGB", (64, 48)).save(folder / "meadow.png")
        with window.drop(folder):
            wait_for(lambda: "meadow" in pictures(path))
    finally:
        window.kill()
    assert (folder / "meadow.png").is_file()  # the other program was not told to move it


def pictures(path: Path) -> set[str]:
    with Project.open(path) as project:
        return {Path(image.path).stem for image in project.images()}


def test_a_track_is_walked_decided_on_and_played_by_keys(screen: str, tmp_path: Path) -> None:
    path = make_film(tmp_path / "project")
    window = RealWindow(screen, path, tmp_path)
    try:
        shows(window, "frame_0 · 1")
        window.key("period", "period")
        shows(window, "frame_2 · 1")
        window.key("shift+Next", "shift+Next", "r")
        rejected = [number in (2, 3, 4) for number in range(7)]
        wait_for(lambda: [state == State.REJECTED for state in states(path)] == rejected, 60)
        shows(window, "frame_5 · 1")
        window.key("comma")
        shows(window, "frame_4 · 1")
        window.key("l")
        shows(window, "frame_5 · 1")
    finally:
        window.kill()


def last_decision(path: Path) -> Decision | None:
    entries = journal(path)
    return entries[-1].decision if entries else None


def journal(path: Path) -> list[JournalEntry]:
    with Project.open(path) as project:
        return project.journal()
