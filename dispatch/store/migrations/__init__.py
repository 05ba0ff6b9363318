"""How the journal's tables came to be, step by step. Alembic reads this folder; run by migrate.py.

To change a table: edit schema.py, add ``versions/vNNNN_what.py`` with the next
number, and the test that compares both ends will say whether they agree.
"""
