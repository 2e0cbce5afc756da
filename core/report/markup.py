"""HTML from pieces in which text is always escaped: no file name or note can add a tag."""

from html import escape
from typing import Any

VOID = frozenset(("img", "meta", "br", "col", "line", "rect", "circle", "path"))


class Markup(str):
    """Text that is HTML already; only `tag` and `join` make it, or a constant of ours."""

    __slots__ = ()


def tag(name: str, /, *children: Any, **attributes: Any) -> Markup:
    """Return an element; children that are not `Markup` are text.

    Parameters
    ----------
    name : str
        Of the element.
    *children
        Markup or text; None is left out.
    **attributes
        `_` stands for `-`, and one at the end is dropped (`class_`); None is left out.
    """
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value), quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID and not children:
        return Markup(f"<{name}{words}/>")
    return Markup(f"<{name}{words}>{join(*children)}</{name}>")


def join(*children: Any) -> Markup:
    """Return pieces one after the other, text escaped."""
    return Markup("".join(_piece(each) for each in children if each is not None))


def _piece(child: Any) -> str:
    return child if isinstance(child, Markup) else escape(str(child), quote=True)


def percent(share: float, digits: int = 0) -> str:
    """Return a share as a percentage, which no line break divides."""
    return f"{100 * share:.{digits}f}\N{NO-BREAK SPACE}%"
