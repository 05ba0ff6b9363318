"""Sealed tips: what somebody saw and is afraid to be known to have told; read by few, each time
with a reason.

    words.py      kinds, ways, outcomes, limits
    facts.py      what is recorded: boxes, who read them and why, what came of it
    sealing.py    the boxes, and the keys that open them; the one door to their library
    keys.py       the file with the keys, which is in no backup and in no journal
    told.py       what somebody tells, checked and put into boxes
    refusals.py   why a tip is not taken, read or closed
    tip.py        tips as the facts say they are
    requests.py   what those who read them ask, decided
    opened.py     what boxes hold once they are opened
    room.py       all of them, for a running server: waits for the disk, decides nothing
    own.py        what a person gave under their own name
    command.py    ``yihu tips``

The addresses are console/tips', the reading of the journal dispatch/store/tips.py's. Who can read
what, and what is not protected: docs/tips.md.
"""
