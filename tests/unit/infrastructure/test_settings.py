"""How settings are read, and how wrong ones are refused: one line that names the variable."""

from pathlib import Path
from typing import Any

import pytest

from identity_service.infrastructure.config.checks import listen_address
from identity_service.infrastructure.config.production import refuse_unsafe, refuse_workers
from identity_service.infrastructure.config.settings import Settings, WrongSettings, load_settings

KEY = "a3" * 16


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of the machine and no `.env` of the checkout has a say."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)
    monkeypatch.chdir(tmp_path)


def refusal(**overrides: Any) -> str:
    with pytest.raises(WrongSettings) as caught:
        load_settings(**overrides)
    return str(caught.value)


def test_s9_no_value_gives_the_embedded_defaults() -> None:
    settings = load_settings()
    assert settings.embedded
    assert settings.database_url == "sqlite+aiosqlite:///var/identity.sqlite3"
    assert settings.database_read_url == settings.database_url
    assert settings.default_audience == settings.issuer == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("BCRYPT_COST", "17", "BCRYPT_COST: wants a whole number from 4 to 16"),
        ("BCRYPT_COST", "3", "BCRYPT_COST: wants a whole number from 4 to 16"),
        ("BCRYPT_COST", "much", "BCRYPT_COST: wants a whole number from 4 to 16"),
        (
            "DATABASE_POOL_TIMEOUT_SECONDS",
            "0",
            "DATABASE_POOL_TIMEOUT_SECONDS: wants a number above 0, at most 60",
        ),
        (
            "DATABASE_POOL_TIMEOUT_SECONDS",
            "nan",
            "DATABASE_POOL_TIMEOUT_SECONDS: wants a number above 0, at most 60",
        ),
        ("PASSWORD_SCHEME", "md5", "PASSWORD_SCHEME: wants bcrypt or argon2id"),
        ("LOGO_FILE", "logo.gif", "LOGO_FILE: wants the path of a file that ends in .svg or .png"),
        ("THEME_CSS_FILE", "own.scss", "THEME_CSS_FILE: wants the path of a file that ends in .css"),
        ("SITE_NAME", "x" * 101, "SITE_NAME: wants text of at most 100 characters"),
        ("METRICS", "on", "METRICS: wants off, listener or guarded"),
        ("METRICS_LISTEN", "9464", "METRICS_LISTEN: wants an address and a port such as 127.0.0.1:9464"),
        ("METRICS_LISTEN", "127.0.0.1", "METRICS_LISTEN: wants an address and a port such as 127.0.0.1:9464"),
        ("METRICS_LISTEN", "a:9464/x", "METRICS_LISTEN: wants an address and a port such as 127.0.0.1:9464"),
        ("METRICS_LISTEN", "a:99999", "METRICS_LISTEN: wants an address and a port such as 127.0.0.1:9464"),
        (
            "METRICS_TOKEN",
            "0123456789abcdef0123456789abcde",
            "METRICS_TOKEN: wants at least 32 letters, digits and -._~+/ (`openssl rand -hex 32`)",
        ),
        (
            "METRICS_TOKEN",
            "0123456789 abcdef0123456789abcdef",
            "METRICS_TOKEN: wants at least 32 letters, digits and -._~+/ (`openssl rand -hex 32`)",
        ),
        ("CLIENT_REGISTRATION", "on", "CLIENT_REGISTRATION: wants off, token or open"),
        (
            "CLIENT_REGISTRATION_SCOPES",
            "calendar:read write, it",
            "CLIENT_REGISTRATION_SCOPES: wants scopes such as calendar:read, separated by commas; "
            "'calendar:read write' is none",
        ),
        (
            "CLIENT_REGISTRATION_SCOPES",
            "calendar:read, users:read",
            "CLIENT_REGISTRATION_SCOPES: wants scopes that clients may take for themselves, which users:read is not",
        ),
        (
            "CLIENT_REGISTRATION_SCOPES",
            "account",
            "CLIENT_REGISTRATION_SCOPES: wants scopes that clients may take for themselves, which account is not",
        ),
        (
            "FETCH_EXCEPTIONS",
            "keys.test",
            "FETCH_EXCEPTIONS: wants hosts with their port such as keys.test:8443, separated by commas; "
            "'keys.test' is none",
        ),
        (
            "FETCH_EXCEPTIONS",
            "a:1,u@b:2",
            "FETCH_EXCEPTIONS: wants hosts with their port such as keys.test:8443, separated by commas; "
            "'u@b:2' is none",
        ),
        ("SIGNING_ALGORITHM", "HS256", "SIGNING_ALGORITHM: wants RS256, PS256, ES256 or EdDSA"),
        (
            "CLIENT_SIGNING_ALGORITHMS",
            "RS256,none",
            "CLIENT_SIGNING_ALGORITHMS: wants one or more of RS256, PS256, ES256 or EdDSA, separated by commas",
        ),
        ("DOCS", "perhaps", "DOCS: wants true or false"),
        ("ISSUER", "id.example", "ISSUER: wants an http(s) URL such as https://id.example.org"),
        ("ISSUER", "https://[::1", "ISSUER: wants an http(s) URL such as https://id.example.org"),
        (
            "ISSUER",
            "https://id.example?a=b",
            "ISSUER: wants an http(s) URL without query, fragment and user (RFC 8414 §2)",
        ),
        ("ISSUER", "https://id.example/", "ISSUER: wants no slash at the end"),
        (
            "DATABASE_URL",
            "mysql://u:geheim@h/n",
            "DATABASE_URL: wants postgresql://user:password@host:5432/name or sqlite:///file",
        ),
        (
            "DATABASE_URL",
            "postgresql://u:geheim@h:port/n",
            "DATABASE_URL: wants postgresql://user:password@host:5432/name or sqlite:///file",
        ),
        *(
            (
                "DATABASE_URL",
                without_a_file,
                "DATABASE_URL: wants postgresql://user:password@host:5432/name or sqlite:///file",
            )
            for without_a_file in ("sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite://host/file")
        ),
        (
            "REDIS_URL",
            "http://:geheim@h",
            "REDIS_URL: wants redis://host:6379/0 (rediss:// for TLS, unix:// for a socket)",
        ),
    ],
)
def test_s9_a_wrong_value_is_refused_with_one_line_that_names_the_variable_and_what_it_wants(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, line: str
) -> None:
    monkeypatch.setenv(name, value)
    assert refusal() == line


