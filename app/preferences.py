"""What the person may choose, typed and checked; how it is kept."""

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from app.i18n import LANGUAGES
from core.frontends import DEFAULT_FRONTEND, FRONTENDS
from core.refiners import DEFAULT_REFINER, REFINERS
from core.suggest import DEFAULT_RECOMMENDER, RECOMMENDERS

SYSTEM, LIGHT, DARK = "system", "light", "dark"
COLOURS = (SYSTEM, LIGHT, DARK)
WINDOW_FRONTENDS = tuple(name for name in FRONTENDS if name != "standing")
"""Those that look for a body; `standing` is for placing by hand."""

MOST_AHEAD = 3
"""So many the loader can keep beside the one that is shown."""

AUTO, GPU = "auto", "cuda"
DEVICES = (AUTO, "cpu", GPU)
"""As `core.device.device_named` knows them."""

CORES = os.cpu_count() or 1


@dataclass(frozen=True)
class Preferences:
    """Everything in the dialog of settings.

    Parameters
    ----------
    colours : str
        One of `COLOURS`.
    language : str
        Key of `LANGUAGES`, or "system".
    frontend : str
        Who finds the rough annotation, one of `WINDOW_FRONTENDS`.
    checkpoint : str
        The user's weights for the frontend; empty for none.
    body : str
        SMPL's own file or folder; empty for the open body that ships.
    refiner : str
        Key of `REFINERS`.
    recommender : str
        Key of `RECOMMENDERS`.
    device : str
        Where networks compute, one of `DEVICES`.
    threads : int
        Of torch, 1 to the number of cores.
    ahead : int
        How many of the next undecided persons are made ready, 0 to `MOST_AHEAD`.

    Raises
    ------
    ValueError
        A value is none of these.
    """

    colours: str = SYSTEM
    language: str = SYSTEM
    frontend: str = DEFAULT_FRONTEND
    checkpoint: str = ""
    body: str = ""
    refiner: str = DEFAULT_REFINER
    recommender: str = DEFAULT_RECOMMENDER
    device: str = AUTO
    threads: int = 1
    ahead: int = 1

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if type(value) is not type(_DEFAULTS[name]) or not _RIGHT[name](value):
                raise ValueError(f"{name} cannot be {value!r}")

    @property
    def body_path(self) -> Path | None:
        """Where the body is read from; None for the one that ships."""
        return Path(self.body) if self.body else None

    @property
    def checkpoint_path(self) -> Path | None:
        """The frontend's weights; None for none."""
        return Path(self.checkpoint) if self.checkpoint else None


_DEFAULTS = {field.name: field.default for field in fields(Preferences)}
_RIGHT: Mapping[str, Callable[..., bool]] = {
    "colours": lambda value: value in COLOURS,
    "language": lambda value: value == SYSTEM or value in LANGUAGES,
    "frontend": lambda value: value in WINDOW_FRONTENDS,
    "checkpoint": lambda _: True,
    "body": lambda _: True,
    "refiner": lambda value: value in REFINERS,
    "recommender": lambda value: value in RECOMMENDERS,
    "device": lambda value: value in DEVICES,
    "threads": lambda value: 1 <= value <= CORES,
    "ahead": lambda value: 0 <= value <= MOST_AHEAD,
}


def from_data(data: object) -> Preferences:
    """Read preferences; each value that makes no sense, here or any more, is the default."""
    given = data if isinstance(data, dict) else {}
    right = {}
    for name in _DEFAULTS.keys() & given.keys():
        try:
            Preferences(**{name: given[name]})
        except ValueError:
            continue
        right[name] = given[name]
    return Preferences(**right)


def to_data(preferences: Preferences) -> dict[str, object]:
    """Return preferences as JSON has them."""
    return asdict(preferences)
