import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import UnreadableInput
from core.images import file_sha256, find_images, image_size, read_image


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_16_bits_are_scaled_not_clipped(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(np.array([[0, 0x0100, 0x8000, 0xFFFF]], dtype=np.uint16)).save(path)
    assert read_image(path)[0, :, 0].tolist() == [0, 1, 128, 255]


def test_size_and_pixels_are_those_of_the_upright_picture(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 30)).save(tmp_path / "a.jpg", exif=exif)
    assert image_size(tmp_path / "a.jpg") == (30, 40)
    assert read_image(tmp_path / "a.jpg").shape == (40, 30, 3)


@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_turned_picture_of_any_kind_is_upright(tmp_path: Path, suffix: str, mode: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = np.arange(40 * 32, dtype=np.uint8).reshape(32, 40) // 8
    lossless = {"webp": {"lossless": True}, "jpg": {"quality": 100}}.get(suffix, {})
    Image.fromarray(pixels).convert(mode).save(tmp_path / f"a.{suffix}", exif=exif, **lossless)
    assert image_size(tmp_path / f"a.{suffix}") == (32, 40)
    read = read_image(tmp_path / f"a.{suffix}")[..., 0]
    assert np.abs(read.astype(int) - np.rot90(pixels, -1)).max() <= (2 if suffix == "jpg" else 0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr"])
def test_every_mode_comes_out_as_rgb(tmp_path: Path, mode: str) -> None:
    suffix = "jpg" if mode in ("CMYK", "YCbCr") else "png"
    Image.new("RGB", (8, 8), (255, 255, 255)).convert(mode).save(tmp_path / f"a.{suffix}")
    read = read_image(tmp_path / f"a.{suffix}")
    assert read.shape == (8, 8, 3) and read.dtype == np.uint8 and read.min() > 250


def test_a_picture_too_large_to_unfold_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("RGB", (20, 20)).save(tmp_path / "huge.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    for look in (image_size, read_image):
        with pytest.raises(UnreadableInput, match="too large"):
            look(tmp_path / "huge.png")


def test_what_other_programs_would_draw_is_no_picture(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg", format="EPS")
    for look in (image_size, read_image):
        with pytest.raises(UnreadableInput, match="not a picture"):
            look(tmp_path / "a.jpg")


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "\ud800.jpg", "absent.jpg", ""])
def test_a_name_that_leads_nowhere_is_missing(tmp_path: Path, name: str) -> None:
    for look in (image_size, read_image, file_sha256):
        with pytest.raises(UnreadableInput, match="is missing"):
            look(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    for look in (image_size, read_image, file_sha256):
        with pytest.raises(UnreadableInput, match="is missing"):
            look(tmp_path / "pipe.jpg")


def test_a_folder_is_searched_to_its_depth_and_folders_are_no_pictures(tmp_path: Path) -> None:
    (tmp_path / "folder.jpg").mkdir()
    for name in ("b.PNG", "folder.jpg/a.jpg", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    found = [path.relative_to(tmp_path).as_posix() for path in find_images(tmp_path)]
    assert found == ["b.PNG", "folder.jpg/a.jpg", "loop.jpg"]  # the last is told to be missing
