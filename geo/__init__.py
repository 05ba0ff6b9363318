"""Places: datum, distance, grid polygons, who is nearest. Knows nothing of patrols or alarms."""
