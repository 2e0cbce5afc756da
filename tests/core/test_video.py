"""Videos are read upright, at their own times; what is none is told in one line."""

import struct
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from film_kit import SIZE, colours, write_video
from PIL import Image

from core import video
from core.errors import UnreadableInput
from core.video import frame_numbers, open_video

SQUATS = Path(__file__).parents[3] / "shared/data/video/pose_squats.mp4"
UNTURNED = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
QUARTER = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, SIZE[1] << 16, 0, 0x40000000)
"""Display matrices (ISO/IEC 14496-12, 6.2.2): x to the right becomes y down, a turn clockwise."""


def shots(path: Path, every: int = 1) -> list[video.Shot]:
    with open_video(path) as opened:
        return list(opened.frames(every))


def test_frames_have_numbers_times_and_pixels(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", 12, rate=10)
    with open_video(path) as opened:
        assert (opened.rate, opened.count) == (10, 12)
    found = shots(path, every=5)
    assert [(s.number, round(s.time, 6)) for s in found] == [(0, 0), (5, 0.5), (10, 1.0)]
    for shot in found:
        assert shot.pixels.shape == (SIZE[1], SIZE[0], 3)
        assert np.abs(shot.pixels.astype(int) - colours(shot.number))[2:-2, 2:-2].mean() < 6


def test_frames_at_uneven_times_keep_them(tmp_path: Path) -> None:
    times = [0, 40, 400, 440, 1000]
    path = write_video(tmp_path / "a.mkv", 5, rate=25, times=times)
    assert [round(1000 * shot.time) for shot in shots(path)] == times


def test_a_phone_that_was_held_upright_gives_upright_frames(tmp_path: Path) -> None:
    data = write_video(tmp_path / "a.mp4").read_bytes()
    assert UNTURNED in data[data.index(b"tkhd") :]
    at = data.index(UNTURNED, data.index(b"tkhd"))
    (tmp_path / "b.mp4").write_bytes(data[:at] + QUARTER + data[at + len(QUARTER) :])
    plain, turned = (shots(tmp_path / name)[3].pixels for name in ("a.mp4", "b.mp4"))
    assert turned.shape == (SIZE[0], SIZE[1], 3)
    np.testing.assert_array_equal(turned, np.rot90(plain, -1))


def test_pixels_that_are_not_square_are_made_so(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", 2, aspect=Fraction(3, 2))
    assert shots(path)[1].pixels.shape == (48, 96, 3)


def test_a_torn_video_gives_what_it_has(tmp_path: Path) -> None:
    data = write_video(tmp_path / "a.mkv", 60).read_bytes()
    (tmp_path / "half.mkv").write_bytes(data[: len(data) // 2])
    assert 10 < len(shots(tmp_path / "half.mkv")) < 60


LIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na.mp4\n#EXT-X-ENDLIST\n"


@pytest.mark.parametrize("data", [b"", b"hello" * 99, LIST, "half"], ids=repr)
def test_what_is_no_video_is_told_in_one_line(tmp_path: Path, data: bytes | str) -> None:
    whole = write_video(tmp_path / "a.mp4").read_bytes()
    path = tmp_path / "b.mp4"
    path.write_bytes(data if isinstance(data, bytes) else whole[: len(whole) // 2])
    with pytest.raises(UnreadableInput, match=r"b\.mp4") as caught:
        shots(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(UnreadableInput, match="is missing"):
        shots(tmp_path / "absent.mp4")


def test_a_video_of_huge_frames_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_video(tmp_path / "a.mp4")
    monkeypatch.setattr(video, "LARGEST", 1000)
    with pytest.raises(UnreadableInput, match="64 x 48 pixels"):
        shots(path)


def test_no_thread_outlives_a_video(tmp_path: Path) -> None:
    before = threading.active_count()
    with open_video(write_video(tmp_path / "a.mp4")) as opened:
        next(opened.frames())
    assert threading.active_count() == before


@pytest.mark.skipif(not SQUATS.exists(), reason="needs ../shared/data")
def test_a_real_clip_is_read(tmp_path: Path) -> None:
    found = shots(SQUATS, every=16)
    assert [shot.number for shot in found] == [0, 16, 32, 48, 64]
    assert found[1].time == pytest.approx(16 / 5)
    assert found[0].pixels.shape == (1280, 720, 3)


def pictures(folder: Path, numbers: list[int], name: str = "f{:04}.png") -> list[Path]:
    folder.mkdir(exist_ok=True)
    for number in numbers:
        Image.new("RGB", (9, 8), (number, 0, 0)).save(folder / name.format(number))
    return sorted(folder.iterdir())


def test_a_folder_of_frames_is_known_by_names_and_sizes(tmp_path: Path) -> None:
    files = pictures(tmp_path / "film", list(range(3, 43, 5)))
    photos = pictures(tmp_path / "photos", [1, 2, 3, 5, 8, 13, 21, 34])
    few = pictures(tmp_path / "few", [1, 2, 3])
    assert frame_numbers([*files, *photos, *few]) == dict(zip(files, range(0, 40, 5), strict=True))
    Image.new("RGB", (99, 8)).save(files[2])
    assert frame_numbers(files) == {}
