"""Can every password that is stored still be right, under the peppers that are set?"""

from collections.abc import Sequence
from typing import Any

from identity_service.adapters.sql.unit_of_work import SqlUnitOfWork
from identity_service.application.use_cases.users.count_hashes import CountHashes, HashCount
from identity_service.cli.doctor.finding import Finding, fail, ok

CHECK = "passwords"


async def check_passwords(container: Any) -> Finding:
    """Hashes under a pepper that is not set match nothing: their owners cannot sign in."""
    database = container.database()
    count = CountHashes(
        read=lambda: SqlUnitOfWork(database, writing=False, on_endings=_nobody),
        forms=container.passwords.schemes(),
        slow_forms=container.passwords.slow_schemes(),
    )
    found = await count()
    if unreadable := [each for each in found if each.standing == "unreadable"]:
        return _unreadable(unreadable)
    every, outdated = _sum(found), _sum([each for each in found if each.standing == "outdated"])
    rest = f"; {outdated} are of before, and made anew at the next sign-in" if outdated else ""
    return ok(CHECK, f"{every} hashes can be read{rest}")


def _unreadable(found: Sequence[HashCount]) -> Finding:
    if peppers := sorted({each.pepper for each in found if each.pepper is not None}):
        number = _sum([each for each in found if each.pepper is not None])
        return fail(
            CHECK,
            f"{number} hashes were made under a pepper that is not set (pepper id {', '.join(peppers)}): their owners "
            "cannot sign in",
            "put that pepper into PASSWORD_PEPPER_FORMER; where it is lost, set new passwords",
        )
    return fail(
        CHECK,
        f"{_sum(found)} hashes are of no form that is known here: their owners cannot sign in",
        "set new passwords for them (identity-service user set-password)",
    )


def _sum(found: Sequence[HashCount]) -> int:
    return sum(each.number for each in found)


def _nobody(tags: Sequence[str]) -> None:
    """A read ends nothing."""
