"""What a token is to the judge, and what an ending of tokens is."""

from dataclasses import dataclass, field

from tests.model.history import NEVER, Call


@dataclass(slots=True, frozen=True)
class Ending:
    """Something that ends tokens, sent at `sent`. `answered` is NEVER if nobody knows whether it happened.

    `last` is the latest moment of its effect. A `cause` may end what lived; what is no cause only proves that it is
    dead. `process` is empty where the process need not have known at once, or only if this (`replay` names it) was the
    refresh that ended the family.
    """

    number: int
    sent: float
    answered: float
    last: float
    process: str
    cause: bool = True
    replay: str = ""


@dataclass(slots=True)
class Token:
    """A token, and the call (`origin`) under whose epochs it lives: that which began its family, or its own."""

    name: str
    client: str
    user: str | None
    origin: Call
    expires: float = NEVER
    is_refresh: bool = False
    successors: set[str] = field(default_factory=set)
    presented: list[Call] = field(default_factory=list)

    @property
    def tags(self) -> tuple[str, ...]:
        owners = ("server", f"client:{self.client}", f"token:{self.name}")
        return owners if self.user is None else (*owners, f"user:{self.user}", f"family:{self.origin.number}")
