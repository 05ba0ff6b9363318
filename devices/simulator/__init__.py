"""Radios that are not there: they walk, lose their link, press and answer, as MQTT clients."""
