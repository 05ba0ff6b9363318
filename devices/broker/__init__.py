"""The embedded broker: its binary, its configuration, and who may come in. One door to NATS."""
