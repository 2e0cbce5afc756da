"""How commands of `python -m` end where something is missing or torn."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import DiffAnnotError


@contextmanager
def one_line() -> Iterator[None]:
    """Say what went wrong in a line and end with status 2, as `diffannot` does."""
    try:
        yield
    except DiffAnnotError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from error
