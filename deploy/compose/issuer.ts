/**
 * An OpenID Connect provider to try logins with: it lets in everybody, under the name they type. Its keys and sessions
 * are gone when it ends. Address and audience come from the environment: SPEAKR_PORT, SPEAKR_OIDC_AUDIENCE.
 */
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

const ACCESS_TOKEN_S = 600;

const { SPEAKR_PORT: port = '8081', SPEAKR_OIDC_AUDIENCE: audience } = process.env;
if (audience === undefined) throw new Error('SPEAKR_OIDC_AUDIENCE is missing.');
const issuer = `http://localhost:${port}`;
const { privateKey } = await generateKeyPair('RS256', { extractable: true });
const provider = new Provider(issuer, {
  jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'try', alg: 'RS256', use: 'sig' } as never] },
  cookies: { keys: [crypto.randomUUID()] },
  clients: [
    {
      client_id: 'speakr',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
      response_types: [],
      redirect_uris: [],
    },
  ],
  findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  features: {
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: 'speakr:read speakr:write speakr:record',
        audience,
        accessTokenFormat: 'jwt',
        accessTokenTTL: ACCESS_TOKEN_S,
        jwt: { sign: { alg: 'RS256' } },
      }),
      useGrantedResource: () => true,
    },
  },
});
const server = createServer(provider.callback());
server.listen(Number(port), '0.0.0.0', () => process.stderr.write(`Lets in everybody: ${issuer}\n`));
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void server.close(() => process.exit(0)).closeAllConnections());
