"""Files made to harm, and honest ones with impossible rows: named, refused, never obeyed."""

import base64
import json
import os
import pickle
import random
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import format_samples
import numpy as np
import pytest
from format_fuzz import damage, fresh, survives
from format_samples import BETAS, BOXES, MATRICES, POSE, SAMPLES, as_npz, held, humandata, pictures
from formats_kit import items, picture
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import safe_reader
from core.errors import UnreadableInput
from core.formats import humandata_reader, reader_for
from core.formats.records import Failure, Record
from core.jobs import finish
from core.jobs.importing import import_file
from core.project import Project
from core.safe_joblib import read_joblib

POSED = [name for name in SAMPLES if name not in (
    "coco", "coco-wholebody", "halpe", "crowdpose", "openpose", "mpi-inf-3dhp",
    "mpi-inf-3dhp test", "cvat", "label-studio",
)]  # fmt: skip


class Hostile:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.trace}",)


@pytest.fixture
def broken_row(request: pytest.FixtureRequest) -> Iterator[None]:
    """Put an impossible value into the first row of what the samples are made of."""
    kept = [array.copy() for array in (POSE, MATRICES, BETAS)]
    what = request.param
    if what == "NaN":
        POSE[0, 4, 1] = MATRICES[0, 4, 1, 1] = np.nan
    elif what == "infinite":
        POSE[0, 7, 1] = MATRICES[0, 7, 1, 1] = np.inf
    elif what == "no rotation":
        POSE[0, 5] = 99
        MATRICES[0, 5] *= 2
    else:
        BETAS[0, 3] = 300
    yield
    for array, old in zip((POSE, MATRICES, BETAS), kept, strict=True):
        array[:] = old


