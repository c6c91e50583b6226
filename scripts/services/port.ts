import { createServer } from 'node:net';

/** Below the range from which systems take ports of outgoing connections: a client that tries there meets nobody. */
const LOWEST = 15_000;
const HIGHEST = 32_000;
const TRIES = 50;

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });

/**
 * A free loopback port.
 * @param preferred taken when it is free
 * @throws Error when none of fifty is free
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let tries = 0; tries < TRIES; tries++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) return port;
  }
  throw new Error(`None of ${TRIES} ports between ${LOWEST} and ${HIGHEST} is free.`);
}
