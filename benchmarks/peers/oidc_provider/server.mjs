// The peer oidc-provider with the least configuration that does the measured work:
//   node server.mjs PORT REDIS_URL_OR_memory HOW_MANY_REFRESH_TOKENS
// Prints one line of JSON once it listens: the client, and that many refresh tokens to begin with.
// Opaque tokens without a `resource` (introspection refuses its JWTs); JWTs signed by RS256 or ES256 with one.
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

import { redisAdapter } from './redis_adapter.mjs';

const [port, store, seeds] = process.argv.slice(2);
const installed = createRequire(`${process.cwd()}/`);
const load = async (name) => import(pathToFileURL(installed.resolve(name)));
const { default: Provider } = await load('oidc-provider');
const { generateKeyPair, exportJWK } = await load('jose');

const ALGORITHMS = { 'urn:bench:rs256': 'RS256', 'urn:bench:es256': 'ES256' };
const keys = [];
for (const alg of Object.values(ALGORITHMS)) {
  const { privateKey } = await generateKeyPair(alg, { modulusLength: 2048, extractable: true });
  keys.push({ ...await exportJWK(privateKey), alg, use: 'sig' });
}
const client = { client_id: 'bench', client_secret: randomBytes(32).toString('base64url') };
const provider = new Provider(`http://127.0.0.1:${port}`, {
  adapter: store === 'memory' ? undefined : redisAdapter((await load('ioredis')).default, store),
  clients: [{
    ...client,
    grant_types: ['client_credentials', 'refresh_token', 'authorization_code'],
    redirect_uris: ['https://client.example/back'],
    scope: 'api offline_access',
  }],
  cookies: { keys: [randomBytes(16).toString('hex')] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: (ctx, asking, several) => several?.[0],
      getResourceServerInfo: (ctx, resource) => ({
        scope: 'api',
        accessTokenFormat: 'jwt',
        accessTokenTTL: 900,
        jwt: { sign: { alg: ALGORITHMS[resource] } },
      }),
      useGrantedResource: () => true,
    },
  },
  findAccount: (ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  jwks: { keys },
  rotateRefreshToken: true,
  scopes: ['api', 'offline_access'],
  ttl: { AccessToken: 3600, ClientCredentials: 3600, Grant: 86400, RefreshToken: 86400 },
});

const opened = await provider.Client.find(client.client_id);
const refreshTokens = [];
for (let n = 0; n < Number(seeds); n += 1) {
  const grant = new provider.Grant({ accountId: `user-${n}`, clientId: client.client_id });
  grant.addOIDCScope('offline_access');
  grant.addResourceScope('urn:bench:rs256', 'api');
  const token = new provider.RefreshToken({
    accountId: `user-${n}`,
    client: opened,
    grantId: await grant.save(),
    gty: 'authorization_code',
    resource: 'urn:bench:rs256',
    scope: 'api offline_access',
  });
  refreshTokens.push(await token.save());
}
provider.listen(Number(port), '127.0.0.1', () => {
  console.log(JSON.stringify({ ...client, refresh_tokens: refreshTokens }));
});
