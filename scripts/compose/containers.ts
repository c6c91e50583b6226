/** Starts the services of Compose files as Compose does, each as a container engine would run it. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Contained, contain, type Mount, runInRoot } from '../images/contained.ts';
import type { ComposeFile, ComposeService } from './compose-file.ts';
import { borrowMachine, foreignImage, makeVolume } from './foreign-images.ts';
import { createNetwork } from './network.ts';

/** The user of our images. */
const OURS = 10_001;
const HEALTH_POLL_MS = 250;
const HEALTHY_WITHIN_MS = 180_000;

export interface ContainersOptions {
  readonly root: string;
  readonly compose: ComposeFile;
  /** Where the Compose files are: their relative paths begin there. */
  readonly folder: string;
  /** For volumes and what is thrown away. */
  readonly work: string;
}

export interface Containers {
  /** Starts services, each when those it waits for are as far as it asks, and waits until all are. */
  up(services: readonly string[]): Promise<void>;
  /** Runs a service once, with other arguments. @returns its exit code and what it said */
  run(
    service: string,
    args: readonly string[],
    input?: Buffer,
  ): Promise<{ code: number | null; output: string; said: string }>;
  /** Ends all, last started first. */
  down(): Promise<void>;
  said(service: string): string;
  close(): Promise<void>;
}

export function createContainers({ root, compose, folder, work }: ContainersOptions): Containers {
  const { services } = compose;
  const network = createNetwork(Object.keys(services), work);
  const running = new Map<string, Contained>();
  const atEnd: (() => void)[] = [];

  const serviceOf = (name: string): ComposeService => {
    const service = services[name];
    if (service === undefined) throw new Error(`There is no service ${name}.`);
    return service;
  };

  function mountsOf({ volumes = [] }: ComposeService, uid: number): Mount[] {
    const given = volumes.map((volume) => {
      const [from = '', to = '', mode] = volume.split(':');
      const isNamed = !from.startsWith('.');
      const source = isNamed ? path.join(work, 'volumes', from) : path.resolve(folder, from);
      // Compose makes a volume for the first service that uses it; ours make theirs before others read them.
      if (isNamed) makeVolume(source, uid);
      return { from: source, to, readOnly: mode === 'ro' };
    });
    return [...given, { from: network.hosts, to: '/etc/hosts', readOnly: true }];
  }

  async function start(name: string, args?: readonly string[], input?: Buffer): Promise<Contained> {
    const service = serviceOf(name);
    const [, neighbour = name] = /^service:(.+)$/.exec(service.network_mode ?? '') ?? [];
    const place = network.join(neighbour);
    const env = service.environment ?? {};
    const health = service.healthcheck?.test?.slice(1) ?? [];
    const [, ours] = /\/(speakr-[a-z]+):(.+)$/.exec(service.image) ?? [];
    if (ours !== undefined)
      return contain({
        root,
        image: `localhost/${ours}:${service.image.split(':').at(-1)}`,
        env,
        mounts: mountsOf(service, OURS),
        command: args ?? service.command,
        health,
        network: place,
        input,
      });
    const { folder: installed, programs, entrypoint, uid } = await foreignImage(root, service.image);
    const machine = borrowMachine(path.join(work, 'machines', `${name}-${atEnd.length}`));
    atEnd.push(machine.giveBack);
    return runInRoot({
      folder: machine.root,
      become: ['chroot', `--userspec=${uid}:${uid}`],
      readOnly: false,
      env: { ...env, PATH: `${programs}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin` },
      mounts: [...mountsOf(service, uid), { from: installed, to: installed, readOnly: true }],
      command: [...entrypoint, ...(args ?? service.command ?? [])],
      health,
      network: place,
    });
  }

  async function healthy(name: string): Promise<void> {
    const container = running.get(name);
    if (container === undefined) throw new Error(`${name} does not run.`);
    for (const end = performance.now() + HEALTHY_WITHIN_MS; performance.now() < end; ) {
      if ((await container.health()) === 0) return;
      if (container.child.exitCode !== null) throw new Error(`${name} has ended:\n${container.said()}`);
      await sleep(HEALTH_POLL_MS);
    }
    throw new Error(`${name} is not healthy:\n${container.said()}`);
  }

  async function completed(name: string): Promise<void> {
    const container = running.get(name);
    const code = await container?.ended;
    if (code !== 0) throw new Error(`${name} ended with ${code}:\n${container?.said()}`);
  }

  return {
    async up(names) {
      const states = new Map<string, Promise<void>>();
      // Each is as far as whoever waits for it asks, once; a failure fails all that wait.
      const reach = (name: string): Promise<void> => {
        const known = states.get(name);
        if (known !== undefined) return known;
        const begun = (async () => {
          const service = serviceOf(name);
          const needed = Object.keys(service.depends_on ?? {}).filter((each) => names.includes(each));
          const [, neighbour] = /^service:(.+)$/.exec(service.network_mode ?? '') ?? [];
          await Promise.all(needed.map(reach));
          if (neighbour !== undefined) network.join(neighbour);
          running.set(name, await start(name));
          for (const port of service.ports ?? []) {
            const [host = '', outside, inside] = port.split(':');
            await network.publish(host, Number(outside), name, Number(inside));
          }
          if (service.healthcheck?.disable) await completed(name);
          else await healthy(name);
        })();
        states.set(name, begun);
        return begun;
      };
      await Promise.all(names.map(reach));
    },
    async run(service, args, input) {
      const container = await start(service, args, input);
      const code = await container.ended;
      await container.stop();
      return { code, output: container.output(), said: container.said() };
    },
    async down() {
      for (const [name, container] of [...running].reverse()) {
        const code = await container.stop(30_000);
        running.delete(name);
        if (code === null) throw new Error(`${name} had to be killed:\n${container.said()}`);
      }
      await network.unpublish();
    },
    said: (service) => running.get(service)?.said() ?? '',
    async close() {
      for (const container of running.values()) await container.stop(2000).catch(() => {});
      for (const each of atEnd.splice(0).reverse()) each();
      await network.remove();
    },
  };
}
