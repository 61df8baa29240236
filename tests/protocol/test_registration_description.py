"""What the description of the API says of registration, where there is any."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from tests.house import House
from tests.registrant import REGISTER, Registrant, register

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN = f"{REGISTER}/{{client_id}}"


async def described(house: House) -> dict[str, Any]:
    return dict((await house.http.get("/openapi.json")).json())


async def test_it_is_valid_and_every_refusal_is_one_of_oauth(open_registration: House) -> None:
    document = await described(open_registration)

    assert list(OPENAPI_31_VALIDATOR.iter_errors(document)) == []
    operations = {("post", REGISTER), *((method, OWN) for method in ("get", "put", "delete"))}
    for method, path in operations:
        operation = document["paths"][path][method]
        schemes = [name for each in operation["security"] for name in each]
        assert set(schemes) <= set(document["components"]["securitySchemes"])
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                schema = response["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/OAuthError"}
    assert set(document["paths"][OWN]) == {"get", "put", "delete"}


async def test_answers_and_examples_have_the_shape_that_is_described(open_registration: House) -> None:
    paths = (await described(open_registration))["paths"]
    made = await Registrant.new(open_registration, contacts=["a@app.example"])

    def schema(path: str, method: str, status: str) -> Any:
        return paths[path][method]["responses"][status]["content"]["application/json"]["schema"]

    Draft202012Validator(schema(REGISTER, "post", "201")).validate(made.told)
    Draft202012Validator(schema(OWN, "get", "200")).validate((await made("GET")).json())
    Draft202012Validator(schema(OWN, "put", "200")).validate((await made.put()).json())
    for path, method in ((REGISTER, "post"), (OWN, "put")):
        content = paths[path][method]["requestBody"]["content"]["application/json"]
        Draft202012Validator(content["schema"]).validate(content["example"])
        assert (
            Draft202012Validator(content["schema"]).is_valid(content["example"] | {"contacts": "a"}) is False
        )
    example = paths[REGISTER]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert (await register(open_registration, **example)).status_code == 201
