"""Videos and folders of frames come into a project, and the people in them onto tracks."""

from itertools import count
from pathlib import Path

import numpy as np
import pytest
from film_kit import write_video
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from project_kit import parameters, picture

from app.cli import main
from core.errors import Cancelled, UnreadableInput, UnwritableOutput
from core.evidence import Box, overlap
from core.images import read_image
from core.jobs import filming, finish
from core.jobs.arriving import arrive, project_for
from core.jobs.exporting import export
from core.jobs.filming import Pace, import_video, track_people
from core.jobs.importing import import_any, import_images
from core.progress import CancelToken
from core.project import AcceptTheta1, Frame, Project, PutOnTrack, Source
from core.tracking import Sighting, follow


def test_every_third_frame_of_a_video_becomes_a_picture(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "clip.mp4", 10)
    with Project.create(tmp_path / "p.diffannot") as project:
        report = finish(import_any(project, clip, pace=Pace(every=3)))
        assert (report.done, report.failures, report.notes) == (4, (), ())
        sparse = finish(import_any(project, clip, pace=Pace(every=50)))
        assert (sparse.done, sparse.failures, sparse.notes) == (1, (), ())
        names = [row.path for row in project.images()]
        assert [Path(name).name for name in names] == [f"{n:06}.jpg" for n in (0, 3, 6, 9)]
        assert all(name.startswith("p_frames/clip-") for name in names)
        (sequence,) = project.sequences()
        assert (sequence.name, sequence.path, sequence.rate) == ("clip", "clip.mp4", 10)
        grey = read_image(tmp_path / names[2])[40, 5]
        assert abs(int(grey[0]) - 60) < 8
        for image in (row.id for row in project.images()):
            project.add_person(image, Box(1, 1, 20, 20))
        assert [round(row.time or 0, 6) for row in project.rows()] == [0, 0.3, 0.6, 0.9]


def test_importing_a_video_again_changes_nothing_but_takes_more_frames(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "clip.mp4", 10)
    with Project.create(tmp_path / "p.diffannot") as project:
        finish(import_video(project, clip, Pace(every=5)))
        first = project.images()
        written = {row.path: (tmp_path / row.path).stat().st_mtime_ns for row in first}
        finish(import_video(project, clip, Pace(every=5)))
        assert project.images() == first
        finish(import_images(project, clip))
        assert len(project.images()) == 10 and len(project.sequences()) == 1
        assert {p: (tmp_path / p).stat().st_mtime_ns for p in written} == written


def test_a_long_video_is_thinned_and_the_report_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filming, "MOST", 5)
    clip = write_video(tmp_path / "clip.mp4", 12)
    with Project.create(tmp_path / "p.diffannot") as project:
        report = finish(import_video(project, clip))
        assert report.done == 4 and "one of 3 frames" in report.notes[0]
        assert not finish(import_video(project, clip, Pace(every=1))).notes


def test_a_stopped_import_keeps_what_came_and_goes_on(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "clip.mp4", 12)
    with Project.create(tmp_path / "p.diffannot") as project:
        cancel = CancelToken()
        with pytest.raises(Cancelled):
            for number, _ in enumerate(import_video(project, clip, cancel=cancel)):
                if number == 4:
                    cancel.cancel()
        assert len(project.images()) == 5
        finish(import_video(project, clip))
        assert len(project.images()) == 12


def test_a_full_disk_is_told_and_what_was_written_before_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip, whole = write_video(tmp_path / "clip.mp4", 30), Image.Image.save

    def save(image: Image.Image, path: Path, *given: object, **named: object) -> None:
        if path.stem == "000027":
            raise OSError(28, "No space left on device")
        whole(image, path, *given, **named)

    with Project.create(tmp_path / "p.diffannot") as project:
        with monkeypatch.context() as patch:
            patch.setattr(Image.Image, "save", save)
            with pytest.raises(UnwritableOutput, match=r"000027\.jpg.*No space left.*--every"):
                finish(import_video(project, clip))
        assert len(project.images()) == 25
        finish(import_video(project, clip))
        assert len(project.images()) == 30


