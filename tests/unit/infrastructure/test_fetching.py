"""Authorities that a deployment believes in are read at the start, or stop it."""

from pathlib import Path

import pytest

from identity_service.infrastructure.config.settings import WrongSettings
from identity_service.infrastructure.fetching import fetcher_of
from tests.house import settings_for
from tests.web_site import tls_for


def test_authorities_that_can_be_read_are_taken(tmp_path: Path) -> None:
    _, authority = tls_for("keys.test", tmp_path)

    fetcher_of(settings_for(tmp_path, fetch_ca_file=authority))
    fetcher_of(settings_for(tmp_path))


@pytest.mark.parametrize("text", [None, "", "no certificate"], ids=["missing", "empty", "not PEM"])
def test_others_stop_the_start_with_one_line(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "authorities.pem"
    if text is not None:
        file.write_text(text)

    with pytest.raises(WrongSettings) as refused:
        fetcher_of(settings_for(tmp_path, fetch_ca_file=file))

    assert str(refused.value).startswith("FETCH_CA_FILE: cannot read certificates in ")
    assert "\n" not in str(refused.value)
