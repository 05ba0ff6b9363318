"""People are called over other ways than radio: the gateways, outside the alarm path.

    book.py      the gateway file: ways, contacts, limits
    ladder.py    which gateway is due for one person now (pure)
    limits.py    whether one more message may go (pure)
    facts.py, words.py, words_zh.py, words_en.py   what a message says (pure)
    from_order.py   facts for a message, taken from a radio's order (pure)
    client.py    the hub's side: submit a message, hear of its result
    messages.py  the lines between the hub and its worker
    worker.py, __main__.py   the worker, a process of its own
    door.py      the one file that knows Apprise
    checking.py  whether Apprise can use a file
    strangers.py  names that only the file, or only plans and roster, know (pure)

The hub imports book, ladder, facts, from_order, messages and client, never the door.
"""
