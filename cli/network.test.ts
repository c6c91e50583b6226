import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { startMessage } from '../server/fixtures/test-app.ts';
import { testGateway } from '../server/fixtures/test-gateway.ts';
import { certificateFor127 } from './fixtures/certificate.ts';
import { fakeIo } from './fixtures/fake-io.ts';
import { main } from './main.ts';
import { openNetwork } from './network.ts';

// The CLI against a real gateway behind TLS with an authority of its own, directly and through a real CONNECT proxy.

const directory = mkdtempSync(join(tmpdir(), 'speakr-network-'));
const { authority, certificate, key } = certificateFor127();
const caFile = join(directory, 'authority.pem');
writeFileSync(caFile, authority);
const { gateway, close } = await testGateway();
await gateway.http.listen({ host: '127.0.0.1', port: 0 });
const plain = `http://127.0.0.1:${(gateway.http.server.address() as AddressInfo).port}`;

const sockets = new Set<Socket>();
const listening = async (server: NetServer | Server) => {
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};
const join2 = (one: Socket, other: Socket) => {
  one.pipe(other).pipe(one);
  for (const each of [one, other])
    each.on('error', () => [one, other].forEach((socket) => void socket.destroy()));
};
const terminator = createTlsServer({ key, cert: certificate }, (socket) => {
  join2(socket, connect(Number(new URL(plain).port), '127.0.0.1'));
});
const secure = `https://127.0.0.1:${await listening(terminator)}`;
after(async () => {
  for (const socket of sockets) socket.destroy();
  terminator.close();
  await close();
  rmSync(directory, { recursive: true });
});

/** A forward proxy that tunnels (RFC 9110, CONNECT) and nothing else. @param credentials user:password it demands */
async function connectProxy(t: TestContext, credentials?: string) {
  const targets: string[] = [];
  const server = createServer((_, response) => void response.writeHead(405).end());
  server.on('connect', (request, socket: Socket) => {
    const given = request.headers['proxy-authorization'];
    if (credentials !== undefined && given !== `Basic ${Buffer.from(credentials).toString('base64')}`)
      return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    targets.push(request.url ?? '');
    const [host, port] = (request.url ?? '').split(':');
    const other = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      join2(socket, other);
    });
  });
  const port = await listening(server);
  t.after(() => void server.close());
  return {
    port,
    targets,
    url: `http://${credentials === undefined ? '' : `${credentials}@`}127.0.0.1:${port}`,
  };
}

const environment = (extra: Record<string, string>) => ({
  PATH: process.env.PATH,
  HOME: directory,
  SPEAKR_TOKEN: 'ada',
  XDG_CONFIG_HOME: join(directory, 'config'),
  XDG_DATA_HOME: join(directory, 'data'),
  ...extra,
});
async function speakr(args: string[], extra: Record<string, string>) {
  const io = fakeIo({ env: environment(extra), cwd: directory, input: '' });
  const code = await main(args, io);
  return { code, out: io.out(), err: io.err() };
}

test('a certificate of an unknown authority is refused, with the way out; with SPEAKR_CA_FILE it is trusted', async () => {
  const refused = await speakr(['whoami'], { SPEAKR_SERVER: secure });
  assert.equal(refused.code, 5);
  assert.match(
    refused.err,
    /The certificate of https:\S+ is not trusted \(\w+\)\. Name the .*SPEAKR_CA_FILE/,
  );
  const trusted = await speakr(['whoami'], { SPEAKR_SERVER: secure, SPEAKR_CA_FILE: caFile });
  assert.deepEqual([trusted.code, trusted.out], [0, 'ada\n'], trusted.err);
  const none = await speakr(['whoami'], { SPEAKR_SERVER: secure, SPEAKR_CA_FILE: join(directory, 'none') });
  assert.deepEqual([none.code, /cannot be read \(ENOENT\)/.test(none.err)], [2, true]);
});

test('NODE_EXTRA_CA_CERTS is obeyed', async () => {
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--import=./scripts/tsx-hook.ts',
      'cli/run.ts',
      'whoami',
      '--server',
      secure,
    ],
    {
      cwd: join(import.meta.dirname, '..'),
      env: environment({ NODE_EXTRA_CA_CERTS: caFile }) as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 0);
  assert.equal(out, 'ada\n');
});

test('requests go through the proxy of the environment, and not where NO_PROXY says', async (t) => {
  const proxy = await connectProxy(t);
  const through = { SPEAKR_CA_FILE: caFile, HTTPS_PROXY: proxy.url, http_proxy: proxy.url };
  assert.equal((await speakr(['list'], { SPEAKR_SERVER: secure, ...through })).code, 0);
  assert.deepEqual(new Set(proxy.targets), new Set([new URL(secure).host]));
  assert.equal((await speakr(['list'], { SPEAKR_SERVER: plain, ...through })).code, 0);
  assert.ok(proxy.targets.includes(new URL(plain).host));
  const before = proxy.targets.length;
  for (const server of [secure, plain])
    assert.equal(
      (await speakr(['list'], { SPEAKR_SERVER: server, ...through, NO_PROXY: '127.0.0.1' })).code,
      0,
    );
  assert.equal(proxy.targets.length, before);
});

test('a proxy that wants a password gets it; one that refuses, or is not there, is named', async (t) => {
  const proxy = await connectProxy(t, 'ada:secret');
  const ask = (url: string) =>
    speakr(['whoami'], { SPEAKR_SERVER: secure, SPEAKR_CA_FILE: caFile, HTTPS_PROXY: url });
  assert.equal((await ask(proxy.url)).code, 0);
  const refused = await ask(`http://127.0.0.1:${proxy.port}`);
  assert.equal(refused.code, 5);
  assert.match(refused.err, /The proxy does not let through to https:\S+ \(407\)/);
  const wrong = await ask(`http://ada:wrong@127.0.0.1:${proxy.port}`);
  assert.equal(wrong.code, 5);
  assert.ok(!wrong.err.includes('wrong'));
  assert.equal((await ask('http://127.0.0.1:9')).code, 5);
});

for (const [what, server] of [
  ['wss', secure],
  ['ws', plain],
] as const)
  test(`live sockets go the same way (${what})`, async (t) => {
    const proxy = await connectProxy(t);
    const network = openNetwork({ env: { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url }, caFile });
    t.after(() => network.close());
    const url = new URL('/ws/transcribe', server.replace('http', 'ws'));
    const socket = network.openSocket(url, 'speakr.v1', 'ada');
    const ready = new Promise<string>((resolve, reject) => {
      socket.onopen = () => socket.send(JSON.stringify(startMessage()));
      socket.onmessage = ({ data }: { data: unknown }) => resolve(String(data));
      socket.onclose = () => reject(new Error('the socket was closed'));
    });
    assert.equal(JSON.parse(await ready).type, 'ready');
    socket.close();
    assert.deepEqual(proxy.targets, [new URL(server).host]);
  });
