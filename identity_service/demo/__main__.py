"""`python -m identity_service.demo`."""

from identity_service.demo.command import command

if __name__ == "__main__":
    command(prog_name="python -m identity_service.demo")