def test_s9_every_wrong_value_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BCRYPT_COST", "99")
    monkeypatch.setenv("ISSUER", "nowhere")
    assert sorted(line.partition(":")[0] for line in refusal().splitlines()) == ["BCRYPT_COST", "ISSUER"]


def test_s9_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", " 10.0.0.7, 10.1.0.0/24,2001:db8::/48 ")
    assert load_settings().trusted_proxies == ("10.0.0.7/32", "10.1.0.0/24", "2001:db8::/48")


@pytest.mark.parametrize("value", ["*", "proxy.example", "10.0.0.1/24", "10.0.0.0/33", "0.0.0.0/0", "::/0"])
def test_s9_what_is_no_network_of_proxies_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", value)
    assert refusal().startswith("TRUSTED_PROXIES: wants ")


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example",
        "http://127.0.0.1:3000",
        "https://app.example:8443",
        "https://[2001:db8::1]:8443",
    ],
)
def test_s9_an_origin_as_browsers_write_it_is_allowed(monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", f" https://first.example ,{origin}")
    assert load_settings().allowed_origins == ("https://first.example", origin)


@pytest.mark.parametrize(
    "origin",
    [
        *("*", "null", "app.example", "https://", "https://app.example/", "https://app.example/path"),
        *(
            "https://App.example",
            "https://app.example:443",
            "http://app.example:80",
            "https://user@app.example",
        ),
        *("https://*.app.example", "ftp://app.example", "https://app.example:port", "https://app.example?x"),
    ],
)
def test_s9_anything_else_is_no_origin(monkeypatch: pytest.MonkeyPatch, origin: str) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", f"https://first.example,{origin}")
    assert refusal().startswith("ALLOWED_ORIGINS: wants ")


@pytest.mark.parametrize("host", ["127.0.0.1:9000", "app.internal:443", "[::1]:8080"])
def test_s9_a_server_that_may_be_spoken_to_is_a_host_and_a_port(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("FETCH_EXCEPTIONS", f"first.example:1 , {host}")
    assert load_settings().fetch_exceptions == ("first.example:1", host)


@pytest.mark.parametrize(
    "host",
    [
        *("app.internal", "*:443", "*.internal:443", "https://app.internal:443", "app.internal:443/x"),
        *("user@app.internal:443", "app.internal:0", "app.internal:99999", "app.internal:080"),
        *("10.0.0.0/8:443", ":443", "::1:443"),
    ],
)
def test_s9_no_pattern_and_no_network_may_be_spoken_to(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("FETCH_EXCEPTIONS", f"first.example:1,{host}")
    assert refusal().startswith("FETCH_EXCEPTIONS: wants ")


def test_s9_a_file_without_certificates_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for name in ("empty.pem", "absent.pem"):
        monkeypatch.setenv("FETCH_CA_FILE", str(tmp_path / name))
        assert refusal().startswith("FETCH_CA_FILE: wants the path of a file of certificates in PEM")


def test_s3_tokens_can_be_signed_with_the_servers_own_algorithm_and_with_what_clients_may_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert load_settings().signing_algorithms == ("RS256", "PS256", "ES256", "EdDSA")
    monkeypatch.setenv("SIGNING_ALGORITHM", "EdDSA")
    monkeypatch.setenv("CLIENT_SIGNING_ALGORITHMS", "ES256, EdDSA")
    assert load_settings().signing_algorithms == ("EdDSA", "ES256")


@pytest.mark.parametrize("name", ["MASTER_KEY", "PASSWORD_PEPPER", "JWT_PRIVATE_KEY"])
def test_s9_any_secret_may_be_given_as_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "secret").write_text(f"{KEY}\n")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "secret"))
    assert getattr(load_settings(), name.lower()).get_secret_value() == KEY


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_READ_URL", "REDIS_URL"])
def test_s9_an_address_may_be_given_as_a_file_too_for_it_may_hold_a_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    scheme = "redis" if name == "REDIS_URL" else "postgresql+asyncpg"
    (tmp_path / "address").write_text(f"{scheme}://u:geheim@host/0\n")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "address"))
    assert getattr(load_settings(), name.lower()) == f"{scheme}://u:geheim@host/0"


