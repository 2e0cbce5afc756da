"""The example as its author tests it; see docs/plugins.md."""

from pathlib import Path

from core.contract import ReaderContract, RefinerContract, WriterContract, people
from core.formats import writer
from core.formats.entries import Chosen, gather
from core.formats.export import Export
from core.jobs import finish
from core.jobs.report import Tally
from core.progress import CancelToken


class TestRelax(RefinerContract):
    name = "relax"


class TestReading(ReaderContract):
    name = "pose-lines"
    persons = 3

    def write(self, folder: Path) -> Path:
        with people.project_in(folder, self.persons) as project:
            job = gather(project, folder, Chosen(), people.body(), Tally(), CancelToken())
            out = folder / "people.lines"
            writer(self.name)(Export(project, out, finish(job), people.body()))
        return out


class TestWriting(WriterContract):
    name = reader = "pose-lines"
    carries = frozenset(("pose", "shape", "place", "camera", "box", "picture"))
