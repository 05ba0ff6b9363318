"""Recorded journeys played as radios: reading them, a roster for them, and playing."""
