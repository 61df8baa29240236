"""What was tried at the doors where something can be guessed."""

from identity_service.adapters.prometheus.families import Family, counter
from identity_service.application.authentication.throttle import Throttle


def of_guessing(throttle: Throttle) -> list[Family]:
    """Since the process began (docs/decisions/0073)."""
    tries = counter(
        "identity_guesses_total",
        "Passwords and secrets that were tried, by door and outcome: right, wrong, held_back, refused.",
    )
    for (door, outcome), number in throttle.outcomes.items():
        tries.add(number, door=door, outcome=outcome)
    attacked = counter("identity_accounts_attacked_total", "Times that an account was guessed at too often.")
    attacked.add(throttle.attacks)
    return [tries, attacked]