def test_s9_the_name_of_a_file_may_stand_in_dotenv(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(KEY)
    (tmp_path / ".env").write_text(f"MASTER_KEY_FILE={tmp_path / 'secret'}\n")
    key = load_settings().master_key
    assert key is not None
    assert key.get_secret_value() == KEY


def test_s9_name_and_name_file_together_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(KEY)
    (tmp_path / ".env").write_text("MASTER_KEY=another\n")
    monkeypatch.setenv("MASTER_KEY_FILE", str(tmp_path / "secret"))
    assert refusal() == "MASTER_KEY: wants one of MASTER_KEY and MASTER_KEY_FILE, not both"


def test_s9_a_file_that_is_missing_or_no_text_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MASTER_KEY_FILE", str(tmp_path / "missing"))
    assert refusal() == f"MASTER_KEY_FILE: cannot read {tmp_path / 'missing'} (No such file or directory)"
    (tmp_path / "missing").write_bytes(b"\xff\xfe")
    assert refusal() == f"MASTER_KEY_FILE: {tmp_path / 'missing'} is not text in UTF-8"


def test_s9_the_environment_counts_more_than_dotenv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BCRYPT_COST=5\nISSUER=https://id.example\n")
    monkeypatch.setenv("BCRYPT_COST", "6")
    settings = load_settings()
    assert (settings.bcrypt_cost, settings.issuer) == (6, "https://id.example")


def test_s9_no_secret_is_shown_by_repr_or_in_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTER_KEY", "geheim-1")
    monkeypatch.setenv("PASSWORD_PEPPER", "geheim-2")
    monkeypatch.setenv("JWT_PRIVATE_KEY", "geheim-3")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:geheim-4@h/n")
    monkeypatch.setenv("DATABASE_READ_URL", "postgresql://u:geheim-5@h/n")
    monkeypatch.setenv("REDIS_URL", "redis://:geheim-6@h")
    settings = load_settings()
    assert "geheim" not in repr(settings) + str(settings)
    monkeypatch.setenv("REDIS_URL", "geheim-7")
    monkeypatch.setenv("DATABASE_URL", "geheim-8")
    assert "geheim" not in refusal()


SAFE = {
    "environment": "production",
    "issuer": "https://id.example",
    "master_key": KEY,
    "database_url": "postgresql://h/n",
}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"issuer": "http://id.example"}, "ISSUER"),
        ({"master_key": None}, "MASTER_KEY"),
        ({"rate_limits": "off"}, "RATE_LIMITS"),
        ({"log_level": "debug"}, "LOG_LEVEL"),
        ({"fetch_exceptions": ("keys.test:8443",)}, "FETCH_EXCEPTIONS"),
        ({"database_url": "sqlite:///file"}, "DATABASE_URL"),
        ({"smtp_host": "mail.example", "smtp_tls": "off"}, "SMTP_TLS"),
    ],
)
def test_s9_production_refuses_unsafe_settings_and_development_does_not(
    change: dict[str, Any], name: str
) -> None:
    unsafe = SAFE | change
    with pytest.raises(WrongSettings) as caught:
        refuse_unsafe(load_settings(**unsafe), side="all", workers=2)
    assert str(caught.value).startswith(f"{name}: wants ")
    assert len(str(caught.value).splitlines()) == 1
    refuse_unsafe(load_settings(**unsafe | {"environment": "development"}), side="all", workers=2)
    refuse_unsafe(load_settings(**SAFE), side="all", workers=2)