@pytest.mark.parametrize("broken_row", ["NaN", "infinite", "no rotation", "shape"], indirect=True)
@pytest.mark.parametrize("sample", POSED)
def test_an_impossible_row_is_named_and_the_rest_comes_in(
    sample: str, broken_row: None, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    what = request.node.callspec.params["broken_row"]
    if what == "shape" and sample in ("humandata of smplx", "bev"):
        pytest.skip("its shape is not taken")
    path = fresh(sample, tmp_path / "x")
    found = list(reader_for(path)[1](tmp_path / "x"))
    failures = [each for each in found if isinstance(each, Failure)]
    one_shape = what == "shape" and sample in ("3dpw", "3dpw npz", "amass", "smplcodec")
    assert len(failures) == (2 if one_shape else 1)
    assert failures[0].name and failures[0].why
    assert sum(isinstance(each, Record) for each in found) == 2 - len(failures)


@pytest.mark.parametrize(
    "box",
    [(0, 0, 0, 5), (0, 0, -3, 5), (np.nan, 0, 5, 5), (0, 0, np.inf, 5), (1e9, 0, 5, 5),
     (0, 0, 1e9, 1e9), (0, 0, 1e-9, 1e-9)],
)  # fmt: skip
def test_empty_and_absurd_boxes_are_named(box: tuple[float, ...], tmp_path: Path) -> None:
    kept = BOXES.copy()
    try:
        BOXES[0] = box
        path = fresh("humandata", tmp_path / "x")
    finally:
        BOXES[:] = kept
    first, second = items(humandata_reader, path)
    assert isinstance(first, Failure) and "box" in first.why
    assert isinstance(second, Record)


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_that_calls_is_refused_by_its_first_bytes(tmp_path: Path, protocol: int) -> None:
    trace = tmp_path / "ran"
    (tmp_path / "x").write_bytes(pickle.dumps({1: Hostile(trace)}, protocol=protocol))
    with pytest.raises(UnreadableInput):
        reader_for(tmp_path / "x")
    as_npz(tmp_path / "romp.npz", results=held(Hostile(trace)))
    with pytest.raises(UnreadableInput, match="system"):
        list(reader_for(tmp_path / "romp.npz")[1]())
    assert not trace.exists()


JOBLIB = (
    "gASV4QAAAAAAAAB9lEsBfZQojARwb3NllIwTam9ibGliLm51bXB5X3BpY2tsZZSMEU51bXB5QXJyYXlXcmFwcGVylJOU"
    "KYGUfZQojAhzdWJjbGFzc5SMBW51bXB5lIwHbmRhcnJheZSTlIwFc2hhcGWUSwJLA4aUjAVvcmRlcpSMAUOUjAVkdHlw"
    "ZZRoCYwFZHR5cGWUk5SMAmY0lImIh5RSlChLA4wBPJROTk5K/////0r/////SwB0lGKMCmFsbG93X21tYXCUiIwbbnVt"
    "cHlfYXJyYXlfYWxpZ25tZW50X2J5dGVzlEsQdWID////AAAAAAAAgD8AAABAAABAQAAAgEAAAKBAlU0AAAAAAAAAjANv"
    "YmqUaAUpgZR9lChoCGgLaAxLAoWUaA5oD2gQaBKMAk84lImIh5RSlChLA4wBfJROTk5K/////0r/////Sz90lGJoGIlo"
    "GUsQdWKABZWPAAAAAAAAAIwWbnVtcHkuX2NvcmUubXVsdGlhcnJheZSMDF9yZWNvbnN0cnVjdJSTlIwFbnVtcHmUjAdu"
    "ZGFycmF5lJOUSwCFlEMBYpSHlFKUKEsBSwKFlGgDjAVkdHlwZZSTlIwCTziUiYiHlFKUKEsDjAF8lE5OTkr/////Sv//"
    "//9LP3SUYoldlCiMAWGUTmV0lGIulWMAAAAAAAAAjANpZHOUXZSMFm51bXB5Ll9jb3JlLm11bHRpYXJyYXmUjAZzY2Fs"
    "YXKUk5RoEowCaTiUiYiHlFKUKEsDaBZOTk5K/////0r/////SwB0lGJDCAMAAAAAAAAAlIaUUpRhdXMu"
)
"""`joblib.dump({1: {"pose": float32 (2, 3), "obj": objects, "ids": [int64(3)]}})`, joblib 1.6.0."""


@pytest.mark.parametrize("packed", [False, True])
def test_what_joblib_writes_is_read(tmp_path: Path, packed: bool) -> None:
    data = base64.b64decode(JOBLIB)
    (tmp_path / "x").write_bytes(zlib.compress(data) if packed else data)
    (value,) = read_joblib(tmp_path / "x").values()
    np.testing.assert_array_equal(value["pose"], np.arange(6).reshape(2, 3))
    assert value["obj"].tolist() == ["a", None] and value["ids"] == [3]


def test_joblib_runs_nothing_and_reads_no_more_than_there_is(tmp_path: Path) -> None:
    data = base64.b64decode(JOBLIB)
    shape = data.index(b"K\x02K\x03\x86")
    for evil in (
        data.replace(b"NumpyArrayWrapper", b"NumpyArrayWrappes"),
        data[:shape] + b"K\xffK\xff\x86" + data[shape + 5 :],
        data[:200],
        zlib.compress(pickle.dumps(Hostile(tmp_path / "ran"))),
    ):
        (tmp_path / "x").write_bytes(evil)
        with pytest.raises(UnreadableInput):
            read_joblib(tmp_path / "x")
    assert not (tmp_path / "ran").exists()


def test_an_npz_of_a_trillion_elements_is_refused(tmp_path: Path) -> None:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 3), }\n"
    member = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("imgname.npy", member)
        archive.writestr("center.npy", member)
        archive.writestr("scale.npy", member)
    with pytest.raises(UnreadableInput, match="bytes"):
        list(reader_for(tmp_path / "x.npz")[1]())


def test_a_zip_bomb_is_refused_before_it_unfolds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safe_reader, "BOMB", 1 << 20)
    pictures(tmp_path)
    np.savez_compressed(tmp_path / "x.npz", image_path=["a.png"], bbox_xywh=np.zeros((1, 1 << 20)))
    with pytest.raises(UnreadableInput, match="times its size"):
        list(reader_for(tmp_path / "x.npz")[1]())


