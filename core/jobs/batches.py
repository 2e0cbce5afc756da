"""Persons in batches: for the command line, where nobody waits for one of them."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from core.device import in_batches
from core.errors import Cancelled, DiffAnnotError
from core.frontends import Frontend
from core.jobs.making import Engine, Looked, Made, Options, judged, look
from core.progress import CancelToken
from core.project import Person
from core.refiners import Refiner

if TYPE_CHECKING:
    from core.body import BodyModel

AT_ONCE = 16
"""Persons in a batch; of so many the looks are lost when a job is stopped among them."""


def batch_engine(
    frontend: Frontend,
    refiner: Refiner,
    body: "BodyModel",
    options: Options,
    cancel: CancelToken | None = None,
) -> Engine:
    """Return an engine for `annotate` that refines many persons in one call.

    Batches are halved and tried again when the memory of the device runs out. Where a batch fails,
    its persons are refined one by one, so that only those who cannot be are named.

    Parameters
    ----------
    frontend, refiner, body, options, cancel
        The same that `annotate` is given.
    """
    token = cancel or CancelToken()
    recommender = options.load_recommender(body)

    def refined(looked: list[Looked]) -> list[Made | DiffAnnotError]:
        def work(rows: slice) -> list[Made | DiffAnnotError]:
            token.check()
            some = looked[rows]
            given = [one.theta1 for one in some], [one.evidence for one in some]
            paths = refiner.trajectories(*given, options.steps, options.seed)
            return [judged(one, path, recommender) for one, path in zip(some, paths, strict=True)]

        try:
            return [one for part in in_batches(work, len(looked), AT_ONCE) for one in part]
        except Cancelled:
            raise
        except DiffAnnotError as error:
            if len(looked) == 1:
                return [error]
        return [one for each in looked for one in refined([each])]

    def engine(persons: Iterable[Person]) -> Iterator[tuple[Person, Made | DiffAnnotError]]:
        rest = iter(persons)
        while some := list(islice(rest, AT_ONCE)):
            seen: list[tuple[Person, Looked]] = []
            for person in some:
                token.check()
                try:
                    seen.append((person, look(person, frontend)))
                except DiffAnnotError as error:
                    yield person, error
            made = refined([looked for _, looked in seen])
            yield from zip((person for person, _ in seen), made, strict=True)

    return engine
