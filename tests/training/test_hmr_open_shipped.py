"""The frontend that we trained, on people that no training has seen."""

import numpy as np

from assets import OPEN_BENCH
from core.body import load_body
from core.frontends import load_frontend
from core.pose import Parameters
from training.bench.judges import Bodies3D, judge_of
from training.bench.rows import BENCHES
from training.corpora import read
from training.pairs import Pair, pairs

FEW = 24
"""Every so many of the test people of the open bench."""


def test_hmr_open_knows_far_more_of_people_it_never_saw_than_that_they_may_stand() -> None:
    body = load_body()
    judge = judge_of(BENCHES["open"], Bodies3D(body))
    people = list(read("human_data", OPEN_BENCH, "test"))[::FEW]
    mpjpe = {
        name: np.mean(
            [
                judge(Parameters.stack([pair.theta1]), pair.sample)[0, 0]
                for pair in pairs(people, load_frontend(name, body))
                if isinstance(pair, Pair)
            ]
        )
        for name in ("hmr-open", "standing")
    }
    assert mpjpe["hmr-open"] < 0.75 * mpjpe["standing"]
