"""Registries, and the plug-ins that other packages add to them through entry points.

A row is a name and where it is made, `module:function`, or a module alone. An entry point is such a
row. Modules are imported when they are needed, so that a plug-in that is broken harms nobody who
does not ask for it. docs/plugins.md tells how to write one, `core.contract` what it is to keep to.
"""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from core.errors import BrokenPlugin, DiffAnnotError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plugin:
    """An entry point of another package.

    Parameters
    ----------
    group : str
        Which registry it is for, e.g. "diffannot.refiners".
    name, value : str
        Its row.
    package : str
        Name and version of the package.
    """

    group: str
    name: str
    value: str
    package: str

    def __str__(self) -> str:
        return f"{self.name} ({self.group}) of {self.package}"


def installed(group: str) -> list[Plugin]:
    """Return the plug-ins of this machine for a registry, in the order of packages and names."""
    found = {
        Plugin(group, each.name, each.value, f"{each.dist.name} {each.dist.version}")
        for each in _declared(tuple(sys.path)).select(group=group)
        if each.dist is not None
    }
    return sorted(found, key=lambda each: (each.package, each.name))


@cache
def _declared(path: tuple[str, ...]) -> Any:
    """Return what all packages declare: read once, not for each registry."""
    return entry_points()


class Registry(dict[str, str]):
    """Rows by name: our own, the default first, then those of plug-ins.

    Parameters
    ----------
    group : str
        Of the entry points.
    own : mapping of str to str
        Our rows.

    Attributes
    ----------
    plugins : dict of str to Plugin
        Rows that are a plug-in's.
    refused : list of Plugin
        Those whose name is taken.
    """

    def __init__(self, group: str, own: Mapping[str, str]) -> None:
        super().__init__(own)
        self.group = group
        self.plugins: dict[str, Plugin] = {}
        self.refused: list[Plugin] = []
        for plugin in installed(group):
            self._take(plugin)

    def load(self, name: str) -> Any:
        """Return what a row names: its function or class, else its module.

        Raises
        ------
        BrokenPlugin
            It is a plug-in's and cannot be imported.
        """
        module, _, attribute = self[name].partition(":")
        with self._blaming(name):
            found = import_module(module)
            return getattr(found, attribute) if attribute else found

    def module(self, name: str) -> Any:
        """Return the module that a row names; a plug-in's mistakes are told as its own."""
        return self._guarded(name, self.load(name))

    def make(self, name: str, *arguments: Any) -> Any:
        """Call what a row names and return what it makes; a plug-in's mistakes are its own."""
        load = self.load(name)
        with self._blaming(name):
            made = load(*arguments)
        return self._guarded(name, made)

    def _guarded(self, name: str, found: Any) -> Any:
        return _Guarded(found, self.plugins[name]) if name in self.plugins else found

    def _blaming(self, name: str) -> AbstractContextManager[None]:
        return _blaming(self.plugins[name]) if name in self.plugins else nullcontext()

    def _take(self, plugin: Plugin) -> None:
        if plugin.name not in self:
            self[plugin.name] = plugin.value
            self.plugins[plugin.name] = plugin
        else:
            self.refused.append(plugin)
            log.warning("The plug-in %s is left out: there is one of this name", plugin)


class _Guarded:
    """A plug-in's object or module: what its functions trip over is told as the plug-in's."""

    def __init__(self, found: Any, plugin: Plugin) -> None:
        self._found, self._plugin = found, plugin

    def __getattr__(self, name: str) -> Any:
        with _blaming(self._plugin):
            value = getattr(self._found, name)
        return self._guard(value) if callable(value) else value

    def _guard(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            with _blaming(self._plugin):
                return method(*arguments, **named)

        return call


@contextmanager
def _blaming(plugin: Plugin) -> Iterator[None]:
    try:
        yield
    except DiffAnnotError:
        raise
    except Exception as error:
        why = " ".join(str(error).split())
        raise BrokenPlugin(
            f"The plug-in {plugin} fails: {type(error).__name__}: {why}",
            "Mend or uninstall it; diffannot doctor lists all plug-ins",
        ) from error
