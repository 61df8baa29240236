// A relying party on openid-client. Lines of JSON: it says where to send the person, reads where they came back, and says
// what it has learned, or why the library refuses. Arguments: one JSON object.
import { createInterface } from "node:readline/promises";
import * as client from "openid-client";

const given = JSON.parse(process.argv[2]);
const say = (object) => console.log(JSON.stringify(object));

async function signIn(config) {
  const verifier = client.randomPKCECodeVerifier();
  const checks = {
    pkceCodeVerifier: verifier,
    expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
    idTokenExpected: true,
    maxAge: 300,
  };
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: given.redirect_uri,
    scope: given.scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    max_age: "300",
    ...given.parameters,
  });
  say({ url });
  const [back] = await once(createInterface({ input: process.stdin }));
  const { callback, form } = JSON.parse(back);
  const request = form ? new Request(callback, { method: "POST", body: new URLSearchParams(form) }) : new URL(callback);
  return client.authorizationCodeGrant(config, request, checks);
}

async function once(lines) {
  for await (const line of lines) return [line];
}

async function everything(config) {
  const tokens = await signIn(config);
  const claims = tokens.claims();
  const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  const fresh = await client.refreshTokenGrant(config, tokens.refresh_token);
  const { client_secret: secret } = config.clientMetadata();
  const seen = async () => (secret ? await client.tokenIntrospection(config, fresh.access_token) : null);
  const before = await seen();
  const leaving = client.buildEndSessionUrl(config, {
    post_logout_redirect_uri: given.post_logout_redirect_uri,
    id_token_hint: fresh.id_token,
    state: "bye",
  });
  await client.tokenRevocation(config, fresh.refresh_token);
  return { claims, userinfo, refreshed: fresh.claims(), before, after: await seen(), leaving };
}

const options = { execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks] };

function known() {
  const authentication = given.secret ? client[given.authentication](given.secret) : client.None();
  const metadata = given.secret ? { client_secret: given.secret, ...given.metadata } : given.metadata;
  return client.discovery(new URL(given.issuer), given.client_id, metadata, authentication, options);
}

function registered() {
  const metadata = { redirect_uris: [given.redirect_uri], scope: given.scope, ...given.metadata };
  return client.dynamicClientRegistration(new URL(given.issuer), metadata, undefined, options);
}

try {
  const config = await (given.client_id ? known() : registered());
  say({ ...(await everything(config)), registered: config.clientMetadata() });
} catch (error) {
  say({ refused: error.code ?? error.name, error: error.error, why: `${error.cause?.message ?? error.message}` });
}
process.exit();
