"""Files that ship with DiffAnnot, each made by a command in `assets/` or `training/`."""

from pathlib import Path

ASSETS = Path(__file__).resolve().parent

OPEN_BODY = ASSETS / "open_body.npz"
HMR_OPEN_WEIGHTS = ASSETS / "hmr_open.safetensors"
PRIOR_WEIGHTS = ASSETS / "prior.safetensors"
LEVEL_WEIGHTS = ASSETS / "level.safetensors"
BRIDGE_WEIGHTS = ASSETS / "bridge.safetensors"
ONE_SHOT_WEIGHTS = ASSETS / "one_shot.safetensors"
AS_PUBLISHED_WEIGHTS = ASSETS / "as_published.safetensors"
RANKER_WEIGHTS = ASSETS / "ranker.safetensors"
SAMPLE_PROJECT = ASSETS / "sample" / "sample.diffannot"
OPEN_BENCH = ASSETS / "bench"
TRANSLATIONS = ASSETS / "translations"
