"""Meshes as glb: see `core.formats.mesh_writer`."""

from core.formats.export import Export
from core.formats.mesh_writer import save_as

SUFFIX = ""


def save(export: Export) -> None:
    """Write a folder of meshes."""
    save_as(export, "glb")
