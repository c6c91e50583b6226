import type { Readable } from 'node:stream';
import type { Route, RouteName, routes } from '@speakr/contracts/api';
import type { Identity } from '@speakr/contracts/identity';
import type { z } from 'zod';

type Routes = typeof routes;
type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;
type PartOf<K extends RouteName, P extends keyof Route> = P extends keyof Routes[K]
  ? Parsed<Routes[K][P]>
  : undefined;

/** A validated request. */
export interface Input<K extends RouteName> {
  readonly owner: string;
  /** Who asks, and how they proved it; the owner is its user. */
  readonly identity: Identity;
  readonly params: PartOf<K, 'params'>;
  readonly query: PartOf<K, 'query'>;
  readonly body: PartOf<K, 'body'>;
  /** The version that must still be there, for routes that obey it. */
  readonly ifMatch: string | undefined;
  /** A body that is taken as it comes. */
  readonly content: K extends RouteName
    ? Routes[K] extends { content: readonly string[] }
      ? AsyncIterable<Uint8Array>
      : undefined
    : never;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** A body that is not JSON of the API. */
export interface Document {
  /** Media type. */
  readonly type: string;
  /** Where it can begin anywhere: what opens it from a byte on. Its length is known then. */
  readonly content: string | Readable | ((fromByte: number) => Readable);
  /** Length in bytes, where it is known beforehand. */
  readonly bytes?: number;
  /** Name for a download. */
  readonly filename?: string;
}

export type Output<K extends RouteName> =
  Routes[K]['response'] extends z.ZodType<infer T>
    ? T
    : Routes[K]['response'] extends null
      ? undefined
      : Document;

export type Handler<K extends RouteName> = (input: Input<K>) => Promise<Output<K>>;
export type Handlers<K extends RouteName = RouteName> = { readonly [N in K]: Handler<N> };
