"""What other packages add to the registries, and how they may fail."""

import logging
from pathlib import Path

import pytest

from core import formats
from core.errors import BrokenPlugin, InvalidAnnotation, UnknownFormat
from core.formats import format_of, reader_for, writer
from core.plugins import Registry

GROUP = "diffannot.test"
OWN = {"level": "core.refiners.level:load", "words": "core.errors"}

MODULE = """
from core.errors import InvalidAnnotation

class Thing:
    name = "thing"
    def __init__(self, body): self.body = body
    def says(self): return self.body
    def trips(self): return 1 // 0
    def refuses(self): raise InvalidAnnotation("this will not do")

def trips(body):
    raise KeyError("no\\nsuch thing")
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder that packages lie in."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def install(folder: Path, name: str, module: str, group: str = GROUP, **rows: str) -> None:
    (folder / f"{name}.py").write_text(module)
    made = folder / f"{name}-1.2.dist-info"
    made.mkdir()
    (made / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    lines = "".join(f"{row} = {value}\n" for row, value in rows.items())
    (made / "entry_points.txt").write_text(f"[{group}]\n{lines}")


def test_the_rows_of_other_packages_come_after_ours(package: Path) -> None:
    install(package, "fine_one", MODULE, thing="fine_one:Thing", whole="fine_one")
    table = Registry(GROUP, OWN)
    assert list(table) == ["level", "words", "thing", "whole"]
    made = table.make("thing", "a body")
    assert (made.name, made.says()) == ("thing", "a body")
    assert table.module("whole").Thing is not None
    assert table.module("words").InvalidAnnotation is InvalidAnnotation


def test_a_name_that_is_taken_is_refused_with_a_word(
    package: Path, caplog: pytest.LogCaptureFixture
) -> None:
    install(package, "later_one", MODULE, level="later_one:Thing", thing="later_one:Thing")
    install(package, "early_one", MODULE, thing="early_one:Thing")
    with caplog.at_level(logging.WARNING):
        table = Registry(GROUP, OWN)
    assert table["level"] == OWN["level"] and table["thing"] == "early_one:Thing"
    assert [each.package for each in table.refused] == ["later_one 1.2"] * 2
    assert "level (diffannot.test) of later_one 1.2 is left out" in caplog.text


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("nowhere:load", "ModuleNotFoundError: No module named 'nowhere'"),
        ("torn_one:load", "NameError: name 'torn' is not defined"),
        ("torn_two:load", "AttributeError"),
        ("torn_two:trips", "KeyError: 'no\\nsuch thing'"),
    ],
)
def test_a_plug_in_that_is_broken_is_named_on_one_line_and_harms_no_other(
    package: Path, value: str, why: str
) -> None:
    install(package, "torn_one", "torn", torn=value)
    install(package, "torn_two", MODULE, thing="torn_two:Thing")
    table = Registry(GROUP, OWN)
    with pytest.raises(BrokenPlugin) as raised:
        table.make("torn", "a body")
    assert "\n" not in str(raised.value)
    assert "torn (diffannot.test) of torn_one 1.2" in str(raised.value)
    assert why in str(raised.value)
    assert table.make("thing", "a body").says() == "a body"


def test_what_a_plug_in_trips_over_later_is_told_as_its_own(package: Path) -> None:
    install(package, "trips_one", MODULE, thing="trips_one:Thing")
    thing = Registry(GROUP, OWN).make("thing", None)
    with pytest.raises(BrokenPlugin, match=r"trips_one 1.2 fails: ZeroDivisionError"):
        thing.trips()
    with pytest.raises(BrokenPlugin, match="nothing"):
        thing.nothing()
    with pytest.raises(InvalidAnnotation, match="this will not do"):
        thing.refuses()


def test_what_our_own_rows_trip_over_stays_what_it_is() -> None:
    with pytest.raises(ModuleNotFoundError):
        Registry(GROUP, {"ours": "nowhere:load"}).make("ours")


READER = """
from core.formats.records import Note

def recognises(file): return b"mine" in file.path.read_bytes()
def read(file, pictures): yield Note("read by me")
"""


def test_a_reader_that_is_broken_is_left_out_and_the_others_go_on(
    package: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    group = formats.READERS.group
    install(package, "a_torn_reader", "torn", group, torn="a_torn_reader")
    install(package, "mine_reader", READER, group, mine="mine_reader")
    monkeypatch.setattr(formats, "READERS", Registry(group, formats.READERS))
    file = package / "file.bin"
    file.write_bytes(b"it is mine")
    name, read = reader_for(file)
    assert name == "mine" and [each.text for each in read(None)] == ["read by me"]
    assert "a_torn_reader 1.2 fails: NameError" in caplog.text
    other = package / "other.bin"
    other.write_bytes(b"it is not")
    assert format_of(other) is None
    with pytest.raises(UnknownFormat, match=r"label-studio, torn, mine"):
        reader_for(other)


def test_a_format_that_is_only_read_cannot_be_written(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = formats.WRITERS.group
    install(package, "read_only", READER, group, mine="read_only")
    monkeypatch.setattr(formats, "WRITERS", Registry(group, formats.WRITERS))
    with pytest.raises(BrokenPlugin, match="has no attribute 'save'"):
        writer("mine")
