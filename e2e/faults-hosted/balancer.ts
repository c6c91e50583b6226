import { connect, createServer, type Socket } from 'node:net';

/** What stands before the gateways: connections go to one that answers, and end with it. */
export interface Balancer {
  readonly url: string;
  /** Gateways, in the order in which they are tried. */
  targets: string[];
  /** From now on nothing passes over the live sockets there are, in neither direction; they stay open. */
  freeze(): void;
  /** From now on what the gateways say over the live sockets there are is not read. */
  stopReading(): void;
  close(): Promise<void>;
}

const UPGRADE = /^upgrade: *websocket\r$/im;

export async function startBalancer(): Promise<Balancer> {
  const open = new Set<Socket>();
  const pairs = new Map<Socket, Socket>();
  const balancer = { url: '', targets: [] as string[] };
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => {});
  };
  const server = createServer((client) => {
    keep(client);
    const attempt = ([target, ...others]: readonly string[]): void => {
      if (target === undefined) return void client.destroy();
      const { hostname, port } = new URL(target);
      const upstream = connect(Number(port), hostname);
      keep(upstream);
      upstream.once('error', () => attempt(others));
      upstream.once('connect', () => {
        upstream.removeAllListeners('error').on('error', () => client.destroy());
        client.pipe(upstream).pipe(client);
        client.once('data', (head) => {
          if (UPGRADE.test(head.toString('latin1'))) pairs.set(client, upstream);
        });
        client.once('close', () => pairs.delete(client));
        upstream.once('close', () => client.destroy());
        client.once('close', () => upstream.destroy());
      });
    };
    attempt(balancer.targets);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  balancer.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const stop = (from: Socket, to: Socket) => {
    from.unpipe(to);
    from.pause();
  };
  return Object.assign(balancer, {
    freeze() {
      for (const [client, upstream] of pairs) {
        stop(client, upstream);
        stop(upstream, client);
      }
    },
    stopReading() {
      for (const [client, upstream] of pairs) stop(upstream, client);
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
