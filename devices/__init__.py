"""The radios' side: wire formats, the MQTT door, the broker, admission, simulated radios."""
