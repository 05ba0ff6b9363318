"""Real faults: ``make chaos`` kills, stops and fills up real processes while real radios press.

What is looked at in the end is what the radios know themselves: each keeps a log of its presses
and of what it heard, and the hub's journal is read from the disk beside it. tests/simulation plays
far more worlds, in simulated time; here are few, with nothing simulated but the people.

It stands among the tests, and not among the benchmarks, because it judges: a promise that is
broken ends it with status 1.
"""
