"""The position lane from the broker to the hub: read, kept newest first under load, decoded.

Alarms and orders go by ``devices.mqtt`` and paho-mqtt, message by message. A position is one
of thousands and needs no acknowledgement, so that what costs is Python per packet: here a
packet is two slices of bytes until a whole burst of them becomes columns. Why and how much
is in docs/decisions/0011-own-reader-of-positions.md.
"""
