"""The body: its files, and posing it. Imports torch."""

from core.body.model import BodyModel, load_body

__all__ = ["BodyModel", "load_body"]
