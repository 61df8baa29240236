"""Which template renders which page, in which language and under which headers."""

import re
from collections.abc import Callable, Mapping
from gettext import NullTranslations
from types import CodeType

from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from identity_service.i18n.catalogues import SOURCE, catalogues, direction
from identity_service.i18n.languages import accepted, chosen
from identity_service.web import account_wording, wording
from identity_service.web.account_views import (
    AccountPage,
    ActivityPage,
    ConsentsPage,
    EditProfilePage,
    PasswordChangedPage,
    PasswordPage,
    ProfilePage,
    SessionsPage,
)
from identity_service.web.headers import framed_headers, page_headers
from identity_service.web.static import Assets
from identity_service.web.views import (
    ConsentPage,
    ErrorPage,
    FormPostPage,
    LoginPage,
    LogoutPage,
    Page,
    SelectAccountPage,
    SignedOutPage,
    StillSignedInPage,
)

_PRIVATE_USE = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+")
_TEMPLATES: Mapping[type[Page | AccountPage], str] = {
    LoginPage: "login.html",
    ConsentPage: "consent.html",
    SelectAccountPage: "select_account.html",
    LogoutPage: "logout.html",
    SignedOutPage: "signed_out.html",
    StillSignedInPage: "still_signed_in.html",
    ErrorPage: "error.html",
    FormPostPage: "form_post.html",
    ProfilePage: "account.html",
    EditProfilePage: "account_edit.html",
    PasswordPage: "account_password.html",
    PasswordChangedPage: "password_changed.html",
    SessionsPage: "account_sessions.html",
    ConsentsPage: "account_consents.html",
    ActivityPage: "account_activity.html",
}


class Pages:
    """Renders every page of one application instance."""

    def __init__(self, *, site_name: str, static_url: str, assets: Assets) -> None:
        """`static_url` is what the names of `assets` are appended to, without a slash at its end."""
        self._catalogues = catalogues()
        self._environment = _environment()
        self._environment.globals |= {
            "site_name": site_name,
            "static": _static(static_url, assets),
            "SCOPES": wording.SCOPES,
            "CLAIMS": wording.CLAIMS,
            "PROBLEMS": wording.PROBLEMS,
            "ADVICE": wording.ADVICE,
            "HOME": account_wording,
        }

    def respond(
        self,
        page: Page | AccountPage,
        request: Request,
        *,
        ui_locales: tuple[str, ...] = (),
        status: int = 200,
        form_action: tuple[str, ...] = (),
        frame_src: tuple[str, ...] = (),
    ) -> Response:
        """The page, in the first language of `ui_locales` and then of Accept-Language that there is, else in English.

        Args:
            page: what to show. An ErrorPage brings its own status.
            request: whom it is for.
            ui_locales: the parameter of that name (OIDC Core §3.1.2.1), split.
            status: of the answer.
            form_action: where its form may lead besides here, each from `headers.form_target`. Browsers ask that also
                of the redirect that follows a form.
            frame_src: whose pages its frames show, from the same function.

        Raises:
            ValueError: a `form_action` or `frame_src` that is no source.
        """
        wanted = (*ui_locales, *accepted(",".join(request.headers.getlist("accept-language"))))
        language = chosen(wanted, self._catalogues, otherwise=SOURCE)
        leads_nowhere = isinstance(page, ErrorPage | AccountPage)
        # A client that opened this in a popup (`display=popup`) waits for it to come back with an answer: a policy of
        # ours that cuts the two apart would end every such sign-in. Behind an error, and in the account, nothing comes.
        headers = page_headers(
            language=language,
            form_action=form_action,
            frame_src=frame_src,
            opener="same-origin" if leads_nowhere else "unsafe-none",
        )
        return HTMLResponse(
            self._render(page, language),
            status_code=page.status if isinstance(page, ErrorPage) else status,
            headers=headers,
        )

    def for_frames(self, *, cookie: str) -> Response:
        """The page that clients frame; `cookie` is what its script reads."""
        text = self._environment.get_template("check_session.html").render(cookie=cookie)
        return HTMLResponse(text, headers=framed_headers())

    def _render(self, page: Page | AccountPage, language: str) -> bytes:
        catalogue = self._catalogues[language]
        text = self._environment.get_template(_TEMPLATES[type(page)]).render(
            page=page,
            lang=language,
            dir=direction(catalogue),
            _=_translated(catalogue),
            ngettext=_counted(catalogue),
        )
        return text.encode("utf-8", "replace")  # a lone surrogate is no reason to show nothing


class _Compiled(BytecodeCache):
    """Code of templates, which the applications of one process share: making it takes a tenth of a second."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, bucket.code = self._known.get(bucket.key, (None, None))
        if checksum != bucket.checksum:
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._known[bucket.key] = (bucket.checksum, bucket.code)


_COMPILED = _Compiled()


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("identity_service.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_COMPILED,
    )
    made.filters["monogram"] = monogram
    made.tests["harmless"] = harmless
    return made


def _static(url: str, assets: Assets) -> Callable[[str], str | None]:
    def static(role: str) -> str | None:
        name = assets.name(role)
        return name and f"{url}/{name}"

    return static


def _translated(catalogue: NullTranslations) -> Callable[..., Markup]:
    """`_("Hello %(name)s", name=name)`: the text is ours, what is put into it is escaped."""

    def translate(text: str, /, **values: object) -> Markup:
        translated = Markup(catalogue.gettext(text))  # noqa: S704 - catalogues are code
        return translated % values if values else translated

    return translate


def _counted(catalogue: NullTranslations) -> Callable[..., Markup]:
    """`ngettext("%(count)s thing", "%(count)s things", n, count=n)`, in as many forms as the language has."""

    def translate(one: str, many: str, number: int, /, **values: object) -> Markup:
        return Markup(catalogue.ngettext(one, many, number)) % values  # noqa: S704 - catalogues are code

    return translate


def monogram(name: str) -> str:
    """The letter that stands for somebody without a picture."""
    return next((letter.upper()[0] for letter in name if letter.isalnum()), "·")


def harmless(uri: str | None) -> bool:
    """Whether a link may lead there: to the web or to an app (RFC 8252 §7.1), unlike `javascript:` and its kind."""
    scheme, colon, _ = (uri or "").partition(":")
    return bool(colon) and (scheme in ("https", "http") or _PRIVATE_USE.fullmatch(scheme) is not None)
