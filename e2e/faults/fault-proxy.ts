import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from './random.ts';

/** A way to a server on which the network can be bad. */
export interface FaultProxy extends AsyncDisposable {
  readonly url: string;
  /** Open connections. */
  readonly connections: number;
  /** Ends all connections in an orderly way (FIN), or by a reset (RST). */
  cut(how?: 'end' | 'reset'): void;
  /** Nothing gets through in either direction until `flow`; connections stay, new ones hang as well. */
  stall(): void;
  flow(): void;
  /** Connections there are stay open for ever and carry nothing any more (half-open); new ones work. */
  deafen(): void;
  /** Every connection is refused until `admit`. */
  refuse(): void;
  admit(): void;
  /** Resets all connections once so many bytes have come from clients; resolves then. */
  cutAfter(bytes: number): Promise<void>;
  /** As TCP shows packet loss to programs: what was lost comes later, after 200 ms and twice as long each time. */
  lose(probability: number, chance: Chance): void;
}

const FIRST_RETRANSMISSION_MS = 200;

/** A TCP proxy in front of a server on this machine. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let deaf = new WeakSet<Socket>();
  let gate = Promise.withResolvers<void>();
  gate.resolve();
  let lossOf = 0;
  let chance: Chance | undefined;
  let bytesLeft = Number.POSITIVE_INFINITY;
  let cutAt = () => {};

  function carry(from: Socket, to: Socket, isFromClient: boolean): void {
    let queue = Promise.resolve();
    from.on('data', (data) => {
      if (isFromClient) bytesLeft -= data.length;
      if (bytesLeft <= 0) return cutAt();
      from.pause();
      queue = queue.then(async () => {
        await gate.promise;
        for (let wait = FIRST_RETRANSMISSION_MS; chance !== undefined && chance.next() < lossOf; wait *= 2)
          await sleep(wait);
        if (deaf.has(from) || to.destroyed) return;
        if (!to.write(data)) await once(to, 'drain').catch(() => undefined);
        from.resume();
      });
    });
    from.on('end', () => void queue.then(() => to.end()));
  }

  const proxy = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        if (!deaf.has(one)) other.destroy();
      });
    }
    carry(near, far, true);
    carry(far, near, false);
  });
  const listen = (at = 0) =>
    new Promise<void>((resolve, reject) => {
      proxy.once('error', reject).listen(at, '127.0.0.1', resolve);
    });
  await listen();
  const address = proxy.address() as { port: number };

  return {
    url: `http://127.0.0.1:${address.port}`,
    get connections() {
      return sockets.size / 2;
    },
    cut(how = 'end') {
      for (const socket of sockets) {
        if (how === 'reset') socket.resetAndDestroy();
        else socket.destroy();
      }
    },
    cutAfter(bytes) {
      bytesLeft = bytes;
      return new Promise((resolve) => {
        cutAt = () => {
          bytesLeft = Number.POSITIVE_INFINITY;
          for (const socket of sockets) socket.resetAndDestroy();
          resolve();
        };
      });
    },
    stall() {
      gate = Promise.withResolvers();
    },
    flow: () => gate.resolve(),
    deafen() {
      deaf = new WeakSet(sockets);
    },
    refuse() {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
    admit: () => void listen(address.port),
    lose(probability, by) {
      lossOf = probability;
      chance = by;
    },
    async [Symbol.asyncDispose]() {
      gate.resolve();
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
