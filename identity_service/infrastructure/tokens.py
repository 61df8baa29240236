"""How the OAuth 2 endpoints fit: grants, minting, introspection, revocation. The container hands in what is below."""

import os
import time
from typing import Any

from dependency_injector import containers, providers

from identity_service.application.authentication.subjects import Subjects
from identity_service.application.grants.registry import Grants, all_grants
from identity_service.application.liveness.access_tokens import AccessTokens
from identity_service.application.liveness.answers import Answers
from identity_service.application.liveness.known_callers import MOST, KnownCallers
from identity_service.application.liveness.look_ups import LookUps
from identity_service.application.liveness.ready_answers import ReadyAnswers
from identity_service.application.liveness.standing import Standing
from identity_service.application.liveness.told_answers import ToldAnswers
from identity_service.application.services import OAuth2Queries, OAuth2Service
from identity_service.application.use_cases.oauth2.id_tokens import IdTokenHints, IdTokenPolicy, MintIdToken
from identity_service.application.use_cases.oauth2.introspect_token import IntrospectToken
from identity_service.application.use_cases.oauth2.issue_token import IssueToken
from identity_service.application.use_cases.oauth2.minting import Mint, TokenPolicy
from identity_service.application.use_cases.oauth2.revoke_token import RevokeToken
from identity_service.application.use_cases.oauth2.rotate_refresh_token import RotateRefreshToken
from identity_service.application.use_cases.oauth2.target import TargetPolicy
from identity_service.application.use_cases.oauth2.userinfo import GetUserInfo
from identity_service.application.use_cases.oauth2.watch_refreshes import (
    Pace,
    Thresholds,
    WatchRefreshes,
    plain_rules,
)
from identity_service.infrastructure.config.settings import Settings
from identity_service.infrastructure.places import places_of

MOST_CLIENTS = 1000
MOST_USERS = 20_000
"""Of whom it is remembered that they are active, and under which name and epoch."""
MOST_INACTIVE = 4096
"""Answers about tokens that are none, or dead."""


def _bytes(megabytes: int) -> int:
    return megabytes * 1_000_000


def _id_token_alg(settings: Settings) -> str:
    """RS256, which every client can verify (OIDC Registration §2), unless the operator offers it to nobody."""
    return "RS256" if "RS256" in settings.signing_algorithms else settings.signing_algorithm


def _own_audiences(settings: Settings) -> frozenset[str]:
    return frozenset((settings.issuer, settings.default_audience or settings.issuer))


def _token_policy(settings: Settings) -> TokenPolicy:
    return TokenPolicy(
        issuer=settings.issuer,
        signing_alg=settings.signing_algorithm,
        access_token_ttl=settings.access_token_ttl_seconds,
        refresh_token_ttl=settings.refresh_token_ttl_seconds,
        record_every_token=settings.audit_token_issue == "on",
    )


