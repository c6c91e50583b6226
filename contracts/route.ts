import type { z } from 'zod';
import type { Role, Scope } from './identity.ts';

/** A route of the HTTP API. `response` is a schema for JSON, or the media types of a body that is not. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with `{name}` for parameters. */
  readonly path: string;
  readonly summary: string;
  /** What the caller must be allowed; when absent `read` for GET, else `write`. */
  readonly scope?: Scope | 'any';
  /** What the caller must be besides. */
  readonly role?: Role;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** The answer holds a secret that is told once: it cannot be had again under an Idempotency-Key. */
  readonly isSecret?: true;
  /** The answer carries an ETag; where something is changed If-Match is obeyed. */
  readonly versioned?: true;
  /** Media types of a body that is taken as it comes, instead of JSON. */
  readonly content?: readonly string[];
  /** Largest body, bytes; that of all routes when absent. */
  readonly bodyBytes?: number;
  /** A part of the answer can be asked for by `Range`. */
  readonly ranges?: true;
  /** Days, `2027-03-01`: since when it is deprecated and until when it works all the same, 90 days or more. */
  readonly deprecated?: { readonly since: string; readonly sunset: string; readonly instead: string };
  readonly status: 200 | 201 | 202 | 204;
  readonly response: z.ZodType | readonly string[] | null;
}
