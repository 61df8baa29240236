"""Where statements about the log are brought: nothing is overwritten, nothing is claimed that was not done."""

import os
import socket
from pathlib import Path
from threading import Thread

import pytest

from identity_service.adapters.audit.directory import DirectoryDestination
from identity_service.adapters.audit.file import FileDestination
from identity_service.adapters.audit.syslog import SyslogDestination
from identity_service.ports.audit import DestinationFailed

LINE = '{"type":"identity-service audit checkpoint"}'


async def test_a_file_is_only_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints"
    path.write_text("what was there\n")
    destination = FileDestination(path)

    await destination.put("1", LINE)
    await destination.put("2", LINE)

    assert path.read_text() == f"what was there\n{LINE}\n{LINE}\n"


async def test_a_file_that_cannot_be_written_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(DestinationFailed, match="gone"):
        await FileDestination(tmp_path / "gone" / "checkpoints").put("1", LINE)


async def test_a_full_disk_is_told_of() -> None:
    with pytest.raises(DestinationFailed):
        await FileDestination(Path("/dev/full")).put("1", LINE)


async def test_a_directory_gets_a_file_for_each_that_nobody_may_write(tmp_path: Path) -> None:
    destination = DirectoryDestination(tmp_path)

    await destination.put("00005-checkpoint", LINE)
    await destination.put("00005-checkpoint", LINE)  # once more is as good as once

    [made] = tmp_path.iterdir()
    assert (made.name, made.read_text()) == ("00005-checkpoint.json", f"{LINE}\n")
    assert not made.stat().st_mode & 0o222


async def test_what_is_in_a_directory_is_never_replaced(tmp_path: Path) -> None:
    destination = DirectoryDestination(tmp_path)
    await destination.put("00005-checkpoint", LINE)

    with pytest.raises(DestinationFailed, match="another one"):
        await destination.put("00005-checkpoint", "{}")
    assert (tmp_path / "00005-checkpoint.json").read_text() == f"{LINE}\n"


async def test_syslog_over_udp_is_one_datagram_of_rfc_5424() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        await SyslogDestination(f"udp://127.0.0.1:{server.getsockname()[1]}").put("1", LINE)
        message = server.recv(9000).decode()

    head, _, rest = message.partition("{")
    priority, moment, _, program, process, kind, data = head.split()
    assert (priority, program, process, kind, data) == (
        "<109>1",
        "identity-service",
        str(os.getpid()),
        "audit",
        "-",
    )
    assert moment.endswith("Z")
    assert "{" + rest == LINE


async def test_syslog_over_tcp_is_counted_in_octets() -> None:
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)

        def take() -> None:
            connection, _ = server.accept()
            with connection:
                while part := connection.recv(4096):
                    received.append(part)

        taking = Thread(target=take)
        taking.start()
        await SyslogDestination(f"tcp://127.0.0.1:{server.getsockname()[1]}").put("1", LINE)
        taking.join(10)

    length, _, message = b"".join(received).partition(b" ")
    assert int(length) == len(message)
    assert message.endswith(LINE.encode())


async def test_syslog_of_this_machine_is_a_socket_file(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "log"))
        server.settimeout(10)
        await SyslogDestination(f"unix://{tmp_path / 'log'}").put("1", LINE)
        assert server.recv(9000).endswith(LINE.encode())


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "unix:///nowhere/log", "udp://no-such-host.invalid:514"]
)
async def test_a_syslog_server_that_is_not_there_is_told_of(address: str) -> None:
    with pytest.raises(DestinationFailed):
        await SyslogDestination(address).put("1", LINE)