@pytest.mark.parametrize("name", ["../secret.png", "/etc/secret.png", "C:\\secret.png", "..", ""])
def test_names_that_climb_out_are_refused(name: str, tmp_path: Path) -> None:
    picture(tmp_path / "secret.png")
    (tmp_path / "in").mkdir()
    path = humandata(tmp_path / "in")
    data = {**np.load(path, allow_pickle=True), "image_path": np.array([name, "a.png"])}
    as_npz(path, **data)
    pictures(tmp_path / "in")
    first, second = items(humandata_reader, path)
    assert isinstance(first, Failure) and "--images" in first.why
    assert isinstance(second, Record)


def test_links_that_lead_out_are_refused_and_others_are_not(tmp_path: Path) -> None:
    picture(tmp_path / "secret.png")
    pictures(tmp_path / "in")
    (tmp_path / "in" / "a.png").unlink()
    (tmp_path / "in" / "a.png").symlink_to(tmp_path / "secret.png")
    (tmp_path / "in" / "c.png").symlink_to("b.png")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    path = humandata(tmp_path / "in")
    data = {**np.load(path, allow_pickle=True), "image_path": np.array(["a.png", "c.png"])}
    as_npz(path, **data)
    first, second = items(humandata_reader, path, tmp_path / "link")
    assert isinstance(first, Failure) and "link" in first.why
    assert isinstance(second, Record)


def test_a_name_of_another_machine_is_found_by_its_last_parts(tmp_path: Path) -> None:
    pictures(tmp_path / "val")
    path = humandata(tmp_path)
    names = np.array(["/home/ann/coco/val/a.png", "D:\\sets\\val\\b.png"])
    as_npz(path, **{**np.load(path, allow_pickle=True), "image_path": names})
    found = [each.image for each in items(humandata_reader, path) if isinstance(each, Record)]
    assert found == [tmp_path / "val" / "a.png", tmp_path / "val" / "b.png"]


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"diffannot":'])
def test_json_without_end_is_refused(opening: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_text(opening * 100_000)
    if opening == '{"diffannot":':
        assert all(isinstance(each, Failure) for each in reader_for(tmp_path / "x")[1]())
        return
    with pytest.raises(UnreadableInput, match="json"):
        reader_for(tmp_path / "x")


def test_xml_with_entities_is_refused(tmp_path: Path) -> None:
    text = '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>\n' + format_samples.CVAT[39:]
    (tmp_path / "x").write_text(text)
    with pytest.raises(UnreadableInput, match="entities"):
        list(reader_for(tmp_path / "x")[1]())


def test_a_picture_of_ten_thousand_million_pixels_is_one_failure(tmp_path: Path) -> None:
    path = fresh("coco", tmp_path / "x")
    ihdr = b"IHDR" + struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + ihdr + struct.pack(">I", zlib.crc32(ihdr))
    data = struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    (tmp_path / "x" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk + data)
    with Project.create(tmp_path / "p.diffannot") as project:
        report = finish(import_file(project, path))
        assert report.done == 1 and len(report.failures) == 1
        assert "too large" in report.failures[0]
        assert len(project.rows()) == 1


def test_a_line_that_is_torn_costs_one_person(tmp_path: Path) -> None:
    lines = ['{"diffannot": 1}', '{"diffannot": 1, "image": ', json.dumps({"diffannot": [1]})]
    (tmp_path / "x").write_text("\n".join(lines))
    found = list(reader_for(tmp_path / "x")[1]())
    assert [each.name for each in found if isinstance(each, Failure)] == [
        "line 1",
        "line 2",
        "line 3",
    ]


@pytest.mark.parametrize("sample", SAMPLES)
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32))
def test_damage_breaks_no_promise(sample: str, seed: int, tmp_path: Path) -> None:
    path = fresh(sample, tmp_path / "x")
    damage(path, random.Random(seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of numbers too large for float32
        assert survives(path, tmp_path / "x", SAMPLES[sample][0])
