import { connect, createServer, type Socket } from 'node:net';

/** What stands before the gateways: connections go to one that answers, and end with it. */
export interface Balancer {
  readonly url: string;
  /** Gateways, in the order in which they are tried. */
  targets: string[];
  close(): Promise<void>;
}

export async function startBalancer(): Promise<Balancer> {
  const open = new Set<Socket>();
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
        upstream.once('close', () => client.destroy());
        client.once('close', () => upstream.destroy());
      });
    };
    attempt(balancer.targets);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  balancer.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  return Object.assign(balancer, {
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
