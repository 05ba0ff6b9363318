"""Why a tip is not taken, read or closed; each carries its facts (errors.py) and no word of it."""

from dispatch.errors import RefusedError, quoted


class UnfitTipError(RefusedError):
    """What was said cannot be kept as it is."""

    code = "unfit_tip"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field} {why}", field=field)


class UnknownTipError(RefusedError):
    """No such tip, or none where the asker may read them: the two are not told apart."""

    code = "unknown_tip"

    def __init__(self, tip: str) -> None:
        super().__init__(f"no tip {quoted(tip)}", tip=quoted(tip))


class UnknownTipCodeError(RefusedError):
    """No tip has this code. ``why`` is mistyped or unknown."""

    code = "unknown_tip_code"

    def __init__(self, why: str) -> None:
        sentence = (
            "this is no code: look at it once more" if why == "mistyped" else "no tip has this code"
        )
        super().__init__(sentence, why=why)


class ReadItFirstError(RefusedError):
    """Only whoever has read a tip, and said why, writes to it or closes it."""

    code = "read_it_first"

    def __init__(self, tip: str) -> None:
        super().__init__(f"read tip {quoted(tip)} first, with a reason", tip=quoted(tip))


class TipClosedError(RefusedError):
    """It is closed already."""

    code = "tip_closed"

    def __init__(self, tip: str, by: str) -> None:
        super().__init__(f"{by} has closed tip {quoted(tip)} already", tip=quoted(tip), by=by)


class TooManyTipsError(RefusedError):
    """So many from one teller, or from everybody, that somebody may be flooding it."""

    code = "too_many_tips"

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many tips: wait {wait_s} s, or call", wait_s=wait_s)


class TipSealedError(RefusedError):
    """It cannot be opened: its key is not here, or it was changed. ``why`` is key or broken."""

    code = "tip_sealed"

    def __init__(self, why: str, key: str = "") -> None:
        sentence = (
            f"it is sealed with the key {key}, which is not on this server"
            if why == "key"
            else "it is not as it was sealed: tell the administrator"
        )
        super().__init__(sentence, why=why, key=key)


class TipErasedError(RefusedError):
    """Its time was over; what it said is gone."""

    code = "tip_erased"

    def __init__(self, tip: str) -> None:
        super().__init__(f"what tip {quoted(tip)} said was erased in time", tip=quoted(tip))
