"""Decides, remembers, and owns the words everyone uses: the hub, the journal, the rules."""
