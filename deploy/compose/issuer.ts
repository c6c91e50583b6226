/**
 * An OpenID Connect provider to try logins with: it lets in everybody, under the name they type. Its keys and sessions
 * are gone when it ends. Address and audience come from the environment: SPEAKR_PORT, SPEAKR_OIDC_AUDIENCE.
 */
import { createServer } from 'node:http';
import { deviceProvider } from './device-provider.ts';

const ACCESS_TOKEN_S = 600;

const { SPEAKR_PORT: port = '8081', SPEAKR_OIDC_AUDIENCE: audience } = process.env;
if (audience === undefined) throw new Error('SPEAKR_OIDC_AUDIENCE is missing.');
const issuer = `http://localhost:${port}`;
const provider = await deviceProvider({
  issuer,
  audience,
  scope: 'speakr:read speakr:write speakr:record',
  accessTokenS: ACCESS_TOKEN_S,
});
const server = createServer(provider.callback());
server.listen(Number(port), '0.0.0.0', () => process.stderr.write(`Lets in everybody: ${issuer}\n`));
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void server.close(() => process.exit(0)).closeAllConnections());
