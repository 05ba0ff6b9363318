"""The addresses of sealed tips: given by anybody logged in, read by those named for it.

    bodies.py     shapes of what goes in and out
    shelf.py      where the handlers find the tips
    giving.py     giving one, and looking what became of it
    reading.py    the list, one with a reason, notes, closing
    routes.py     every address

What may be done is dispatch/tips'.
"""
