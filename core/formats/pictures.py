"""Where the pictures lie that a dataset file names: in one folder, and nowhere else."""

import os
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

from core.errors import InvalidAnnotation
from core.images import find_images, image_size


class Pictures:
    """The pictures of a dataset.

    Parameters
    ----------
    folder : Path
        Names in the file start from here. Other parts of a name than its last ones may be those of
        the machine that wrote the file: `/home/ann/coco/val/1.jpg` is found as `val/1.jpg`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.find = cache(self._find)
        self.size = cache(image_size)

    def _find(self, name: str) -> Path:
        """Return where a picture is, or would be if it is missing.

        Raises
        ------
        InvalidAnnotation
            The name leads out of the folder, by itself or through a link.
        """
        parts = PurePosixPath(name.replace("\\", "/") if ":\\" in name else name).parts
        inside = [part for part in parts if part not in ("..", "/") and not part.endswith(":")]
        whole = len(inside) == len(parts)
        for start in range(len(inside)):
            path = self.folder.joinpath(*inside[start:])
            if os.path.lexists(path):
                return self._within(path, name)
        if not inside or not whole:
            raise InvalidAnnotation(
                f"the picture {name!r} lies outside {self.folder}: name its folder with --images"
            )
        return self.folder.joinpath(*inside)

    def _within(self, path: Path, name: str) -> Path:
        if not Path(os.path.realpath(path)).is_relative_to(self._root):
            raise InvalidAnnotation(
                f"the picture {name!r} is a link that leads out of {self.folder}: "
                "name the folder where it lies with --images"
            )
        return path

    @cached_property
    def _root(self) -> str:
        return os.path.realpath(self.folder)

    @cached_property
    def frames(self) -> list[Path]:
        """The pictures of the folder in the order of their names: the frames of a video."""
        return find_images(self.folder)

    def frame(self, number: int) -> Path:
        """Return one frame of a video, counted from 0.

        Raises
        ------
        InvalidAnnotation
            The folder has no such frame.
        """
        if not 0 <= number < len(self.frames):
            raise InvalidAnnotation(
                f"there is no frame {number} in {self.folder}, which has {len(self.frames)}: "
                "name the folder of the video's frames with --images"
            )
        return self.frames[number]

    @cached_property
    def by_stem(self) -> dict[str, Path]:
        """The pictures of the folder by their names without an ending."""
        return {path.stem: path for path in reversed(self.frames)}

    def stem(self, name: str) -> Path:
        """Return the picture of a name without an ending.

        Raises
        ------
        InvalidAnnotation
            There is none.
        """
        if name not in self.by_stem:
            raise InvalidAnnotation(f"there is no picture {name!r} of any ending in {self.folder}")
        return self.by_stem[name]
