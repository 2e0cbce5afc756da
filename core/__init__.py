"""Everything that works without a window: body, pose, refiners, project, formats, rendering."""
