"""Lets people in: logins, cookies, second factors, tokens, links. Who may do what: dispatch/access.

hashing.py    Argon2 in a thread, few at once
sessions.py   logins that are on, and when they end
books.py      accounts, secrets, tokens and links in memory, kept by the store
entry.py      coming in: password, code, link
who.py        who asks, as the guard hands it to the handlers
guarding.py   each request: who asks, and may they
bodies.py     what is said over HTTP; own.py, people.py, records.py: the handlers
routes.py     their addresses
"""
