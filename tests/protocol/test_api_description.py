"""The description of the API is valid, complete, true, and read without asking anybody else."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from identity_service.api.openapi_oauth2 import token_description
from identity_service.application.grants.base import Authorization, GrantParameter, TokenCall
from identity_service.domain.oauth.parameters import parse_form
from identity_service.http.admitting import endpoint_of
from tests.house import ISSUER, House

Open = Callable[..., AbstractAsyncContextManager[House]]
FORM = "application/x-www-form-urlencoded"
PAGES = ("/docs", "/redoc")
PEOPLE_GO_THERE = ("/oauth2/authorize", "/oauth2/logout")
ALL_THREE = (*PAGES, "/openapi.json", "/docs/start.js", "/docs/assets/swagger-ui.css")


async def described(house: House) -> dict[str, Any]:
    answer = await house.http.get("/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    return dict(answer.json())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def inside(value: Any, name: str) -> Iterator[Any]:
    """Every value of a member of this name, however deep."""
    if isinstance(value, dict):
        yield from (found for key, found in value.items() if key == name)
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from inside(part, name)


def grants_form(document: dict[str, Any]) -> dict[str, Any]:
    return dict(document["paths"]["/oauth2/token"]["post"]["requestBody"]["content"][FORM])


async def test_the_description_is_a_valid_openapi_document(small_house: House) -> None:
    document = await described(small_house)

    assert list(OPENAPI_31_VALIDATOR.iter_errors(document)) == []
    OpenAPI.model_validate(document)
    for schema in inside(document, "schema"):
        Draft202012Validator.check_schema(schema)


async def test_the_validator_would_notice(small_house: House) -> None:
    document = await described(small_house)
    document["paths"]["/oauth2/token"]["post"]["responses"]["200"].pop("description")

    assert list(OPENAPI_31_VALIDATOR.iter_errors(document)) != []


async def test_every_reference_leads_somewhere(small_house: House) -> None:
    document = await described(small_house)

    for reference in inside(document, "$ref"):
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        assert found


async def test_every_operation_has_a_name_of_its_own_a_described_tag_and_a_text(small_house: House) -> None:
    document = await described(small_house)
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    names = [operation["operationId"] for _, _, operation in operations(document)]

    assert len(names) == len(set(names))
    for _, _, operation in operations(document):
        assert operation["summary"]
        assert operation["description"]
        assert [tags[tag] for tag in operation["tags"]]


async def test_every_refusal_is_described_with_its_shape(small_house: House) -> None:
    document = await described(small_house)

    for path, _, operation in operations(document):
        for status, response in operation["responses"].items():
            content = response.get("content", {})
            assert status != "500", "no caller can make one (PROTOCOL §6)"
            if int(status) >= 400 and path in PEOPLE_GO_THERE:
                assert list(content) == ["text/html"]
            elif int(status) >= 400 and path.startswith("/oauth2/"):
                assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/OAuthError"}
            elif int(status) >= 400 and not path.startswith(
                "/health"
            ):  # a report of ill health is no refusal
                schema = content["application/problem+json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}


async def test_whoever_is_counted_is_told_of_the_429(small_house: House) -> None:
    for path, _, operation in operations(await described(small_house)):
        responses = operation["responses"]
        assert ("429" in responses) == (endpoint_of(path) is not None), path
        if "429" in responses:
            assert {"Retry-After", "RateLimit", "RateLimit-Policy"} <= responses["429"]["headers"].keys()


async def test_refusals_have_the_shape_that_is_described(small_house: House) -> None:
    schemas = (await described(small_house))["components"]["schemas"]

    Draft202012Validator(schemas["OAuthError"]).validate((await small_house.post("/oauth2/token")).json())
    Draft202012Validator(schemas["Problem"]).validate((await small_house.http.get("/nothing")).json())


async def test_answers_have_the_shape_that_is_described(small_house: House) -> None:
    paths = (await described(small_house))["paths"]
    await small_house.add_user()
    client = await small_house.add_client()
    tokens = await small_house.sign_in(client)
    answers = {
        ("/oauth2/token", "post"): [tokens],
        ("/oauth2/introspect", "post"): [
            await small_house.introspect(client, token)
            for token in (tokens["access_token"], tokens["refresh_token"], "nothing")
        ],
        ("/oauth2/revoke", "post"): [(await small_house.post("/oauth2/revoke", client, token="x")).json()],
        **{
            (path, "get"): [(await small_house.http.get(path)).json()]
            for path in ("/", "/.well-known/jwks.json", "/.well-known/oauth-authorization-server")
        },
    }

    for (path, method), bodies in answers.items():
        schema = paths[path][method]["responses"]["200"]["content"]["application/json"]["schema"]
        for body in bodies:
            Draft202012Validator(schema).validate(body)


async def test_the_forms_of_the_oauth_endpoints_are_described(small_house: House) -> None:
    paths = (await described(small_house))["paths"]

    for path in ("/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"):
        operation = paths[path]["post"]
        assert operation["requestBody"]["required"] is True
        assert list(operation["requestBody"]["content"]) == [FORM]
        assert operation["security"] == [{"client_secret_basic": []}, {}]
        assert {"200", "400", "401", "413", "429", "503"} <= set(operation["responses"])
        assert "WWW-Authenticate" in operation["responses"]["401"]["headers"]
        for status in ("429", "503"):
            assert "Retry-After" in operation["responses"][status]["headers"]


async def test_every_grant_has_a_form_and_an_example_that_fits_it_alone(small_house: House) -> None:
    content = grants_form(await described(small_house))
    forms = content["schema"]["oneOf"]

    assert [form["title"] for form in forms] == list(content["examples"])
    assert [form["title"] for form in forms] == [
        "authorization_code",
        "password",
        "refresh_token",
        "client_credentials",
    ]
    for name, example in content["examples"].items():
        fitting = [form["title"] for form in forms if Draft202012Validator(form).is_valid(example["value"])]
        assert fitting == [name]


async def test_the_description_follows_the_registry_of_grants(small_house: House) -> None:
    class Barter:
        name = "urn:example:barter"
        parameters = (GrantParameter(name="goods", description="What is offered.", example="a cow"),)

        async def authorize(self, call: TokenCall) -> Authorization:
            raise AssertionError("a description issues nothing")

    grants = (*small_house.container.tokens.grants().all, Barter())
    form = token_description(grants)["requestBody"]["content"][FORM]

    assert form["schema"]["oneOf"][-1]["required"] == ["grant_type", "goods"]
    assert form["examples"]["urn:example:barter"]["value"]["goods"] == "a cow"


async def test_the_examples_of_the_forms_parse(small_house: House) -> None:
    for path, _, operation in operations(await described(small_house)):
        if path.startswith("/oauth2/") and path not in PEOPLE_GO_THERE and "requestBody" in operation:
            content = operation["requestBody"]["content"][FORM]
            for example in content.get("examples", {"": {"value": content.get("example")}}).values():
                body = "&".join(f"{name}={value}" for name, value in example["value"].items()).encode()
                assert parse_form(body.replace(b" ", b"+")).names


async def test_the_description_names_the_issuer_and_how_to_authenticate(house_with: Open) -> None:
    async with house_with(issuer="https://id.example/tenants/one") as house:
        document = await described(house)

        assert document["servers"] == [{"url": "https://id.example/tenants/one"}]
        flows = document["components"]["securitySchemes"]["access_token"]["flows"]
        assert flows["password"]["tokenUrl"] == "https://id.example/tenants/one/oauth2/token"
        assert document["components"]["securitySchemes"]["client_secret_basic"]["scheme"] == "basic"


async def test_the_readers_come_from_here_alone(small_house: House) -> None:
    for page in PAGES:
        answer = await small_house.http.get(page)
        assert answer.status_code == 200
        assert "//" not in answer.text.replace("<!doctype", "")
        assert not re.search(r"<script(?![^>]* src=)|<style| on\w+=", answer.text)
        links = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
        for link in links:
            if link != "data:,":
                loaded = await small_house.http.get(f"{ISSUER}/{link}")
                assert loaded.status_code == 200
                assert loaded.headers["content-type"].split(";")[0] in ("text/javascript", "text/css")
        assert links


async def test_the_readers_may_ask_nobody_else(small_house: House) -> None:
    for page in PAGES:
        policy = dict(
            part.split(" ", 1)
            for part in (await small_house.http.get(page)).headers["content-security-policy"].split("; ")
        )
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["connect-src"] == "'self'"
        assert policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
        assert not re.search(r"https?:|\*|unsafe-eval", " ".join(policy.values()))


async def test_the_reader_does_not_send_the_description_to_a_validator(small_house: House) -> None:
    script = (await small_house.http.get("/docs/start.js")).text

    assert 'url: "openapi.json"' in script
    assert 'validatorUrl: "none"' in script


async def test_only_named_files_of_the_package_are_served(small_house: House) -> None:
    for name in ("favicon.png", "../core.py", "..%2fcore.py", "%2e%2e/core.py", "", "swagger-ui.css/"):
        assert (await small_house.http.get(f"/docs/assets/{name}")).status_code == 404


async def test_an_asset_that_the_browser_has_is_not_sent_again(small_house: House) -> None:
    path = "/docs/assets/swagger-ui.css"
    tag = (await small_house.http.get(path)).headers["etag"]

    assert (await small_house.http.get(path, headers={"If-None-Match": tag})).status_code == 304
    assert (await small_house.http.get(path, headers={"If-None-Match": '"x"'})).status_code == 200


async def test_a_setting_turns_all_of_it_off(house_with: Open) -> None:
    async with house_with(docs=False) as house:
        for path in ALL_THREE:
            assert (await house.http.get(path)).status_code == 404
        metadata = (await house.http.get("/.well-known/oauth-authorization-server")).json()
        assert "service_documentation" not in metadata
        assert "documentation" not in (await house.http.get("/")).json()["links"]


@pytest.mark.parametrize("path", ALL_THREE)
async def test_all_of_it_is_on_by_default(small_house: House, path: str) -> None:
    assert (await small_house.http.get(path)).status_code == 200
