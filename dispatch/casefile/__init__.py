"""The incident file: what the centre hands to a street office, the police or a court.

One JSON file that proves its own wholeness (seal.py), made from the journal and
the history (make.py), and checked with nothing but itself (verify.py). The page
that people read is the console's.
"""

from dispatch.casefile.make import make_case_file
from dispatch.casefile.read import CaseFileError, read_case_file
from dispatch.casefile.seal import CaseFile
from dispatch.casefile.verify import FileReport, verify_file

__all__ = [
    "CaseFile",
    "CaseFileError",
    "FileReport",
    "make_case_file",
    "read_case_file",
    "verify_file",
]
