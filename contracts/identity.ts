import { z } from 'zod';
import { field, timestampMs } from './field.ts';
import { nextCursor } from './page.ts';
import { userName } from './sharing.ts';

/** What a caller may do. Each route of the API names the one it needs; none includes another. */
export const scopes = ['read', 'write', 'record', 'admin'] as const;
export const Scope = z.enum(scopes);
export type Scope = z.infer<typeof Scope>;

/** What a caller is, beside what they may do with their own: `admin` looks after the server and everybody on it. */
export const roles = ['admin'] as const;
export const Role = z.enum(roles);
export type Role = z.infer<typeof Role>;

export const Identity = z
  .object({
    user: userName(),
    scopes: field(z.array(Scope), 'What the caller may do', ['read', 'write', 'record', 'admin']),
    roles: field(z.array(Role), 'What the caller is besides; absent: nothing', ['admin']).optional(),
    method: field(
      z.enum(['token', 'login', 'key', 'header']),
      'How the caller proved it: a token of the server, a login (JWT), an API key, or the legacy header',
      'login',
    ),
  })
  .meta({ id: 'Identity', description: 'Who asks, as the server sees it' });
export type Identity = z.infer<typeof Identity>;

const keyId = () => field(z.string().min(1).max(64), 'Id of the key', '3f2a1c0d9e8b7a65');
const keyScopes = () => field(z.array(Scope).min(1), 'What it may do', ['read']);

export const ApiKey = z
  .object({
    id: keyId(),
    name: field(z.string().min(1).max(100), 'What it is for', 'ci'),
    scopes: keyScopes(),
    createdAt: timestampMs('When it was made'),
    expiresAt: timestampMs('Until when it is valid'),
    revokedAt: timestampMs('When it was revoked').optional(),
    usedAt: timestampMs('When it was last used, within ten minutes').optional(),
  })
  .meta({ id: 'ApiKey', description: 'A key that stands for its owner' });
export type ApiKey = z.infer<typeof ApiKey>;

export const ApiKeyRequest = z
  .object({
    name: field(z.string().trim().min(1).max(100), 'What it is for', 'ci'),
    scopes: keyScopes(),
    expiresInDays: field(
      z.int().min(1).max(366),
      'How long it is valid, in days; 90 when absent',
      30,
    ).optional(),
  })
  .meta({ id: 'ApiKeyRequest', description: 'A key to be made' });

export const NewApiKey = ApiKey.extend({
  key: field(
    z.string(),
    'The key itself: said once, and not kept',
    'speakr_3f2a1c0d9e8b7a65_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  ),
}).meta({ id: 'NewApiKey', description: 'A key that was just made' });

export const ApiKeyList = z
  .object({ keys: field(z.array(ApiKey), 'Newest first', []), nextCursor: nextCursor() })
  .meta({ id: 'ApiKeyList', description: 'The API keys of a user, with those that are not valid any more' });

export const byKey = z.object({ key: keyId() });

/** Where clients find out how to log in (RFC 9728). Public. */
export const LOGIN_PATH = '/.well-known/oauth-protected-resource';

/** Metadata of the server as a protected resource: names of RFC 9728, and what a client of speakr needs besides. */
export const LoginMetadata = z
  .object({
    resource: field(z.string(), 'Audience that tokens must be for', 'https://speakr.example.org'),
    authorization_servers: field(z.array(z.url()), 'Issuers whose tokens are taken', [
      'https://login.example.org',
    ]),
    bearer_methods_supported: field(z.array(z.string()), 'How a token is sent', ['header']),
    scopes_supported: field(z.array(z.string()), 'Scopes to ask the issuer for', [
      'openid',
      'offline_access',
    ]),
    speakr_client_id: field(z.string(), 'Client id of the command line at the issuer', 'speakr'),
  })
  .meta({ id: 'LoginMetadata', description: 'How to log in' });
export type LoginMetadata = z.infer<typeof LoginMetadata>;
