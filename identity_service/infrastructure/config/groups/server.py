"""Settings: how the server presents itself, listens and stops."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, NoDecode


class ServerSettings(BaseSettings):
    """The server"""

    environment: Literal["development", "production"] = Field(
        "development", description="`production` refuses to start with unsafe settings."
    )
    issuer: str = Field(
        "http://127.0.0.1:8000",
        description="The issuer identifier: the https URL under which clients reach this server.",
        max_length=512,
    )
    default_audience: str | None = Field(
        None, description="`aud` of tokens asked for without a `resource`. Default: the issuer."
    )
    tls_cert_file: Path | None = Field(
        None,
        description="With it `serve` speaks https: a certificate in PEM, those of its authorities after it. When the "
        "file changes it is read again, and nobody is cut off. Default: http, for a proxy in front.",
    )
    tls_key_file: Path | None = Field(
        None, description="The private key of TLS_CERT_FILE, in PEM, without a passphrase."
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Names or addresses, without a port, under which this server may be asked (`Host`) besides the "
        "issuer's and loopback, separated by commas: what clients inside your network call it, say. `*`: any. "
        "/health and /metrics may be asked by address always.",
    )
    strict_transport_security_seconds: int = Field(
        31_536_000,
        ge=0,
        le=63_072_000,
        description="With an https ISSUER: how long browsers are told to insist on https, for its host and those below "
        "it. 0: not at all.",
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins whose pages may call the endpoints meant for browsers, separated by commas."
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Addresses or networks of your own proxies, separated by commas: what they say of the caller's "
        "address is believed. Default: nobody.",
    )
    proxy_header: Literal["x-forwarded-for", "forwarded"] = Field(
        "x-forwarded-for",
        description="The one header that TRUSTED_PROXIES write the caller's address to; the other is never read.",
    )
    data_dir: Path = Field(
        Path("var"), description="Folder of the embedded database and of secrets made at first start."
    )
    side: Literal["all", "query", "command"] = Field(
        "all",
        description="What this process serves. `query`: introspection, keys and metadata, from DATABASE_READ_URL "
        "and without any secret; `command`: the rest.",
    )
    max_connections: int = Field(
        10_000,
        ge=10,
        le=1_000_000,
        description="Connections that a process of `serve` holds at once, idle ones included; more are answered 503.",
    )
    shutdown_delay_seconds: float = Field(
        0,
        ge=0,
        le=60,
        description="How long a server that was told to stop still serves while /health/ready says 503: the time "
        "that a load balancer needs to see it.",
    )
    shutdown_grace_seconds: int = Field(
        10, ge=0, le=600, description="How long requests under way may take to finish when the server stops."
    )
    docs: bool = Field(True, description="Serve /docs, /redoc and /openapi.json.")
    fast_path: Literal["early", "on", "off"] = Field(
        "early",
        description="Answer introspection, clients that want their own token, keys, metadata and /health/live in front "
        "of the web framework where that is possible; `early`: as soon as they are parsed. Answers are the same; "
        "ACCESS_LOG turns it off. Unless `off`, plain requests for tokens skip routing; with `early`, the framework.",
    )
