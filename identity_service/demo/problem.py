"""What went wrong, in the words of whoever said so."""


class Problem(Exception):
    """`error` is a code of OAuth or OpenID Connect, or one of ours; both texts may come from outside. `status` is that
    of the page which tells of it."""

    def __init__(self, error: str, description: str | None = None, *, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status
