// The OAuth client of the MCP SDK for TypeScript, for a program that nobody registered: it says where a browser has to go,
// waits for where the browser was sent back to, and says what it learned. Lines of JSON in, lines of JSON out.
import { createInterface } from "node:readline/promises";
import { auth } from "@modelcontextprotocol/sdk/client/auth.js";

const given = JSON.parse(process.argv[2]);
const say = (told) => process.stdout.write(`${JSON.stringify(told)}\n`);
const kept = {};

const program = {
  redirectUrl: given.redirect_uri,
  clientMetadata: {
    client_name: "A tool that nobody knew",
    redirect_uris: [given.redirect_uri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: given.method,
    scope: given.scope,
  },
  state: () => "of this program",
  clientInformation: () => kept.client,
  saveClientInformation: (client) => void (kept.client = client),
  tokens: () => kept.tokens,
  saveTokens: (tokens) => void (kept.tokens = tokens),
  codeVerifier: () => kept.verifier,
  saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
  redirectToAuthorization: (url) => say({ url: String(url) }),
};

try {
  const asked = { serverUrl: given.issuer, scope: given.scope };
  const begun = await auth(program, asked);
  const told = JSON.parse((await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next()).value);
  const answer = new URL(told.callback).searchParams;
  const finished = await auth(program, { ...asked, authorizationCode: answer.get("code"), iss: answer.get("iss") });
  const first = kept.tokens;
  const again = await auth(program, asked);
  say({ results: [begun, finished, again], client: kept.client, first, second: kept.tokens, state: answer.get("state") });
} catch (error) {
  say({ refused: String(error) });
}
process.exit(0);
