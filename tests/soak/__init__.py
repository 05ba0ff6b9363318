"""Endurance: ``make soak`` runs a whole Yihu for hours under a day's load; what grows is seen.

Radios and house are those of tests/chaos, with nothing broken in it. It stands among the tests, as
they do, because it judges: what is not flat, or a press lost, ends it with status 1.
"""
