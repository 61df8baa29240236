"""The master key: given, or made at first start where that is allowed."""

import logging
import os
from base64 import b64encode
from pathlib import Path

from identity_service.infrastructure.config.settings import Settings, WrongSettings

log = logging.getLogger(__name__)

FILE = "master.key"


def master_key_file(settings: Settings) -> Path:
    """The file in DATA_DIR that stands for MASTER_KEY; it is made (mode 0600) when it is not there.

    Raises WrongSettings in production, where a key that nobody keeps safe would be lost with the machine.
    """
    if settings.environment == "production":
        raise WrongSettings(
            "MASTER_KEY: wants 32 random bytes as base64 (`openssl rand -base64 32`) in production"
        )
    path = settings.data_dir / FILE
    if (
        not path.exists()
    ):  # before anything is written: a full disk or a read-only one is no reason not to start
        _make(path)
    return path


def _make(path: Path) -> None:
    folder = path.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = b64encode(os.urandom(32)).decode()
    try:
        # Linked into place when whole: of several processes that start at once one wins and all read the same key.
        fresh = path.with_name(f"{FILE}.{os.getpid()}.{os.urandom(4).hex()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
        try:
            os.link(fresh, path)
            log.warning(
                "MASTER_KEY is not set: made one in %s; keep that file, tokens and keys depend on it", path
            )
        finally:
            fresh.unlink()
    except FileExistsError:
        log.debug("reading the master key from %s", path)
