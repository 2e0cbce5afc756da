"""Persons spread over the workers of a Ray cluster (extra `ray`).

Every worker loads the models once. Pictures are read where the work is done, so they must lie at
the same paths on every machine of the cluster.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from core.errors import DiffAnnotError, MissingModel
from core.jobs.making import Engine, Made, Options, make, outcome_of
from core.progress import CancelToken
from core.project import Person


class _Worker:
    """The models, loaded where the work is done."""

    def __init__(
        self,
        frontend: str,
        refiner: str,
        body_path: Path | None,
        options: Options,
        checkpoint: Path | None,
        weights: Path | None,
    ) -> None:
        from core.body import load_body
        from core.frontends import load_frontend
        from core.refiners import load_refiner

        self._body = load_body(body_path)
        self._frontend = load_frontend(frontend, self._body, checkpoint)
        self._refiner = load_refiner(refiner, self._body, weights)
        self._options = options

    def work(self, person: Person) -> tuple[Person, Made | DiffAnnotError]:
        models = (self._frontend, self._refiner, self._body)
        return person, outcome_of(make(person, *models, self._options, CancelToken()))


def ray_engine(
    frontend: str,
    refiner: str,
    body_path: Path | None,
    options: Options,
    checkpoint: Path | None = None,
    weights: Path | None = None,
) -> Engine:
    """Return an engine for `annotate`: one worker a CPU of the cluster, or of this machine.

    Parameters
    ----------
    frontend, refiner : str
        Registry names.
    body_path : Path or None
        None for the open body.
    options : Options
        The same that `annotate` is given.
    checkpoint : Path or None
        The frontend's weights where they are the user's own; read by every worker.
    weights : Path or None
        The refiner's, likewise.

    Raises
    ------
    MissingModel
        Ray is not installed.
    """
    try:
        import ray
        from ray.util import ActorPool
    except ImportError as error:
        raise MissingModel(
            "Ray is not installed", "Run pip install 'diffannot[ray]', or leave out --engine ray"
        ) from error

    def engine(persons: Iterable[Person]) -> Iterator[tuple[Person, Made | DiffAnnotError]]:
        ray.init(ignore_reinit_error=True, log_to_driver=False, include_dashboard=False)
        remote = ray.remote(num_cpus=1)(_Worker)
        count = max(1, int(ray.cluster_resources().get("CPU", 1)))
        models = frontend, refiner, body_path, options, checkpoint, weights
        workers = [remote.remote(*models) for _ in range(count)]
        pool = ActorPool(workers)
        yield from pool.map_unordered(lambda worker, person: worker.work.remote(person), persons)

    return engine
