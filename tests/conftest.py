"""What every test runs under; no fixtures.

Hypothesis gives an example 200 ms by default and complains of slow drawing: on
a busy machine these fail for no fault of ours, and no test here is timed.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("yihu", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("yihu")
