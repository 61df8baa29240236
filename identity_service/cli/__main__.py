"""`python -m identity_service.cli` is the same as `identity-service`."""

from identity_service.cli import main

main()
