"""Tests of dispatch/store/. Those that touch a database run on SQLite and on PostgreSQL."""
