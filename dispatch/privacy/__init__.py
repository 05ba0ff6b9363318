"""What the law and people ask of data about persons. Pure: no socket, no clock, no database.

    consent.py       what people are asked to consent to
    facts.py         what is recorded of exporting, erasing and expiring
    holdings.py      whose a personal value is; what of a fact a person may have
    handing_out.py   everything held on one person, as one document

Reading and erasing in the database is dispatch/store/persons.py's.
"""
