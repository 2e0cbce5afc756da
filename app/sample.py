"""The sample project: shipped read-only with the package, worked on as a copy."""

import shutil
from pathlib import Path

import platformdirs

from assets import SAMPLE_PROJECT


def copy_sample(folder: Path) -> Path:
    """Copy the sample project into a folder, unless it is there already.

    Parameters
    ----------
    folder : Path
        Made if missing.

    Returns
    -------
    Path
        The copied project file; work that is already in it is kept.
    """
    project = folder / SAMPLE_PROJECT.name
    if not project.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for source in sorted(SAMPLE_PROJECT.parent.iterdir()):
            if source != SAMPLE_PROJECT:
                shutil.copyfile(source, folder / source.name)
        # The project last: a copy cut short is begun again.
        part = project.with_suffix(".part")
        shutil.copyfile(SAMPLE_PROJECT, part)
        part.replace(project)
    return project


def annotated_sample(folder: Path) -> Path:
    """Copy the sample project into a folder and annotate everybody in it."""
    from app.cli import main as diffannot

    project = copy_sample(folder)
    if diffannot(["annotate", str(project)]):
        raise SystemExit("the sample project cannot be annotated: see above")
    return project


def sample_project() -> Path:
    """Return the user's own copy of the sample project, made on first use."""
    return copy_sample(sample_folder())


def sample_folder() -> Path:
    """Return where the user's own copy is, or will be."""
    return Path(platformdirs.user_data_dir("diffannot")) / "sample"