def test_s9_a_mail_server_on_this_machine_needs_no_tls() -> None:
    refuse_unsafe(load_settings(**SAFE | {"smtp_host": "127.0.0.1", "smtp_tls": "off"}), side="all")


def test_s9_who_signs_in_at_the_mail_server_has_a_password() -> None:
    with pytest.raises(WrongSettings, match=r"^SMTP_PASSWORD: wants the password of SMTP_USERNAME"):
        refuse_unsafe(load_settings(smtp_host="mail.example", smtp_username="id"), side="all")
    given = {"smtp_host": "mail.example", "smtp_username": "id", "smtp_password": "x"}
    refuse_unsafe(load_settings(**given), side="all")


def test_s9_the_query_side_needs_no_master_key_in_production() -> None:
    refuse_unsafe(load_settings(**SAFE | {"master_key": None}), side="query")


def test_s8_several_workers_are_refused_without_a_server_database_and_without_redis() -> None:
    both = {"database_url": "postgresql://h/n", "redis_url": "redis://h"}
    refuse_workers(load_settings(**both), 2)
    refuse_workers(load_settings(), 1)
    for name in both:
        with pytest.raises(WrongSettings, match=f"^{name.upper()}: several workers want"):
            refuse_workers(load_settings(**both | {name: ""}), 2)


def test_s9_guarded_metrics_want_a_token_everywhere() -> None:
    with pytest.raises(WrongSettings, match=r"^METRICS_TOKEN: wants a value where METRICS=guarded"):
        refuse_unsafe(load_settings(metrics="guarded"), side="all")
    refuse_unsafe(load_settings(metrics="guarded", metrics_token="a" * 32), side="all")
    refuse_unsafe(load_settings(metrics="listener"), side="all")


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("127.0.0.1:9464", ("127.0.0.1", 9464)),
        ("[::1]:9464", ("::1", 9464)),
        ("metrics.internal:1", ("metrics.internal", 1)),
    ],
)
def test_s9_the_listener_of_metrics_is_an_address_and_a_port(value: str, address: tuple[str, int]) -> None:
    assert listen_address(load_settings(metrics_listen=value).metrics_listen) == address
