import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from project_kit import add_run, make, parameters, states, turn_back
from sqlalchemy import create_engine, text

from core.errors import ProjectError
from core.evidence import Box
from core.project import Accept, Bulk, Flag, Project, Reject, Source, State, Tag, store

DECIDE_FOREVER = """
import sys
from pathlib import Path
from core.project import Flag, Project
project = Project.open(Path(sys.argv[1]))
while True:
    entry = project.decide(Flag(1))
    sys.stdout.write(f"{entry.id}\\n")
    sys.stdout.flush()
"""


@pytest.mark.parametrize("delay", [0.0, 0.013, 0.07, 0.211])
def test_a_kill_loses_no_acknowledged_decision(tmp_path: Path, delay: float) -> None:
    make(tmp_path / "p.diffannot").close()
    command = [sys.executable, "-c", DECIDE_FOREVER, str(tmp_path / "p.diffannot")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = int(process.stdout.readline())
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        for line in process.stdout:
            if line.endswith("\n"):
                acknowledged = int(line)
    with Project.open(tmp_path / "p.diffannot") as project:
        kept = [entry.id for entry in project.journal()]
        # one more may have been written and not yet told
        assert kept in (list(range(1, n + 1)) for n in (acknowledged, acknowledged + 1))
        assert project.rows()[0].state is State.FLAGGED


def test_a_commit_waits_for_the_disk_and_its_folder(tmp_path: Path) -> None:
    with make(tmp_path / "p.diffannot") as project, project._store.read() as session:
        connection = session.connection()
        extra, one_file = 3, "delete"  # sqlite.org/pragma.html
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == extra
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == one_file


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path) -> None:
    with make(tmp_path / "p.diffannot") as project:
        project.decide(Reject(1))
        with project._store.read() as session:  # the only way to fill a disk in a test
            connection = session.connection()
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        with pytest.raises(ProjectError, match="the disk is full") as caught:
            for _ in range(10_000):
                project.decide(Flag(2))
        assert "\n" not in str(caught.value)
        told = len(project.journal())
    with Project.open(project.path) as again:
        assert len(again.journal()) == told
        assert states(again)[0] == "r"


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on file sizes")
def test_a_file_system_that_takes_no_more_is_told(tmp_path: Path) -> None:
    make(tmp_path / "p.diffannot").close()
    limited = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"size = {(tmp_path / 'p.diffannot').stat().st_size}\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))\n" + DECIDE_FOREVER
    )
    command = [sys.executable, "-c", limited, str(tmp_path / "p.diffannot")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "core.errors.ProjectError" in done.stderr.splitlines()[-1]
    assert "the disk is full" in done.stderr.splitlines()[-1]
    with Project.open(tmp_path / "p.diffannot") as project:
        assert [str(entry.id) for entry in project.journal()] == done.stdout.split()


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.9])
def test_a_torn_file_is_refused(tmp_path: Path, share: float) -> None:
    make(tmp_path / "p.diffannot").close()
    whole = (tmp_path / "p.diffannot").read_bytes()
    (tmp_path / "p.diffannot").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(ProjectError, match=r"torn|is not a DiffAnnot project"):
        Project.open(tmp_path / "p.diffannot")


def test_what_is_no_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello" * 1000)
    create_engine(f"sqlite:///{tmp_path / 'other'}").connect().exec_driver_sql("CREATE TABLE a (b)")
    for name in ("text", "other"):
        with pytest.raises(ProjectError, match=f"{name} is not a DiffAnnot project"):
            Project.open(tmp_path / name)
    for name in ("absent", "."):
        with pytest.raises(ProjectError, match="There is no project"):
            Project.open(tmp_path / name)


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    make(tmp_path / "p.diffannot").close()
    engine = create_engine(f"sqlite:///{tmp_path / 'p.diffannot'}")
    with engine.begin() as connection:
        connection.execute(text("PRAGMA user_version=99"))
    engine.dispose()
    with pytest.raises(ProjectError, match="newer DiffAnnot"):
        Project.open(tmp_path / "p.diffannot")


