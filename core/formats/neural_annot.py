"""NeuralAnnot's json (github.com/mks0601/NeuralAnnot_RELEASE): SMPL or SMPL-X by annotation.

    {"<annotation id>": {"smpl_param": {"pose": 72, "shape": 10, "trans": 3},
                         "cam_param": {"focal": 2, "princpt": 2}}}

Pictures and boxes stand in the data set's own COCO json, which must lie beside it: people are
joined by their annotation ids. SMPL-X has root_pose (3,) and body_pose (63,) instead of pose.
"""

from collections.abc import Iterator
from functools import partial

from core.errors import InvalidAnnotation, UnreadableInput
from core.formats import coco
from core.formats.opened import Opened
from core.formats.pictures import Pictures
from core.formats.records import Failure, Item, Note, Record, one
from core.formats.smpl_param import theta_of
from core.formats.thetas import HANDS, SHAPE

MODELS = ("smpl_param", "smplx_param")


def recognises(file: Opened) -> bool:
    """Whether a file is a json of parameters by annotation id."""
    if file.kind != "json" or not isinstance(file.value, dict) or not file.value:
        return False
    first = next(iter(file.value.values()))
    return isinstance(first, dict) and any(model in first for model in MODELS)


def read(file: Opened, pictures: Pictures) -> Iterator[Item]:
    """Read every person that the COCO json beside the file knows.

    Raises
    ------
    UnreadableInput
        There is no such json.
    """
    fits = file.value
    if any("smplx_param" in fit for fit in fits.values() if isinstance(fit, dict)):
        yield from (Note(HANDS), Note(SHAPE))
    people = coco.read(_beside(file), pictures)
    known = {each.name: each for each in people if not isinstance(each, Note)}

    def record(label: str, key: str) -> Record:
        person = known.get(f"annotation {key}")
        if person is None:
            raise InvalidAnnotation("the COCO json beside the file has no such annotation")
        if isinstance(person, Failure):
            raise InvalidAnnotation(person.why)
        theta1, placed = theta_of(fits[key], pictures.size(person.image))
        return Record(label, person.image, person.box, person.keypoints, theta1, placed)

    for key in fits:
        yield from one(f"annotation {key}", partial(record, f"annotation {key}", key))


def _beside(file: Opened) -> Opened:
    for path in sorted(file.path.parent.glob("*.json")):
        other = Opened(path)
        if path == file.path or other.kind != "json":
            continue
        try:
            people = other.value.get("annotations") if isinstance(other.value, dict) else None
        except UnreadableInput:
            continue
        ids = {str(each.get("id")) for each in people or () if isinstance(each, dict)}
        if ids & file.names:
            return other
    raise UnreadableInput(
        f"{file.path} names its people by annotation ids only",
        "Put the data set's own COCO json into the same folder",
    )
