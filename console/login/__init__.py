"""Lets people in: logins, cookies, second factors, tokens, links. Who may do what: dispatch/access.

hashing.py    Argon2 in a thread, few at once
sessions.py   logins that are on, and when they end
books.py      accounts, secrets, tokens and links in memory, kept by the store
entry.py      coming in: password, code, link
who.py        who asks, as the guard hands it to the handlers
guarding.py   each request: who asks, and may they
own.py        handlers: coming in, one's password and logins; beside it factor.py, tokens.py
people.py     handlers of those who manage people; records.py: the audit, who looked
provider.py   another server that vouches for people; vouched.py: its handlers
bodies.py     what is said over HTTP
first.py      the room put together, the first link, ``yihu link``
routes.py     their addresses
"""
