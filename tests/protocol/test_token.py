"""The token endpoint, clause by clause."""

from tests.house import House


async def test_rfc6749_s4_4_a_client_gets_a_token_for_itself(house: House) -> None:
    client = await house.add_client()

    answer = await house.token(client, grant_type="client_credentials")

    assert answer.status_code == 200
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["scope"] == "read write"
    assert "refresh_token" not in answer.json()


async def test_rfc6749_s5_2_a_wrong_secret_answers_401_with_challenge(house: House) -> None:
    client = await house.add_client()

    answer = await house.http.post(
        "/oauth2/token", data={"grant_type": "client_credentials"}, auth=(client.id, client.secret[:-1] + "x")
    )

    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert answer.headers["www-authenticate"].startswith("Basic realm=")


async def test_rfc6749_s4_3_a_person_signs_in_with_a_password(house: House) -> None:
    await house.add_user()
    client = await house.add_client()

    tokens = await house.sign_in(client)

    told = await house.introspect(client, tokens["access_token"])
    assert told["active"] is True
    assert told["username"] == "alice"
