"""Every page there is, in every state, and a small application that shows them by name."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from identity_service.web.account_views import AccountPage
from identity_service.web.headers import form_target
from identity_service.web.pages import Pages
from identity_service.web.static import Assets, read_assets
from identity_service.web.views import (
    AccountShown,
    ClientShown,
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
from tests.account_pages import account_samples
from tests.pictures import png

SITE_NAME = "Ada’s house"
CLIENT = ClientShown(
    name="Photo Album",
    logo=None,
    client_uri="https://album.example/",
    policy_uri="https://album.example/privacy",
    tos_uri="https://album.example/terms",
)
LOGIN = LoginPage(action="/sent", csrf="c-1", username="", client=CLIENT, problem=None, cancel=True)
CONSENT = ConsentPage(
    action="/sent",
    csrf="c-1",
    client=CLIENT,
    account="ada@house.example",
    scopes=("openid", "profile", "email", "offline_access", "album:print"),
    claims=("birthdate", "shoe_size"),
    goes_to="album.example",
    home="/account",
)
SELECT = SelectAccountPage(
    action="/sent",
    csrf="c-1",
    client=CLIENT,
    accounts=(AccountShown(key="k-1", name="ada@house.example"), AccountShown(key="k-2", name="byron")),
)
LOGOUT = LogoutPage(action="/sent", csrf="c-1", account="ada@house.example", client=CLIENT)
SIGNED_OUT = SignedOutPage(client=CLIENT, continue_to="https://album.example/bye")
FRAMES = ("https://album.example/logged-out?iss=x&sid=y", "https://print.example/logout?a=b&iss=x&sid=y")
ERROR = ErrorPage(
    code="invalid_request",
    description="redirect_uri is not registered for this client",
    status=400,
    advice=None,
    request_id="0f3c9a52c8c14c0d8e0a5d9f2b7f6a11",
)
FORM_POST = FormPostPage(
    action="/received", members=(("code", "idc_1"), ("state", "s & s"), ("iss", "https://id.example"))
)
LONG = "Pneumonoultramicroscopicsilicovolcanoconiosis" * 2

SAMPLES: Mapping[str, Page | AccountPage] = {
    "login": LOGIN,
    "login-alone": replace(LOGIN, client=None, cancel=False),
    "login-logo": replace(LOGIN, client=replace(CLIENT, logo="/logos/of-a-client")),
    "login-wrong_credentials": replace(LOGIN, username="ada", problem="wrong_credentials"),
    "login-too_many_attempts": replace(LOGIN, username="ada", problem="too_many_attempts"),
    "login-busy": replace(LOGIN, username="ada", problem="busy"),
    "login-missing": replace(LOGIN, problem="missing"),
    "login-long": replace(LOGIN, client=replace(CLIENT, name=LONG), username=LONG),
    "consent": CONSENT,
    "consent-openid": replace(CONSENT, scopes=("openid",), claims=()),
    "consent-unchecked": replace(CONSENT, unchecked=True),
    "consent-long": replace(
        CONSENT,
        client=replace(CLIENT, name=LONG),
        account=LONG,
        scopes=("openid", LONG),
        claims=(LONG,),
        goes_to=f"{LONG}.example",
    ),
    "select_account": SELECT,
    "select_account-long": replace(SELECT, client=None, accounts=(AccountShown(key="k", name=LONG),)),
    "logout": LOGOUT,
    "logout-alone": replace(LOGOUT, client=None),
    "signed_out": SIGNED_OUT,
    "still_signed_in": StillSignedInPage(account="alice"),
    "signed_out-alone": SignedOutPage(client=None, continue_to=None),
    "signed_out-everywhere": SignedOutPage(client=None, continue_to=None, everywhere=True),
    "error": ERROR,
    "error-expired": replace(ERROR, advice="expired"),
    "error-cookies": replace(ERROR, advice="cookies"),
    "error-start_again": replace(ERROR, advice="start_again"),
    "error-already_done": replace(ERROR, advice="already_done"),
    "error-try_again": replace(ERROR, advice="try_again"),
    "error-too-often": replace(ERROR, code="temporarily_unavailable", advice="too_often", status=429),
    "error-busy": replace(ERROR, code="temporarily_unavailable", advice="busy", status=503),
    "error-long": replace(ERROR, description=LONG, code=LONG),
    "form_post": FORM_POST,
    **account_samples(LONG),
}


def showing(
    samples: Mapping[str, Page | AccountPage] = SAMPLES,
    *,
    assets: Assets | None = None,
    form_action: tuple[str, ...] = (form_target("https://album.example/callback"),),
    frame_src: tuple[str, ...] = (),
) -> Starlette:
    """An application that shows each page at `/<its name>`, and what a form sent at `/sent` and `/received`.

    `?ui_locales=de` is what it is at the authorization endpoint.
    """
    files = assets or read_assets()
    pages = Pages(site_name=SITE_NAME, static_url="/static", assets=files)

    async def show(request: Request) -> Response:
        if (page := samples.get(request.path_params["name"])) is None:
            return PlainTextResponse("not found", 404)
        locales = tuple(request.query_params.get("ui_locales", "").split())
        return pages.respond(page, request, ui_locales=locales, form_action=form_action, frame_src=frame_src)

    async def sent(request: Request) -> Response:
        return PlainTextResponse((await request.body()).decode())

    async def picture(request: Request) -> Response:
        return Response(png(96, 96), media_type="image/png")

    received = [Route(path, sent, methods=["POST"]) for path in ("/sent", "/received")]
    logo = Route("/logos/of-a-client", picture)
    return Starlette(routes=[files.route(), logo, *received, Route("/{name}", show)])


def own_look(folder: Path) -> Assets:
    """The files of a deployment with colours and a logo of its own."""
    (folder / "own.css").write_text(":root { --accent: #7a2048; --radius: 2px; }")
    (folder / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="40"><rect width="160" height="40"/></svg>'
    )
    return read_assets(theme_css_file=folder / "own.css", logo_file=folder / "logo.svg")
