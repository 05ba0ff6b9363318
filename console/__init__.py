"""The operators' side: the HTTP API, the live stream and the pages."""
