"""How long a report takes, small and large: `python -m tests.bench.report_speed`.

The projects are those of `queue_speed`: 100 to 100,000 persons, a tenth of them decided on, with as
many decisions as persons, and without arrays. What is looked at for the errors is a sample of a
fixed size and the dozen pictures are no more in a large project, so that they are not measured.
"""

import resource
import sys
import tempfile
from pathlib import Path

from core.body import load_body
from core.jobs import finish
from core.project import Project
from core.report import write_report
from tests.bench.queue_speed import SIZES, now, since, tell, write


def main() -> int:
    body = load_body()
    tell(f"{'persons':>8} {'clock, s':>9} {'processor, s':>13} {'page, kB':>9} {'peak, MB':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for persons in SIZES:
            path = write(Path(folder) / f"{persons}.diffannot", persons)
            page = path.with_suffix(".html")
            begun = now()
            with Project.open(path) as project:
                facts = finish(write_report(project, page, body))
            clock, processor = since(begun)
            assert facts.progress.persons == persons
            size, peak = page.stat().st_size / 1e3, resource.getrusage(resource.RUSAGE_SELF)
            tell(f"{persons:8,} {clock:9.1f} {processor:13.1f} {size:9.0f} "
                 f"{peak.ru_maxrss / 1024:9.0f}")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
