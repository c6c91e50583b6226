/** A network of containers as an engine makes one, of Linux's own parts; by iproute2, as root. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, connect as openSocket, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { runTool } from '../release/run-tool.ts';

export interface ContainerNetwork {
  /** Gives a container its place. @returns the name of its network namespace */
  join(service: string): string;
  /** A file for /etc/hosts that knows all who have joined so far, and those named in advance. */
  readonly hosts: string;
  addressOf(service: string): string;
  /** Passes connections to a port of this machine on to a container, as a published port. */
  publish(host: string, port: number, service: string, containerPort: number): Promise<void>;
  /** Closes all published ports. */
  unpublish(): Promise<void>;
  remove(): Promise<void>;
}

const ip = (...args: string[]) => runTool('ip', args);

/**
 * @param services names that containers find each other by
 * @param folder for what they read
 */
export function createNetwork(services: readonly string[], folder: string): ContainerNetwork {
  const id = randomBytes(3).toString('hex');
  const bridge = `spk${id}`;
  const subnet = `10.213.${Number.parseInt(id.slice(0, 2), 16)}`;
  const addressOf = (service: string) => `${subnet}.${services.indexOf(service) + 2}`;
  ip('link', 'add', bridge, 'type', 'bridge');
  ip('address', 'add', `${subnet}.1/24`, 'dev', bridge);
  ip('link', 'set', bridge, 'up');
  mkdirSync(folder, { recursive: true });
  const hosts = path.join(folder, 'hosts');
  writeFileSync(
    hosts,
    ['127.0.0.1 localhost', ...services.map((name) => `${addressOf(name)} ${name}`), ''].join('\n'),
  );
  const namespaces = new Set<string>();
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  let removed = false;

  const unpublish = async () => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  };

  return {
    hosts,
    addressOf,
    unpublish,
    join(service) {
      const number = services.indexOf(service);
      const namespace = `${bridge}-${service}`;
      if (namespaces.has(namespace)) return namespace;
      const [outside, inside] = [`${bridge}v${number}`, `${bridge}w${number}`];
      ip('netns', 'add', namespace);
      namespaces.add(namespace);
      ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside);
      ip('link', 'set', inside, 'netns', namespace);
      ip('link', 'set', outside, 'master', bridge, 'up');
      ip('-n', namespace, 'link', 'set', 'lo', 'up');
      ip('-n', namespace, 'address', 'add', `${addressOf(service)}/24`, 'dev', inside);
      ip('-n', namespace, 'link', 'set', inside, 'up');
      return namespace;
    },
    async publish(host, port, service, containerPort) {
      const server = createServer((near) => {
        const far = openSocket(containerPort, addressOf(service));
        for (const [one, other] of [
          [near, far],
          [far, near],
        ] as const) {
          sockets.add(one);
          one
            .on('error', () => other.destroy())
            .on('close', () => {
              sockets.delete(one);
              other.destroy();
            });
          one.pipe(other);
        }
      });
      servers.push(server);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(port, host, resolve);
      });
    },
    async remove() {
      await unpublish();
      if (removed) return;
      removed = true;
      for (const namespace of namespaces) ip('netns', 'delete', namespace);
      ip('link', 'delete', bridge);
    },
  };
}
