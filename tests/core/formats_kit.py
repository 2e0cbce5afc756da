"""Reading dataset files in tests, and pictures for them to name."""

from pathlib import Path
from types import ModuleType

from PIL import Image

from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Item, Record


def items(module: ModuleType, path: Path, images: Path | None = None) -> list[Item]:
    return list(module.read(Opened(path), Pictures(images or path.parent)))


def recognises(module: ModuleType, path: Path) -> bool:
    found: bool = module.recognises(Opened(path))
    return found


def records(module: ModuleType, path: Path, images: Path | None = None) -> list[Record]:
    return [each for each in items(module, path, images) if isinstance(each, Record)]


def picture(path: Path, width: int = 640, height: int = 480) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height)).save(path)
    return path
