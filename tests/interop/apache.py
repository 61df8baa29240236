"""Apache with mod_auth_openidc, as Debian packages them, in a folder of its own."""

import os
import signal
import socket
from pathlib import Path

import pytest

from tests.house import Registered
from tests.interop.provider import Provider
from tests.servers.process import Home, Recipe, ServerProcess, free_port, unprivileged_account

MODULES = Path("/usr/lib/apache2/modules")
LOADED = (
    "mpm_prefork",
    "authn_core",
    "authz_core",
    "authz_user",
    "alias",
    "dir",
    "filter",
    "include",
    "mime",
    "auth_openidc",
)
CONFIGURATION = """
ServerRoot "{folder}"
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile "{folder}/httpd.pid"
Mutex file:{folder}
ErrorLog "{folder}/error.log"
LogLevel warn auth_openidc:info
{modules}

DocumentRoot "{folder}/pages"
TypesConfig /dev/null
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
<Directory "{folder}/pages">
    Options +Includes
</Directory>

OIDCProviderMetadataURL {provider.discovery}
OIDCClientID {client.id}
OIDCClientSecret {client.secret}
OIDCRedirectURI {url}/protected/callback
OIDCCryptoPassphrase "only of this test"
OIDCPKCEMethod S256
OIDCScope "{scope}"
OIDCPassClaimsAs environment
OIDCHTTPTimeoutShort 60
OIDCInfoHook access_token id_token userinfo refresh_token
OIDCRedirectURLsAllowed ^http://127\\.0\\.0\\.1[:/]
OIDCOAuthServerMetadataURL {provider.issuer}/.well-known/oauth-authorization-server
OIDCOAuthClientID {client.id}
OIDCOAuthClientSecret {client.secret}
OIDCOAuthRemoteUserClaim username
OIDCOAuthTokenIntrospectionInterval 0
{more}

<Location /protected>
    AuthType openid-connect
    Require valid-user
</Location>
<Location /api>
    AuthType oauth20
    Require valid-user
</Location>
"""
PAGE = '<!--#echo var="REMOTE_USER" -->|<!--#echo var="OIDC_CLAIM_email" -->|<!--#echo var="OIDC_CLAIM_iss" -->\n'


class Apache:
    """The process, from `start` to `close`. /protected is for people who signed in, /api for programs with a token."""

    def __init__(self, home: Home, program: Path, *, port: int | None = None) -> None:
        if not (MODULES / "mod_auth_openidc.so").exists():
            pytest.fail("mod_auth_openidc is missing: run `sh scripts/ci-packages`", pytrace=False)
        self._account = unprivileged_account()
        self._folder = home.folder("apache", self._account)
        self._port = port or free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.log = self._folder / "error.log"
        self.log.touch()
        os.chown(self.log, self._account.uid, self._account.gid)
        self._process = ServerProcess(
            Recipe(
                name="apache2",
                command=(program, "-X", "-f", self._folder / "httpd.conf"),
                account=self._account,
                home=self._folder,
                log=self.log,
                is_ready=self._listens,
                stop=signal.SIGTERM,
                orphaned=signal.SIGTERM,
            )
        )

    async def start(self, provider: Provider, client: Registered, *, scope: str, more: str) -> None:
        """Start it as this client, with more lines of configuration."""
        for place in ("protected", "api"):
            (self._folder / "pages" / place).mkdir(parents=True)
            (self._folder / "pages" / place / "index.shtml").write_text(PAGE)
        modules = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in LOADED)
        text = CONFIGURATION.format(
            folder=self._folder,
            port=self._port,
            url=self.url,
            modules=modules,
            provider=provider,
            client=client,
            scope=scope,
            more=more,
        )
        (self._folder / "httpd.conf").write_text(text)
        await self._process.start_soon()

    def close(self) -> None:
        """Stop it."""
        self._process.stop()

    def _listens(self) -> bool:
        if not (self._folder / "httpd.pid").exists():
            return False
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0
