"""The examples of the description are such as it describes, are there wherever a body is, and are what is answered."""

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from tests.api_caller import on_shared_house, program
from tests.house import House

OF_ITS_VIEW = ("Users", "Clients", "Token families", "Outbox", "Events")
"""Their answers are views, whose members have examples of their own."""


async def described(house: House) -> dict[str, Any]:
    return dict((await house.http.get("/openapi.json")).json())


def bodies(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Every body in a document: where it is, what is said of it, and whether it is a refusal or another's to show."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            views = bool(set(operation["tags"]) & set(OF_ITS_VIEW))
            for media in operation.get("requestBody", {}).get("content", {}).values():
                yield f"{method} {path}", media, True
            for status, response in operation["responses"].items():
                for name, media in response.get("content", {}).items():
                    needed = name.endswith("json") and (int(status) >= 400 or not views)
                    yield f"{method} {path} {status}", media, needed


def resolved(document: dict[str, Any], value: Any) -> Any:
    while isinstance(value, dict) and (reference := value.get("$ref")):
        value = document
        for part in reference.removeprefix("#/").split("/"):
            value = value[part]
    return value


def shown(document: dict[str, Any], media: dict[str, Any]) -> list[Any]:
    """The values of all examples of a body, wherever they stand."""
    named = [resolved(document, each)["value"] for each in media.get("examples", {}).values()]
    alone = [media["example"]] if "example" in media else []
    return [*named, *alone, *resolved(document, media["schema"]).get("examples", ())]


@on_shared_house
async def test_every_example_is_valid_by_its_schema(open_registration: House) -> None:
    document = await described(open_registration)
    checked = 0

    for where, media, _ in bodies(document):
        schema = resolved(document, media["schema"]) | {"components": document["components"]}
        for example in shown(document, media):
            faults = [error.message for error in Draft202012Validator(schema).iter_errors(example)]
            assert faults == [], where
            checked += 1
    assert checked > 100


@on_shared_house
async def test_a_refused_state_is_not_shown_as_a_conflict(shared_house: House) -> None:
    paths = (await described(shared_house))["paths"]

    for path, kind in (("/users", "conflict"), ("/clients/{client_id}/rotate-secret", "state")):
        refusal = paths[path]["post"]["responses"]["409"]["content"]["application/problem+json"]
        assert list(refusal["examples"]) == [kind]


@on_shared_house
async def test_every_body_has_an_example(open_registration: House) -> None:
    document = await described(open_registration)

    assert [where for where, media, needed in bodies(document) if needed and not shown(document, media)] == []


@on_shared_house
async def test_the_form_of_a_browser_is_a_request_that_its_query_could_be(shared_house: House) -> None:
    paths = (await described(shared_house))["paths"]

    for path in ("/oauth2/authorize", "/oauth2/logout"):
        (media,) = paths[path]["post"]["requestBody"]["content"].values()
        schemas = {each["name"]: each["schema"] for each in paths[path]["get"]["parameters"]}
        for name, value in media["example"].items():
            Draft202012Validator(schemas[name]).validate(value)


@on_shared_house
async def test_every_example_of_the_components_is_used(open_registration: House) -> None:
    document = await described(open_registration)
    used = {
        each["$ref"].rpartition("/")[2]
        for _, media, _ in bodies(document)
        for each in media.get("examples", {}).values()
        if "$ref" in each
    }

    assert used == set(document["components"]["examples"])


@on_shared_house
async def test_refusals_are_shown_as_they_are_answered(shared_house: House) -> None:
    examples = (await described(shared_house))["components"]["examples"]
    admin = await program(shared_house, "users:write")
    json = {"Content-Type": "application/json"}
    answers = {
        "InvalidClient": await shared_house.post(
            "/oauth2/revoke", token="x", client_id="x", client_secret="x"
        ),
        "Problem-400-malformed": await admin("POST", "/users", content=b"{", headers=json),
        "Problem-404-not-found": await admin("POST", "/users/nobody/activate"),
        "Problem-413-body-too-large": await admin("POST", "/users", content=b"a" * 70_000, headers=json),
        "Problem-415-content-type": await admin("POST", "/users", content=b"{}"),
    }

    for name, answer in answers.items():
        told, example = answer.json(), examples[name]["value"]
        apart = ("instance", "request_id")
        assert told.keys() == example.keys()
        assert {m: v for m, v in told.items() if m not in apart} == {
            m: v for m, v in example.items() if m not in apart
        }


@on_shared_house
async def test_the_description_says_what_the_server_is(shared_house: House) -> None:
    assert "OpenID Connect" in (await described(shared_house))["info"]["summary"]
