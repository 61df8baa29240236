"""Whether a password may be set for an account."""

import logging
from collections.abc import Collection
from hashlib import sha1

from identity_service.domain.entities.user import User
from identity_service.domain.services.context_words import context_words
from identity_service.domain.services.password_policy import PasswordPolicy, Unfit
from identity_service.domain.value_objects.email import Email
from identity_service.domain.value_objects.profile import Profile
from identity_service.domain.value_objects.secret import Secret
from identity_service.domain.value_objects.username import Username
from identity_service.ports.passwords import Appraise, BreachRanges, RangeUnavailable

log = logging.getLogger(__name__)

PREFIX_DIGITS = 5
"""Of the SHA-1 digest: some hundred to two thousand known passwords share them."""


class AcceptPassword:
    """Judges a new password: its length, whose words it is made of, how soon it is guessed, and whether it is known.

    - Breached passwords are looked up by the first five digits of their digest: nobody outside learns the rest.
    - Where they cannot be looked up, the password is taken and a line is logged: the other rules hold all the same.
    - Nothing of this applies at sign-in, or to a hash that was made elsewhere.
    """

    def __init__(
        self,
        *,
        policy: PasswordPolicy,
        appraise: Appraise,
        breaches: BreachRanges | None,
        site_words: Collection[str],
    ) -> None:
        self._policy = policy
        self._appraise = appraise
        self._breaches = breaches
        self._site_words = frozenset(site_words)

    def formed(self, password: Secret) -> str:
        """The password as text, where its length alone is judged. Raises Unacceptable."""
        return self._policy.formed(password)

    async def __call__(self, password: Secret, *, about: Collection[str], address: str | None) -> str:
        """The text to be hashed. `about` are words about the account (`words_about`), `address` is the caller's.

        Raises Unacceptable, HashingBusy.
        """
        text, words = self._policy.formed(password), self._site_words.union(about)
        self._policy.check_words(text, words)
        found = await self._appraise(text, words=words, address=address)
        if found.common:
            raise self._policy.refusal(Unfit.COMMON)
        if found.score < self._policy.least_score:
            raise self._policy.refusal(Unfit.WEAK)
        if await self._is_breached(text):
            raise self._policy.refusal(Unfit.BREACHED)
        return text

    async def _is_breached(self, text: str) -> bool:
        if self._breaches is None:
            return False
        digest = sha1(text.encode("utf-8"), usedforsecurity=False).hexdigest().upper()
        try:
            known = await self._breaches.suffixes(digest[:PREFIX_DIGITS])
        except RangeUnavailable as error:
            log.warning("breached passwords cannot be looked up, and a new one was taken without: %s", error)
            return False
        return digest[PREFIX_DIGITS:] in known


def words_about(
    username: Username, email: Email | None, name: str | None, profile: Profile
) -> frozenset[str]:
    """What anybody who knows the person would try."""
    said = (profile.given_name, profile.family_name, profile.middle_name, profile.nickname, profile.birthdate)
    return context_words(username.entered, None if email is None else email.address, name, *said)


def words_about_user(user: User) -> frozenset[str]:
    """The same, of an account that is there."""
    return words_about(user.username, user.email, user.name, user.profile)
