"""What a plug-in is to keep to, as tests that its author runs with pytest: our own rows pass them.

A class of tests for each kind of row; derive one, name the row, and pytest does the rest:

    from core.contract import RefinerContract

    class TestMine(RefinerContract):
        name = "mine"

Nothing here imports pytest.
"""

from core.contract.frontends import FrontendContract
from core.contract.readers import ReaderContract
from core.contract.recommenders import RecommenderContract
from core.contract.refiners import RefinerContract
from core.contract.writers import WriterContract

__all__ = [
    "FrontendContract",
    "ReaderContract",
    "RecommenderContract",
    "RefinerContract",
    "WriterContract",
]
