import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

export interface DeviceProviderOptions {
  /** Its address. */
  readonly issuer: string;
  /** What access tokens are for. */
  readonly audience: string;
  /** Scopes that may be asked for, joined by spaces. */
  readonly scope: string;
  readonly accessTokenS: number;
}

/**
 * An OpenID Connect provider that knows one client, `speakr`, which logs in by a device code and renews its tokens: access
 * tokens are JWT for one audience, signed with RS256. It lets in everybody under the name they type. Keys, sessions and
 * grants are gone when it ends.
 */
export async function deviceProvider({
  issuer,
  audience,
  scope,
  accessTokenS,
}: DeviceProviderOptions): Promise<Provider> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return new Provider(issuer, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'own', alg: 'RS256', use: 'sig' } as never] },
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
          scope,
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: accessTokenS,
          jwt: { sign: { alg: 'RS256' } },
        }),
        useGrantedResource: () => true,
      },
    },
  });
}
