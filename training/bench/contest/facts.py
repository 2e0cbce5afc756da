"""Everything that the contest found, as one JSON object; table and figures are made from it."""

from collections import Counter

from core.metrics.picture import CROP
from core.refiners import DEFAULT_REFINER
from core.suggest import DEFAULT_RECOMMENDER
from training.bench.bootstrap import DRAWS
from training.bench.contest.claims import differences, never_worse, seeds, targets
from training.bench.contest.conditions import CONDITIONS
from training.bench.contest.judging import APART, SHOWN
from training.bench.contest.people import BATCH
from training.bench.contest.running import CHOOSING, CHOOSING_STRANGE, Contest
from training.bench.contest.summary import (
    Facts,
    by_noise,
    cell_facts,
    curves,
    reliability,
    rivals,
)
from training.bench.crowd import SEED
from training.bench.report import WORSE
from training.bench.rows import BENCHES


def facts_of(contest: Contest, about: Facts) -> Facts:
    """Return the facts; `about` is of the machine (`training.bench.arms.machine`)."""
    bench, sources = BENCHES["open"], contest.sources
    protocol = bench.protocol
    assert protocol is not None
    facts: Facts = {
        "bench": bench.name,
        "split": bench.split,
        **protocol.to_json(),
        "ours": DEFAULT_REFINER,
        "recommender": DEFAULT_RECOMMENDER,
        "people": {source: len(people) for source, people in sources.test.items()},
        "fixed_steps": f"chosen on {CHOOSING} people of {bench.choosing} by frontend, and on "
        f"{CHOOSING_STRANGE} of each family together, with 4 px or with no keypoints",
        "conditions": {
            name: None if one is None else vars(one) for name, one in CONDITIONS.items()
        },
        "pixels": f"of a crop of {CROP} that holds the box",
        "worse": f"MPJPE rose by more than {WORSE:g} mm",
        "shown": f"the suggested step and the best by score, {SHOWN} in all, {APART} steps apart",
        "interval": f"95 % of {DRAWS} bootstrap means over {bench.groups}; differences are paired",
        "seed": SEED,
        "batch": BATCH,
        "frontends": sources.hashes,
        "left_out": sources.left_out,
        "not_measured": dict(Counter(one.partition(",")[0] for one in sources.failures)),
        "failures": contest.failures,
        "seconds": {name: round(spent, 1) for name, spent in contest.seconds.items()},
        "processes": contest.processes,
        **about,
        "cells": [cell_facts(key, contest) for key, found in contest.cells.items() if found],
        "differences": differences(contest),
        "never_worse": never_worse(contest),
        "by_noise": by_noise(contest),
        "curves": curves(contest),
        "reliability": reliability(contest),
        "recommenders": rivals(contest),
        "seeds": seeds(contest),
    }
    return {**facts, "targets": targets(facts)}
