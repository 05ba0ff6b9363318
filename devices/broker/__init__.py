"""The embedded broker: its program, its configuration, and who may come in. One door to NATS.

config      what nats-server is told          credentials  its own secrets
binary      the program, found and checked    violations   forbidden topics, counted
admission   asks and answers over NATS        doorman      "may this one come in?"
jwt         reads and signs                   table        by the hub's table of radios
"""
