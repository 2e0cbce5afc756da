"""Whether what the person names in the settings can be used; runs beside the models."""

from pathlib import Path

from app.i18n import tr
from app.preferences import Preferences


def try_out(preferences: Preferences) -> str:
    """Load the user's own body and checkpoint; raises what is wrong with them, or the GPU."""
    from core.body import load_body
    from core.device import device_named
    from core.frontends import WITH_CHECKPOINT, load_frontend

    device_named(preferences.device)
    body = load_body(preferences.body_path)
    found = tr("{name}, {count} vertices", name=body.name, count=body.num_vertices)
    if preferences.checkpoint or preferences.frontend in WITH_CHECKPOINT:
        load_frontend(preferences.frontend, body, preferences.checkpoint_path)
        found = tr("{name}: it fits {frontend}", name=Path(preferences.checkpoint).name,
                   frontend=preferences.frontend)  # fmt: skip
    return found
