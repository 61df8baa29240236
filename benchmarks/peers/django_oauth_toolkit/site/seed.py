"""Makes the peer's tables, a client, a user, and refresh tokens to begin with: `python seed.py HOW_MANY`.

Prints one line of JSON: the client and its tokens.
"""

import json
import secrets
import sys
from datetime import timedelta

import django


def main() -> None:
    """Django has to be set up before its models can be imported."""
    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.utils import timezone
    from oauth2_provider.models import AccessToken, Application, RefreshToken

    call_command("migrate", verbosity=0, interactive=False)
    client = {"client_id": "bench", "client_secret": secrets.token_urlsafe(32)}
    user = User.objects.create(username="bench")
    application = Application.objects.create(
        **client,
        hash_client_secret=False,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
    )
    tokens = []
    for _ in range(int(sys.argv[1])):
        access = AccessToken.objects.create(
            user=user,
            application=application,
            token=secrets.token_urlsafe(32),
            expires=timezone.now() + timedelta(hours=1),
            scope="read write",
        )
        token = secrets.token_urlsafe(32)
        RefreshToken.objects.create(user=user, application=application, token=token, access_token=access)
        tokens.append(token)
    print(json.dumps({**client, "refresh_tokens": tokens}))


main()
