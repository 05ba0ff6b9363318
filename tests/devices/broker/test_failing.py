"""A broker whose store failed is told from one that merely complains of a radio."""

import pytest

from devices.broker.failing import read_store_failed

BLOCK = "/d/broker/jetstream/RADIOS/streams/$MQTT_msgs/msgs/42.blk"
STREAM = "JetStream stream 'RADIOS > $MQTT_msgs'"
RADIO = '[88] [ERR] 127.0.0.1:4747 - mid:30 - "r-1" - '


@pytest.mark.parametrize(
    "line",
    [
        f"[88] [ERR] Filestore [$MQTT_msgs] Critical write error: write {BLOCK}: i/o error",
        f"[88] [ERR] JetStream failed to store a msg: write {BLOCK}: no space left on device",
        f"[88] [ERR] {STREAM} critical write error: write {BLOCK}: no space left on device",
        RADIO + 'unable to delete session "r-1": write …: no space left on device (10057)',
        "[88] [ERR] JetStream out of file resources, will be DISABLED",
    ],
)
def test_a_store_that_failed_is_noticed(line: str) -> None:
    """It lets no radio in until it is started anew, and says so nowhere else."""
    assert read_store_failed(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "no space left on device",
        "[88] [INF] Server is ready",
        RADIO + "unable to connect: connection closed",
        RADIO + "JetStream failed a pipelined QoS1/2 operation (pi=5): no JetStream ack within 5s; "
        "closing the connection",
    ],
)
def test_other_lines_are_not_taken_for_it(line: str) -> None:
    """A restart drops every radio for a second: not for nothing."""
    assert not read_store_failed(line)


@pytest.mark.parametrize(
    "line",
    [
        RADIO + 'Publish Violation - Subject "patrol.: no space left on device"',
        RADIO
        + 'Subscription Violation - Subject "a: no space left on device", '
        + "SID a: no space left on device",
        '[88] [ERR] 127.0.0.1:4747 - mid:30 - "x: no space left on device" - unable to connect',
        '[88] [ERR] 127.0.0.1:4747 - mid:30 - "JetStream critical write error: " - no',
    ],
)
def test_no_radio_can_have_the_broker_restarted(line: str) -> None:
    """What a radio chose itself may stand in the line."""
    assert not read_store_failed(line)
