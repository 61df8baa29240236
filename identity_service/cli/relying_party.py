"""The demo, which is a program of its own, as one of our commands."""

from identity_service.demo.command import command

__all__ = ["command"]
