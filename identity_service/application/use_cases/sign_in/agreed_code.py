"""What a code stands for: what a person has agreed to, as it was at that moment."""

from identity_service.application.use_cases.sign_in.outcome import Pending
from identity_service.domain.entities.authorization_code import AuthorizationCode
from identity_service.domain.entities.token import Epochs
from identity_service.domain.value_objects.ids import FamilyId


def agreed_code(pending: Pending, family_id: FamilyId) -> AuthorizationCode:
    """The code that answers a request of which no step is owed any more; its tokens will be of this family."""
    request, session, subject = pending.interaction.request, pending.session, pending.subject
    if session is None or subject is None:
        raise RuntimeError("nobody is signed in")
    return AuthorizationCode(
        family_id=family_id,
        client_id=request.client_id,
        user_id=session.user_id,
        subject=subject,
        session_id=session.id,
        redirect_uri=request.redirect_uri if request.redirect_uri_sent else None,
        code_challenge=request.code_challenge,
        scope=pending.scope,
        audience=request.audience,
        nonce=request.nonce,
        id_token_claims=request.claims.id_token,
        userinfo_claims=request.claims.userinfo,
        epochs=Epochs(session.server_epoch, session.user_epoch, request.client_epoch),
        auth_time=session.auth_time,
        amr=session.amr,
        acr=session.acr,
    )
