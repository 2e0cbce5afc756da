"""Who is who over the frames of a sequence."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from project_kit import add_run, parameters, picture

from app.cli import main
from core.errors import ProjectError
from core.evidence import Box
from core.project import Accept, Bulk, Frame, Project, PutOnTrack, Reject, Source, State
from core.project.rebuilding import rebuild
from core.project.tracks import accept_step, between, join, put, split, tracks_of


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Five frames, every third of a video; clip/1 is in all, clip/2 in the last two."""
    with Project.create(tmp_path / "p.diffannot") as made:
        sequence = made.add_sequence(tmp_path / "clip.mp4", "s" * 64, 30.0)
        for number in range(5):
            file = picture(tmp_path / f"{number}.png", 10 * number)
            image = made.add_image(file, Frame(sequence, 3 * number, number / 10))
            made.add_person(image, Box(10, 10, 50, 90), track="clip/1")
            if number > 2:
                made.add_person(image, Box(300, 10, 50, 90), track="clip/2")
        yield made


def on(project: Project) -> list[str | None]:
    return [row.track for row in project.rows()]


def test_rows_say_where_a_frame_is_in_its_video(project: Project, tmp_path: Path) -> None:
    (sequence,) = project.sequences()
    assert (sequence.path, sequence.sha256, sequence.rate) == ("clip.mp4", "s" * 64, 30.0)
    assert [(r.sequence_id, r.frame, r.time) for r in project.rows()[:2]] == [
        (sequence.id, 0, 0.0),
        (sequence.id, 3, 0.1),
    ]
    assert project.add_sequence(tmp_path / "clip.mp4", "s" * 64, 30.0) == sequence.id
    assert project.add_sequence(tmp_path / "clip.mp4", "t" * 64, 30.0) != sequence.id


def test_a_picture_that_was_there_takes_its_place_as_a_frame(
    project: Project, tmp_path: Path
) -> None:
    image = project.add_image(picture(tmp_path / "z.png", 200))
    project.add_person(image, Box(1, 1, 9, 9))
    assert project.rows()[-1].frame is None
    assert project.add_image(tmp_path / "z.png", Frame(1, 15, 0.5)) == image
    assert project.rows()[-1].frame == 15


def test_persons_of_a_track_come_in_the_order_of_frames(project: Project, tmp_path: Path) -> None:
    late = project.add_image(picture(tmp_path / "late.png", 99), Frame(1, 1, 1 / 30))
    project.add_person(late, Box(10, 10, 50, 90), track="clip/1")
    tracks = tracks_of(project.rows())
    assert [row.frame for row in tracks["clip/1"]] == [0, 1, 3, 6, 9, 12]
    assert [row.frame for row in between(tracks["clip/1"], 3, 9)] == [3, 6, 9]


def test_tracks_are_split_and_joined_and_it_is_undone(project: Project) -> None:
    before = on(project)
    rows = project.rows()
    decision = split(rows, "clip/1", rows[2])
    project.decide(decision)
    assert on(project) == ["clip/1", "clip/1", "clip/3", "clip/3", "clip/2", "clip/3", "clip/2"]
    assert decision.describe() == "changed the tracks of 3 persons"
    project.decide(join(project.rows(), "clip/1", "clip/3"))
    assert on(project) == before
    project.undo()
    assert on(project)[2] == "clip/3"
    project.undo()
    assert on(project) == before
    assert project.redo() is not None and on(project)[2] == "clip/3"


def test_a_track_has_no_two_persons_in_a_picture(project: Project) -> None:
    rows = project.rows()
    with pytest.raises(ProjectError, match=r"clip/1 has a person in 3.png already"):
        join(rows, "clip/1", "clip/2")
    with pytest.raises(ProjectError, match="There is no track clip/7"):
        join(rows, "clip/1", "clip/7")
    with pytest.raises(ProjectError, match="both sides"):
        split(rows, "clip/1", rows[0])
    project.decide(put(rows, [rows[3]], ""))
    assert on(project)[3] is None
    project.decide(put(project.rows(), [project.rows()[4]], "clip/1"))
    assert on(project)[3:5] == [None, "clip/1"]
    with pytest.raises(ProjectError, match="nobody"):
        put(project.rows(), [project.rows()[4]], "clip/1")


def test_a_machine_leaves_tracks_alone_that_somebody_set(project: Project) -> None:
    project.decide(PutOnTrack(1, ""))
    fresh = project.add_person(1, Box(200, 10, 50, 90))
    project.set_tracks({1: "clip/9", 2: "clip/9", fresh: "clip/9"})
    tracks = {row.id: row.track for row in project.rows()}
    assert (tracks[1], tracks[2], tracks[fresh]) == (None, "clip/1", "clip/9")
    project.undo()
    assert project.person(1).track == "clip/1"


def test_what_was_put_on_tracks_is_rebuilt(project: Project, tmp_path: Path) -> None:
    drawn, _ = project.draw_person(2, Box(200, 10, 50, 90))
    project.set_tracks({drawn: "clip/4"})
    project.decide(Bulk((PutOnTrack(drawn, "clip/5"), PutOnTrack(1, ""))))
    project.decide(PutOnTrack(2, "clip/6"))
    project.undo()
    out = tmp_path / "elsewhere" / "q.diffannot"
    rebuild(project.path, out)
    with Project.open(out) as other:
        assert on(other) == on(project)
        assert [row.path for row in other.sequences()] == ["../clip.mp4"]
        assert [row.time for row in other.rows()] == [row.time for row in project.rows()]
        for each in (project, other):
            assert each.redo() is not None
            assert each.undo() is not None and each.undo() is not None
        assert on(other) == on(project)
        assert "clip/4" in on(other)


def test_a_step_is_accepted_for_a_part_of_a_track_in_one_entry(project: Project) -> None:
    for row in project.rows():
        theta1 = project.add_theta1(row.id, parameters(0.1), Source("x"))
        if row.frame != 6:
            add_run(project, row.id, theta1)
    some = between(tracks_of(project.rows())["clip/1"], 3, 9)
    decision = accept_step(some, 4)
    assert isinstance(decision, Bulk) and all(isinstance(one, Accept) for one in decision.decisions)
    project.decide(decision)
    states = [(row.frame, row.chosen_step) for row in project.rows() if row.state is State.ACCEPTED]
    assert states == [(3, 4), (9, 4)]
    project.undo()
    assert {row.state for row in project.rows()} == {State.UNDECIDED}
    with pytest.raises(ProjectError, match="nobody to accept step 4 of"):
        accept_step([], 4)


def test_the_command_line_accepts_a_range_of_a_track_in_one_entry(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    for row in project.rows():
        add_run(project, row.id, project.add_theta1(row.id, parameters(0.1), Source("x")))
    project.decide(Reject(3))
    accept = ["accept", str(project.path), "--track", "clip/1"]
    assert main([*accept, "--suggested", "--frames", "3-9"]) == 0
    assert "2 persons accepted; 1 left undecided" in capsys.readouterr().out
    assert len(project.journal()) == 2
    assert main([*accept, "--step", "1"]) == 0
    steps = [(r.frame, r.chosen_step) for r in project.rows() if r.state is State.ACCEPTED]
    assert steps == [(0, 1), (3, 2), (9, 2), (12, 1)]
    for wrong in (
        [*accept, "--step", "1"],  # nobody is left
        [*accept],
        [*accept, "--suggested", "--frames", "a-9"],
        ["accept", str(project.path), "--step", "1"],
        ["accept", str(project.path), "--suggested", "--track", "clip/7"],
    ):
        assert main(wrong) == 2
    assert len(project.journal()) == 3
