"""What the bearer of a radio is asked, and says, when it is let in by a code: the people's side of
devices/consenting.py. What is said stands with their account, where they have one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from console.asking import RequestRefusedError
from console.login.consent_states import demanded, giving
from console.login.office import LoginDesk
from dispatch.access.accounts import Account
from dispatch.access.facts import AccountFact, ConsentBy
from dispatch.access.kept import AccessChange
from dispatch.errors import StoreDownError
from dispatch.ids import OperatorName, unit_of
from dispatch.privacy.consent import Asked
from dispatch.roster import RadioRecord


@dataclass(frozen=True, slots=True)
class RadioConsents:
    """For the desk that knows everybody."""

    desk: LoginDesk

    def asked(self, record: RadioRecord) -> Asked:
        """By the radio's community, now."""
        texts = self.desk.roster.communities[record.community].consent
        bearer = self._bearer(record)
        needed = demanded(self.desk.roster, record.community, texts, bearer)
        return Asked(texts=texts, needed=needed)

    async def give(self, record: RadioRecord, said: Mapping[str, int], by: OperatorName) -> None:
        """Raises StoreError; StoreDownError where it does not answer."""
        texts = self.desk.roster.communities[record.community].consent
        read = [each for each in texts if said.get(each.id) == each.version]

        def decide() -> tuple[list[AccountFact], list[AccessChange]]:
            bearer = self._bearer(record)
            if bearer is None:
                return [], []
            t = self.desk.books.times.hub()
            facts = (giving(bearer, record.community, each, ConsentBy.JOIN, by, t) for each in read)
            return [fact for fact in facts if fact is not None], []

        try:
            await self.desk.books.change(decide)
        except RequestRefusedError as exc:
            raise StoreDownError(str(exc)) from exc

    def _bearer(self, record: RadioRecord) -> Account | None:
        unit = unit_of(record.radio)
        access = self.desk.books.access
        return next((each for each in access if each.unit == unit and not each.closed), None)
