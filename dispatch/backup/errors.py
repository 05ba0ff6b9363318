"""What a backup or a restore reports as wrong."""

from dispatch.errors import YihuError


class BackupError(YihuError):
    """It could not be made, read or put back; the sentence says why and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}; {remedy}")
