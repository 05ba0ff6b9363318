"""Why somebody is not let in, or may not do a thing; each carries its facts (errors.py)."""

from collections.abc import Sequence

from dispatch.access.words import Right
from dispatch.errors import RefusedError, quoted


class NotLoggedInError(RefusedError):
    """Nobody knows who asks."""

    code = "not_logged_in"

    def __init__(self) -> None:
        super().__init__("log in first")


class NoRightError(RefusedError):
    """Who asks is known, and may not do this, or not there."""

    code = "no_right"

    def __init__(self, right: Right, community: str) -> None:
        super().__init__(
            f"needs the right {right} in community {quoted(community) or '(any)'}",
            right=right.value,
            community=quoted(community),
        )


class LoginRefusedError(RefusedError):
    """Name, password or code is wrong; which of them is not said to somebody who guesses."""

    code = "wrong_login"

    def __init__(self, *, tries_left: int) -> None:
        super().__init__("name, password or code is wrong", tries_left=tries_left)


class WrongNumberError(RefusedError):
    """The first number of a phone that is being set up: nothing is counted, for whoever types it
    has just been shown what it is made from."""

    code = "wrong_login"

    def __init__(self) -> None:
        super().__init__("this is not the number that your phone shows now: try again")


class CodeNeededError(RefusedError):
    """The password is right, and the number from the phone is still to be said."""

    code = "code_needed"

    def __init__(self) -> None:
        super().__init__("say the code from your phone, too")


class WaitError(RefusedError):
    """Too many tries: the next one counts only after a while."""

    code = "wait"

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(f"too many tries: wait {wait_s} s", wait_s=wait_s)


class TooBusyError(RefusedError):
    """So many log in at once that one more would hold up the others."""

    code = "busy"

    def __init__(self) -> None:
        super().__init__("many people are logging in: try again in a few seconds")


class UnknownAccountError(RefusedError):
    """No account of this name."""

    code = "unknown_account"

    def __init__(self, account: str) -> None:
        super().__init__(f"no account {quoted(account)}", account=quoted(account))


class NameTakenError(RefusedError):
    """Another person has or had this name: what stands under it in the journal is theirs."""

    code = "name_taken"

    def __init__(self, account: str) -> None:
        super().__init__(
            f"the name {quoted(account)} has been given before", account=quoted(account)
        )


class LastAdministratorError(RefusedError):
    """Nobody would be left to let people in."""

    code = "last_administrator"

    def __init__(self) -> None:
        super().__init__("nobody else is an administrator everywhere: make one first")


class BadPasswordError(RefusedError):
    """What was chosen would be guessed. ``why`` is short, long, common, name,
    digits, number or pattern."""

    code = "bad_password"

    def __init__(self, why: str, sentence: str) -> None:
        super().__init__(sentence, why=why)


class BadLinkError(RefusedError):
    """A one-time link that was used, has run out, or never was."""

    code = "bad_link"

    def __init__(self) -> None:
        super().__init__("this link was used or has run out: ask for a new one")


class BadCodeError(RefusedError):
    """A radio's code that does not let in. ``why`` is mistyped, or unknown: used, run out, void, or
    never made."""

    code = "bad_code"

    def __init__(self, why: str) -> None:
        sentence = (
            "this is no code: look at it once more"
            if why == "mistyped"
            else "this code was used or has run out: ask for a new one"
        )
        super().__init__(sentence, why=why)


class ConsentNeededError(RefusedError):
    """A radio whose bearer has not consented, in a community that demands it."""

    code = "consent_needed"

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = tuple(texts)
        names = ", ".join(texts)
        super().__init__(
            f"this community lets a radio in only with its bearer's consent to: {names};"
            " the code is still good: read what is asked, and say so with it",
            texts=names,
        )


class UnfitAccessError(RefusedError):
    """What was asked about an account cannot be done."""

    code = "unfit"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field} {why}", field=field)
