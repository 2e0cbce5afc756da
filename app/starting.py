"""The window, opened and served until it is closed."""

import signal
from pathlib import Path

import platformdirs
from PySide6.QtCore import QTimer

from app import theme
from app.dialogs import application, put_on
from app.model_process import ModelProcess
from app.recovery import Presence
from app.settings import Settings
from app.window import MainWindow


def run(project_path: Path | None, person_id: int | None = None) -> int:
    """Open the window and stay until it is closed.

    Parameters
    ----------
    project_path : Path or None
        Project to open; None opens the last one, or the sample on first start.
    person_id : int or None
        Who is shown first; None is the first undecided.

    Returns
    -------
    int
        Exit status.
    """
    app = application()
    app.setApplicationName("DiffAnnot")
    theme.follow_system(app)
    settings = Settings()
    put_on(settings.preferences)
    window = MainWindow(ModelProcess(), settings)
    window.dialogs.greet()
    window.show()
    presence = Presence(platformdirs.user_config_path("diffannot") / "window.lock")
    if presence.was_cut_off:
        window.tell_of_recovery()
    path = project_path or settings.last_project
    # the first paint comes before any work
    QTimer.singleShot(
        0, lambda: window.review.open(path, person_id) if path else window.open_sample()
    )
    signal.signal(signal.SIGINT, lambda *_: window.close())
    status = app.exec()
    presence.end()
    return status
