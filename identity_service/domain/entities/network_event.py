"""What happens on the way to the server, before anybody says who they are."""

from dataclasses import dataclass

from identity_service.domain.entities.event import Event, personal


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardingSpoofed(Event):
    """Somebody wrote a proxy's header to pass for somebody else, and was not believed.

    `kind`: `untrusted_peer`, who is no proxy of ours and sent the header; `claimed_proxy`, who put an address of our
    proxies into it. `times`: how often since the last such event about this source.
    """

    name = "network.forwarding_spoofed"
    kind: str
    times: int
    address: str | None = personal()
