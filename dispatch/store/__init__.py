"""The journal, its projections, the personal values and the history of positions."""
