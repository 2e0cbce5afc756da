"""roma, imported without torch's compiler.

roma has the compiler leave two of its functions out, and loads it for that: 800 modules, more than
a second and 70 MB for what nothing here compiles. So it meets a stand-in that has nothing to do.
"""

import importlib
import sys
from types import ModuleType, SimpleNamespace

import torch


def _import_roma() -> ModuleType:
    if "torch._dynamo" in sys.modules:
        return importlib.import_module("roma")
    torch._dynamo = SimpleNamespace(disable=lambda function: function)  # type: ignore[assignment]
    try:
        return importlib.import_module("roma")
    finally:
        del torch._dynamo


roma = _import_roma()
