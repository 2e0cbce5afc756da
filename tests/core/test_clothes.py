import numpy as np
import pytest

from core.body import BodyModel, load_body
from core.body.clothes import EYE_WHITE, IRIS, OUTFITS, Outfit, vertex_colours
from core.pose import JOINTS


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body()


@pytest.mark.parametrize("outfit", OUTFITS, ids=lambda outfit: outfit.name)
def test_each_garment_is_where_it_belongs(body: BodyModel, outfit: Outfit) -> None:
    colours = vertex_colours(body, outfit)
    places = {
        "spine3": outfit.shirt,
        "pelvis": outfit.trousers,
        "left_foot": outfit.shoes,
        "right_hand": outfit.skin,
    }
    for joint, colour in places.items():
        part = colours[body.vertex_joint == JOINTS.index(joint)]
        assert (np.median(part, axis=0) == colour).all()
    top = body.template[:, 1].argmax()
    assert tuple(colours[top]) == outfit.hair


def test_eyes_have_a_dark_iris_in_white(body: BodyModel) -> None:
    colours = vertex_colours(body, OUTFITS[0])[body.eyes]
    assert {tuple(colour) for colour in colours.tolist()} == {EYE_WHITE, IRIS}


def test_long_sleeves_cover_more_than_short_ones(body: BodyModel) -> None:
    covered = {
        outfit.sleeve: (vertex_colours(body, outfit) == outfit.shirt).all(axis=1).sum()
        for outfit in OUTFITS
    }
    in_order = [covered[sleeve] for sleeve in sorted(covered)]
    assert in_order == sorted(in_order)
