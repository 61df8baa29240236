"""Decides that a test run, however many processes it has, shares one PostgreSQL, started on demand."""

import asyncio
import os
import secrets
import threading
from dataclasses import dataclass
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener

from tests.servers.databases import TemplateOn
from tests.servers.postgres import PostgresServer, prepared_binaries
from tests.servers.process import Home, ServerFailed

SERVER, TEMPLATE, CLOSE = "server", "template", "close"


@dataclass(frozen=True)
class Address:
    """Where the desk listens, in a shape that xdist can hand to its workers."""

    path: str
    key: str

    def ask(self, question: str) -> str:
        """Put a question to the desk and wait for the answer.

        Raises:
            ServerFailed: there is no PostgreSQL, or its schema could not be made.
        """
        with Client(self.path, authkey=bytes.fromhex(self.key)) as connection:
            connection.send(question)
            answer = connection.recv()
        if isinstance(answer, ServerFailed):
            raise answer
        return str(answer)


class Desk:
    """Answers, in the process that controls the run, with the server's URL and the migrated template's name.

    One thread serves all and lives to the end: a server is told to stop when the thread that started it ends.
    """

    def __init__(self) -> None:
        key = secrets.token_bytes(16)
        self._home = Home()
        self._listener = Listener(str(self._home.path / "desk"), authkey=key)
        self.address = Address(str(self._listener.address), key.hex())
        self._postgres: _SharedPostgres | None = None
        self._thread = threading.Thread(target=self._serve, name="tests-server-desk", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop what was started."""
        self.address.ask(CLOSE)
        self._thread.join()
        self._listener.close()
        self._home.close()

    def _serve(self) -> None:
        question = ""
        while question != CLOSE:
            try:
                with self._listener.accept() as connection:
                    question = connection.recv()
                    self._answer(question, connection)
            except (AuthenticationError, EOFError, ConnectionError):
                continue  # a worker that was killed while it asked

    def _answer(self, question: str, connection: Connection) -> None:
        try:
            connection.send(self._found(question))
        except ServerFailed as failure:
            connection.send(failure)
        except Exception as failure:  # this thread must live, and the worker must hear of it
            connection.send(ServerFailed(f"the shared PostgreSQL: {failure!r}"))

    def _found(self, question: str) -> str:
        if question == CLOSE:
            if self._postgres is not None:
                self._postgres.close()
            return "closed"
        if self._postgres is None:
            self._postgres = _SharedPostgres(self._home)
        return self._postgres.url if question == SERVER else self._postgres.template()


class _SharedPostgres:
    def __init__(self, home: Home) -> None:
        self._server: PostgresServer | None = None
        self.url = os.environ.get("TEST_DATABASE_URL", "").replace("postgresql+asyncpg:", "postgresql:", 1)
        if not self.url:
            self._server = PostgresServer(home, prepared_binaries(home))
            self._server.process.start()
            self.url = self._server.url
        self._template = TemplateOn(self.url)

    def template(self) -> str:
        return asyncio.run(self._template())

    def close(self) -> None:
        asyncio.run(self._template.drop())
        if self._server is not None:
            self._server.process.stop()