class Tokens(containers.DeclarativeContainer):
    """Everything about tokens. Knows no adapter."""

    settings: Any = providers.Dependency()
    begin: Any = providers.Dependency()
    read: Any = providers.Dependency()
    changes: Any = providers.Dependency()
    authenticate_client: Any = providers.Dependency()
    authenticate_user: Any = providers.Dependency()
    key_ring: Any = providers.Dependency()
    keyed_digest: Any = providers.Dependency()
    window: Any = providers.Dependency()
    ended_tokens: Any = providers.Dependency()
    lease: Any = providers.Dependency()
    keys_in_use: Any = providers.Dependency()
    clock: Any = providers.Dependency()
    new_id: Any = providers.Dependency()

    issuer = settings.provided.issuer
    random = providers.Object(os.urandom)
    proofs: Any = providers.Singleton(Answers, window=window, lease=lease, most=MOST)
    standing = providers.Singleton(
        Standing,
        ended=ended_tokens,
        clients=providers.Singleton(Answers, window=window, lease=lease, most=MOST_CLIENTS),
        users=providers.Singleton(Answers, window=window, lease=lease, most=MOST_USERS),
        clock=clock,
    )
    access_tokens = providers.Singleton(
        AccessTokens,
        verify=key_ring,
        standing=standing,
        look_up=providers.Singleton(LookUps, read),
        keys=keys_in_use,
        issuer=issuer,
        clock=clock,
    )
    subjects = providers.Singleton(Subjects, read)
    grants = providers.Singleton(
        Grants,
        providers.Singleton(
            all_grants,
            authenticate_user=authenticate_user,
            subjects=subjects,
            changes=changes,
            begin=begin,
            read=read,
        ),
    )
    targets = providers.Singleton(
        TargetPolicy, read=read, issuer=issuer, default_audience=settings.provided.default_audience
    )
    id_token_hints = providers.Singleton(IdTokenHints, verify=key_ring, issuer=issuer)
    introspect_token = providers.Singleton(
        IntrospectToken, access_tokens=access_tokens, read=read, issuer=issuer
    )
    known_callers = providers.Singleton(
        KnownCallers,
        authenticate=authenticate_client,
        answers=proofs,
        key=providers.Singleton(os.urandom, 32),
        clock=providers.Object(time.time),
    )
    known_tokens: Any = providers.Singleton(
        ReadyAnswers,
        window=window,
        lease=lease,
        clock=clock,
        most=settings.provided.cached_tokens,
        most_bytes=providers.Callable(_bytes, settings.provided.cached_tokens_megabytes),
    )
    known_inactive = providers.Singleton(
        ReadyAnswers,
        window=window,
        lease=lease,
        clock=clock,
        most=providers.Callable(min, settings.provided.cached_tokens, MOST_INACTIVE),
        most_bytes=MOST_INACTIVE * 1000,
    )
    told_answers = providers.Singleton(ToldAnswers, active=known_tokens, inactive=known_inactive, clock=clock)
    id_token_alg = providers.Callable(_id_token_alg, settings)
    policy = providers.Singleton(_token_policy, settings)
    refresh_rules: Any = providers.Object(plain_rules)
    watch_refreshes = providers.Singleton(
        WatchRefreshes,
        begin=begin,
        read=read,
        rules=refresh_rules,
        places=providers.Singleton(places_of, settings),
        pace=providers.Singleton(Pace, providers.Object(time.monotonic)),
        thresholds=providers.Singleton(
            Thresholds, settings.provided.refresh_risk_event, settings.provided.refresh_risk_sign_in
        ),
    )
    issue_token = providers.Singleton(
        IssueToken,
        authenticate_client=authenticate_client,
        known_callers=known_callers,
        grants=grants,
        targets=targets,
        rotate=providers.Singleton(
            RotateRefreshToken,
            changes=changes,
            begin=begin,
            derive=keyed_digest,
            random=random,
            grace_seconds=settings.provided.refresh_reuse_grace_seconds,
            watch=watch_refreshes,
        ),
        changes=changes,
        mint_id_token=providers.Singleton(
            MintIdToken,
            read=read,
            sign=key_ring,
            clock=clock,
            policy=providers.Singleton(
                IdTokenPolicy,
                issuer=issuer,
                signing_alg=id_token_alg,
                lifetime=settings.provided.id_token_ttl_seconds,
            ),
        ),
        begin=begin,
        mint=providers.Singleton(Mint, sign=key_ring, clock=clock, new_id=new_id, policy=policy),
        random=random,
        policy=policy,
    )
    service = providers.Singleton(
        OAuth2Service,
        authenticate_client=authenticate_client,
        known_callers=known_callers,
        told_answers=told_answers,
        issue_token=issue_token,
        introspect_token=introspect_token,
        revoke_token=providers.Singleton(
            RevokeToken, read=read, changes=changes, access_tokens=access_tokens
        ),
        get_userinfo=providers.Singleton(
            GetUserInfo,
            access_tokens=access_tokens,
            read=read,
            sign=key_ring,
            own_audiences=providers.Callable(_own_audiences, settings),
        ),
    )
    queries = providers.Singleton(
        OAuth2Queries,
        authenticate_client=authenticate_client,
        known_callers=known_callers,
        told_answers=told_answers,
        introspect_token=introspect_token,
    )