def test_a_torn_video_brings_what_it_has_and_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with Project.create(tmp_path / "p.diffannot") as project:
        for suffix in ("avi", "mkv"):
            data = write_video(tmp_path / f"a.{suffix}", 150).read_bytes()
            torn = tmp_path / f"torn.{suffix}"
            torn.write_bytes(data[: 3 * len(data) // 4])
            report = finish(import_video(project, torn, Pace(every=2)))
            assert 20 < report.done < 70
            (line,) = report.failures + report.notes
            assert f"torn.{suffix}" in line and "of 150 frames" in line
            assert bool(report.failures) == (suffix == "avi")  # mkv counts no frames
    assert capfd.readouterr().err == ""


def test_a_video_that_cannot_be_read_leaves_nothing_and_others_come(tmp_path: Path) -> None:
    write_video(tmp_path / "good.mp4", 3)
    (tmp_path / "bad.mp4").write_bytes(b"nothing" * 40)
    with Project.create(tmp_path / "p.diffannot") as project:
        with pytest.raises(UnreadableInput, match=r"bad\.mp4"):
            finish(import_any(project, tmp_path / "bad.mp4"))
        assert not project.images() and not project.sequences()
        report = finish(import_any(project, tmp_path))
        assert report.done == 3 and len(report.failures) == 1
        again = finish(import_any(project, tmp_path))
        assert again.done == 3 and len(project.images()) == 3


def test_a_folder_of_frames_is_a_sequence_at_the_rate_that_was_said(tmp_path: Path) -> None:
    folder = tmp_path / "film"
    folder.mkdir()
    for number in range(8):
        Image.new("RGB", (64, 48), (number, 0, 0)).save(folder / f"{2 * number:05}.png")
    assert main(["new", str(tmp_path / "p"), "--images", str(folder), "--fps", "20"]) == 0
    with Project.open(tmp_path / "p.diffannot") as project:
        finish(import_images(project, folder))  # again, without a rate
        (sequence,) = project.sequences()
        assert (sequence.name, sequence.sha256, sequence.rate) == ("film", "", 20)
        project.add_person(8, Box(1, 1, 20, 20))
        (row,) = project.rows()
        assert (row.frame, row.time) == (14, 0.7)


def test_videos_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    for number, folder in enumerate(("a", "b")):
        (tmp_path / folder).mkdir()
        write_video(tmp_path / folder / "clip.mp4", 2 + number)
    with Project.create(tmp_path / "p.diffannot") as project:
        finish(import_images(project, tmp_path))
        assert [row.name for row in project.sequences()] == ["clip", "clip_2"]
        assert len({Path(row.path).parent for row in project.images()}) == 2


def test_a_video_that_is_dropped_gets_a_project_beside_it(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "clip.mp4", 3)
    arrived = finish(arrive([clip], project_for([clip])))
    assert (arrived.project, arrived.pictures) == (tmp_path / "clip.diffannot", 3)
    (tmp_path / "bad.mp4").write_bytes(b"nothing" * 40)
    bad = finish(arrive([tmp_path / "bad.mp4"], project_for([tmp_path / "bad.mp4"])))
    assert not bad.is_there and len(bad.failures) == 1


def test_the_command_line_takes_a_video(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip, out = write_video(tmp_path / "clip.mp4", 6), str(tmp_path / "p")
    assert main(["new", out, "--images", str(clip), "--every", "3"]) == 0
    assert "2 images" in capsys.readouterr().out
    assert main(["import", out, str(write_video(tmp_path / "other.mkv", 4))]) == 0
    with Project.open(tmp_path / "p.diffannot") as project:
        assert [row.name for row in project.sequences()] == ["clip", "other"]
        assert len(project.images()) == 6
    (tmp_path / "no.mp4").write_bytes(b"x" * 400)
    assert main(["new", str(tmp_path / "q"), "--images", str(tmp_path / "no.mp4")]) == 2
    assert not (tmp_path / "q.diffannot").exists()


class Doll:
    """A body that is quick to pose."""

    name, sha256 = "doll", "d" * 64

    def pose(self, _given: object) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((1, 3)), np.zeros((45, 3), np.float32)


@pytest.mark.parametrize(
    ("format_name", "file", "rate", "pose"),
    [
        ("amass", "film_1.npz", "mocap_framerate", "poses"),
        ("smplcodec", "film_1.smpl", "frameRate", "bodyPose"),
    ],
)
def test_a_track_is_exported_in_the_order_of_its_frames_at_its_rate(
    tmp_path: Path, format_name: str, file: str, rate: str, pose: str
) -> None:
    with Project.create(tmp_path / "p.diffannot") as project:
        sequence = project.add_sequence(tmp_path / "film", "", 25.0)
        for number in (4, 0, 2):  # every other of 25 frames a second, imported in any order
            frame = Frame(sequence, number, number / 25)
            image = project.add_image(picture(tmp_path / f"{number}.png", number), frame)
            person = project.add_person(image, Box(9, 9, 50, 90), track="film/1")
            theta1 = project.add_theta1(person, parameters(number / 10), Source("x"))
            project.decide(AcceptTheta1(person, theta1))
        finish(export(project, tmp_path / "out", format_name, body=Doll()))
    with np.load(tmp_path / "out" / file) as made:
        assert float(made[rate]) == 12.5
        bends = made[pose].reshape(3, -1, 3)[:, 5, 0]
    np.testing.assert_allclose(bends, [0, 0.1, 0.2], atol=1e-6)


def walk(person: int, frame: int, x: float, track: str | None = None) -> Sighting:
    return Sighting(person, frame, frame / 10, Box(x, 10, 40, 100), track)


def names() -> map:
    return map(str, count(1))


def test_overlap_is_intersection_over_union() -> None:
    square = Box(0, 0, 10, 10)
    others = (square, Box(5, 0, 10, 10), Box(20, 0, 10, 10))
    assert [overlap(square, one) for one in others] == [1, pytest.approx(50 / 150), 0]


def test_people_who_pass_each_other_keep_their_tracks() -> None:
    sightings = []
    for frame in range(9):
        sightings += [
            walk(2 * frame, frame, 10 * frame),
            walk(2 * frame + 1, frame, 300 - 9 * frame),
        ]
    found = follow(sightings, names())
    assert {found[person] for person in range(0, 18, 2)} == {"1"}
    assert {found[person] for person in range(1, 18, 2)} == {"2"}


def test_both_are_kept_where_the_nearest_would_take_the_wrong_one() -> None:
    # overlaps of 3: 28/52 and 32/48; of 4: 0.08, which is none, and 26/54
    before = [walk(1, 0, 0), walk(2, 0, 20)]
    after = [walk(3, 1, 12), walk(4, 1, 34)]
    assert follow([*before, *after], names()) == {1: "1", 2: "2", 3: "1", 4: "2"}


def test_gaps_are_bridged_up_to_a_second() -> None:
    assert follow([walk(1, 0, 0), walk(2, 10, 5)], names())[2] == "1"
    assert follow([walk(1, 0, 0), walk(2, 11, 5)], names())[2] == "2"


def test_who_has_a_track_keeps_it_and_others_join_it() -> None:
    sightings = [
        walk(1, 0, 0, "ann"), walk(2, 1, 4), walk(3, 1, 200, ""), walk(4, 2, 6), walk(5, 2, 200),
    ]  # fmt: skip
    assert follow(sightings, names()) == {2: "ann", 4: "ann", 5: "1"}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.lists(
            st.tuples(st.integers(0, 300), st.sampled_from([None, None, "", "a", "b"])), max_size=4
        ),
        max_size=8,
    )
)
def test_nobody_is_twice_in_a_frame_and_all_who_ask_get_a_track(frames: list) -> None:
    sightings = []
    for frame, people in enumerate(frames):
        used: set[str] = set()
        for x, track in people:
            given = None if track in used else track
            used |= {given} if given else set()
            sightings.append(walk(len(sightings), frame, x, given))
    found = follow(sightings, names())
    assert found.keys() == {one.person_id for one in sightings if one.track is None}
    for frame in range(len(frames)):
        now = [found.get(one.person_id, one.track) for one in sightings if one.frame == frame]
        on = [track for track in now if track]
        assert len(on) == len(set(on))


def test_people_of_a_project_are_put_on_tracks_named_by_the_video(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "clip.mp4", 4)
    with Project.create(tmp_path / "p.diffannot") as project:
        finish(import_video(project, clip))
        for place, image in enumerate(row.id for row in project.images()):
            project.add_person(image, Box(2 * place, 5, 20, 30))
            project.add_person(image, Box(40, 5, 20, 30), track="ann" if place else None)
        project.decide(PutOnTrack(7, ""))
        assert track_people(project).done == 4
        assert [row.track for row in project.rows()] == [
            "clip/1", "clip/2", "clip/1", "ann", "clip/1", "ann", None, "ann",
        ]  # fmt: skip
        assert track_people(project).done == 0
