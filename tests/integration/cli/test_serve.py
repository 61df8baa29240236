"""What `identity-service serve` refuses, and how (PROTOCOL §8)."""

import socket

from tests.integration.cli.conftest import CommandLine


def test_s8_several_workers_need_a_server_database(cli: CommandLine) -> None:
    cli.set(ISSUER="http://id.example")
    assert "DATABASE_URL" in cli.refused("serve", "--port", "0", "--workers", "2")


def test_s8_several_workers_need_redis(cli: CommandLine) -> None:
    cli.set(DATABASE_URL="postgresql://127.0.0.1:1/none", ISSUER="http://id.example")
    assert "REDIS_URL" in cli.refused("serve", "--port", "0", "--workers", "2")


def test_s8_what_production_refuses_is_one_line(cli: CommandLine) -> None:
    cli.set(ENVIRONMENT="production", ISSUER="http://id.example")
    assert cli.refused("serve", "--port", "0").startswith("Error: ISSUER")


def test_s8_a_port_in_use_is_one_line(cli: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        line = cli.refused("serve", "--port", str(taken.getsockname()[1]))
    assert "in use" in line
    assert "--port" in line


def test_s8_reloading_and_several_workers_exclude_each_other(cli: CommandLine) -> None:
    assert "'--reload'" in cli.refused("serve", "--workers", "2", "--reload", status=2)


def test_s8_an_unknown_side_is_a_usage_error(cli: CommandLine) -> None:
    assert "'--side'" in cli.refused("serve", "--side", "left", status=2)
