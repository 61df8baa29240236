"""What each letter says, in English; the catalogues have the rest."""

from collections.abc import Mapping
from dataclasses import dataclass

from identity_service.i18n.catalogues import later


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """`%(site)s` is what this server is called, `%(at)s` when it happened; what else a letter names stands in `sample`,
    with a value to look at it by. `action` is the label of a link, `leads_to` the path below the issuer that it leads
    to, and `after` what stands behind it."""

    subject: str
    lines: tuple[str, ...]
    action: str | None = None
    leads_to: str = ""
    after: tuple[str, ...] = ()
    sample: Mapping[str, str]


_STRANGER = later(
    "If that was not you, tell whoever runs %(site)s at once: somebody else may be in your account."
)
_NAMED = {"username": "alice"}

LETTERS: Mapping[str, Wording] = {
    "password_changed": Wording(
        subject=later("Your password has been changed"),
        lines=(
            later("The password of your account %(username)s at %(site)s was changed on %(at)s."),
            later("Everything that was signed in to it is signed out. Sign in with the new password."),
        ),
        action=later("See what happened in your account"),
        leads_to="/account/activity",
        after=(_STRANGER,),
        sample=_NAMED,
    ),
    "email_changed": Wording(
        subject=later("Your e-mail address was changed"),
        lines=(
            later("Your account %(username)s at %(site)s was given another e-mail address on %(at)s."),
            later("Mails about it no longer come here."),
        ),
        action=later("See what happened in your account"),
        leads_to="/account/activity",
        after=(_STRANGER,),
        sample=_NAMED,
    ),
    "test": Wording(
        subject=later("A mail to try it"),
        lines=(later("Somebody who runs %(site)s wants to know whether its mails arrive. This one did."),),
        sample={},
    ),
}