def test_an_older_file_is_brought_up_to_date_with_gains_in_millimetres(tmp_path: Path) -> None:
    path = tmp_path / "p.diffannot"
    with make(path) as project:
        project.add_person(1, Box(0, 200, 50, 60))
        project.add_theta1(4, parameters(0.2), Source("x"))
        add_run(project, 4, 4)
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE run SET expected_gain=0.01"))
    engine.dispose()
    turn_back(path, 1)
    for _ in range(2):  # the second time there is nothing to do
        with Project.open(path) as project:
            run = project.person(4).run
            assert run is not None
            # 0.01 of 60 px at 3.2 m, seen with 700.5 px
            expected = 0.01 * 60 * 3.2 / 700.5 * 1000
            assert run.suggestion.expected_gain == pytest.approx(expected)
            assert project.rows()[3].expected_gain == pytest.approx(expected)
            assert run.suggestion.uncertainty == 0 and run.suggestion.parts == ()
            assert run.suggestion.by == "held-out"


def test_decisions_of_an_older_file_still_count(tmp_path: Path) -> None:
    path = tmp_path / "p.diffannot"
    with make(path) as project:
        project.decide(Accept(1, 1, 2))
        project.decide(Reject(2))
        entries = [entry.to_json_line() for entry in project.journal()]
        who = project.journal()[0].who
    turn_back(path, 2)
    with Project.open(path) as project:
        assert states(project) == "aru"
        assert [entry.to_json_line() for entry in project.journal()] == entries
        assert (project.rows()[0].chosen_step, project.rows()[0].decided_by) == (2, who)
        project.decide(Bulk((Tag(1, ("dark",)), Tag(3, ("dark",)))))
        project.undo()
        project.undo()
        assert states(project) == "auu"


def test_a_project_is_never_replaced(tmp_path: Path) -> None:
    make(tmp_path / "p.diffannot").close()
    with pytest.raises(ProjectError, match="is there already"):
        Project.create(tmp_path / "p.diffannot")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_a_read_only_project_can_be_read_and_says_why_it_takes_no_decision(tmp_path: Path) -> None:
    folder = Path("/tmp") / f"diffannot_read_only_{os.getpid()}"
    folder.mkdir(mode=0o755)
    try:
        make(folder / "p.diffannot").close()
        script = (
            "import os, sys; from pathlib import Path\n"
            "from core.project import Project, Flag\n"
            "os.setuid(65534)\n"
            "project = Project.open(Path(sys.argv[1]))\n"
            "assert len(project.rows()) == 3\n"
            "project.decide(Flag(1))\n"
        )
        command = [sys.executable, "-c", script, str(folder / "p.diffannot")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "ProjectError" in done.stderr and "is read-only" in done.stderr
    finally:
        shutil.rmtree(folder)


def test_two_programs_decide_on_one_file_and_nothing_is_lost(tmp_path: Path) -> None:
    make(tmp_path / "p.diffannot").close()

    def decide(person_id: int) -> None:
        with Project.open(tmp_path / "p.diffannot") as project:
            for _ in range(40):
                project.decide(Flag(person_id))

    threads = [threading.Thread(target=decide, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Project.open(tmp_path / "p.diffannot") as project:
        decided = [entry.decision.person_id for entry in project.journal()]
        assert (decided.count(1), decided.count(2)) == (40, 40)
        assert states(project) == "ffu"


def test_a_busy_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.05)
    with make(tmp_path / "p.diffannot") as first, Project.open(first.path) as second:
        with first.batch():
            first.set_note(1, "being written")
            with pytest.raises(ProjectError, match="another program"):
                second.decide(Flag(1))
        second.decide(Flag(1))
        assert len(first.journal()) == 1
