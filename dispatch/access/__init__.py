"""Who may use the console, and for what. Pure: no socket, no clock, no hash, no secret.

    words.py         offices, rights, and where they count
    permissions.py   the one table: which office allows what
    facts.py         what is recorded of accounts, logins and looks
    accounts.py      accounts as the facts say they are
    requests.py      what people ask about accounts, decided
    attempts.py      how long somebody who guesses must wait
    passwords.py     what is no password
    totp.py          the second factor's numbers (RFC 6238)
    codes.py         codes that let a radio in once
    kept.py          what the store keeps beside the journal: digests, sessions, tokens

Secrets and waiting are console/login's, the tables dispatch/store/access.py's.
"""
