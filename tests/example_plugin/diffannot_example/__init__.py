"""A plug-in of DiffAnnot: docs/plugins.md tells how one is made."""
