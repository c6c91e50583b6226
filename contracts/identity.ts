import { z } from 'zod';
import { field } from './field.ts';
import { userName } from './sharing.ts';

/** What a caller may do. Each route of the API names the one it needs; none includes another. */
export const scopes = ['read', 'write', 'record', 'admin'] as const;
export const Scope = z.enum(scopes);
export type Scope = z.infer<typeof Scope>;

export const Identity = z
  .object({
    user: userName(),
    scopes: field(z.array(Scope), 'What the caller may do', ['read', 'write', 'record', 'admin']),
    method: field(
      z.enum(['token', 'login', 'key', 'header']),
      'How the caller proved it: a token of the server, a login (JWT), an API key, or the legacy header',
      'login',
    ),
  })
  .meta({ id: 'Identity', description: 'Who asks, as the server sees it' });
export type Identity = z.infer<typeof Identity>;

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
