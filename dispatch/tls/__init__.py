"""Certificates for a centre that has none: ``yihu tls``. The one door to cryptography.

    make.py      an authority of one's own, and certificates under it; pure but for the keys' chance
    folder.py    DATA/tls: what lies there, written whole or not at all
    names.py     what this machine is called, and what may stand in a certificate
    command.py   ``yihu tls``
    showing.py   whether a certificate and a key can be shown; by Python's own ssl

How a server shows a certificate is console/serve.py's and the broker's; this room only makes them.
"""
