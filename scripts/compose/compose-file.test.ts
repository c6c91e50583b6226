import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { roleNames } from '../../server/config.ts';
import {
  type ComposeService,
  interpolate,
  problemsOf,
  readComposeFiles,
  readEnvironmentFile,
  servicesOf,
  variablesOf,
} from './compose-file.ts';

const root = path.dirname(path.dirname(import.meta.dirname));
const folder = path.join(root, 'deploy', 'compose');
const files = ['compose.yaml', 'compose.oidc.yaml'].map((name) => path.join(folder, name));
const text = (file: string) => readFileSync(file, 'utf8');
const skip = process.platform === 'win32' ? 'setup.sh is for a POSIX shell' : false;

/** What setup.sh writes into a folder of its own. */
function setUp(t: { after(work: () => void): void }) {
  const made = mkdtempSync(path.join(tmpdir(), 'speakr set-up '));
  t.after(() => rmSync(made, { recursive: true }));
  const run = () => spawnSync('sh', [path.join(folder, 'setup.sh'), made], { encoding: 'utf8' });
  const { status, stderr } = run();
  assert.equal(status, 0, stderr);
  const file = (name: string) => path.join(made, name);
  return { run, file, environment: readEnvironmentFile(text(file('.env'))) };
}

test('Compose files of the project are such, by the schema of the specification', () => {
  for (const file of [...files, path.join(root, 'scripts', 'services', 'compose.yaml')])
    assert.deepEqual(problemsOf(parse(text(file), { merge: true })), [], file);
  assert.notDeepEqual(problemsOf({ services: { s: { image: 'x', healthchek: {} } } }), []);
  assert.notDeepEqual(problemsOf({ services: { s: { depends_on: { t: { condition: 'healthy' } } } } }), []);
});

test('setup.sh makes secrets that nobody else has, in files that nobody else reads', { skip }, (t) => {
  const { run, file, environment } = setUp(t);
  const secrets = Object.entries(environment).filter(([name]) => /PASSWORD|KEY|TOKEN/.test(name));
  assert.equal(secrets.length, 8);
  assert.equal(new Set(secrets.map(([, value]) => value)).size, 8);
  for (const [name, value] of secrets) assert.match(value, /^[a-z][0-9a-z]{19,}$/, name);
  assert.equal(statSync(file('.env')).mode & 0o777, 0o600);
  const digest = createHash('sha256')
    .update(environment.SPEAKR_TOKEN ?? '')
    .digest('hex');
  assert.equal(text(file('tokens')), `me ${digest}\n`);

  const before = text(file('.env'));
  const { status, stderr } = run();
  assert.equal(status, 1);
  assert.match(stderr, /nothing was changed/);
  assert.equal(text(file('.env')), before);
  assert.notEqual(setUp(t).environment.S3_SECRET_KEY, environment.S3_SECRET_KEY);
});

test('what a Compose file needs is what setup.sh writes', { skip }, (t) => {
  const { environment } = setUp(t);
  for (const file of files) {
    for (const [name, needed] of variablesOf(text(file)))
      if (needed) {
        assert.ok(environment[name], name);
        const { [name]: _, ...others } = environment;
        assert.throws(
          () => readComposeFiles(files, others),
          new RegExp(`${name} is missing: run setup\\.sh`),
        );
      }
  }
  const version = (JSON.parse(text(path.join(root, 'package.json'))) as { version: string }).version;
  assert.equal(environment.SPEAKR_VERSION, version);
  const { services } = readComposeFiles(files, {
    ...environment,
    SPEAKR_VERSION: '',
  });
  for (const { image } of Object.values(services))
    if (image.includes('speakr')) assert.ok(image.endsWith(`:${version}`), image);
});

test('the services are all roles, in an order that ends, behind checks that say when', { skip }, (t) => {
  const compose = readComposeFiles(files, setUp(t).environment);
  const names = servicesOf(compose, ['ollama', 'command-line']);
  assert.deepEqual(new Set(names), new Set(Object.keys(compose.services)));
  for (const role of roleNames) assert.equal(compose.services[role]?.build?.target, role);
  const usual = servicesOf(compose);
  assert.ok(!usual.includes('ollama') && !usual.includes('speakr'));

  const started = new Set<string>();
  for (let left = names; left.length > 0; ) {
    const next = left.filter((name) =>
      Object.keys(compose.services[name]?.depends_on ?? {}).every((each) => started.has(each)),
    );
    assert.ok(next.length > 0, `${left} wait for each other`);
    for (const name of next) started.add(name);
    left = left.filter((name) => !started.has(name));
  }
  for (const [name, service] of Object.entries(compose.services)) {
    for (const [other, { condition, required = true }] of Object.entries(service.depends_on ?? {})) {
      const there = compose.services[other];
      assert.ok(there !== undefined, `${name} waits for ${other}`);
      if (condition === 'service_healthy') assert.ok(there.healthcheck?.test, `${other} has a check`);
      if (usual.includes(name) && !usual.includes(other)) assert.equal(required, false, other);
    }
    for (const volume of service.volumes ?? []) {
      const [from = ''] = volume.split(':');
      if (!from.startsWith('.')) assert.ok(from in compose.volumes, `${name} uses ${from}`);
    }
  }
});

test('containers of speakr cannot write, have no rights, and only the gateway is reached from outside', {
  skip,
}, (t) => {
  const compose = readComposeFiles(files, setUp(t).environment);
  const ours = Object.entries(compose.services).filter(([, { image }]) => image.includes('/speakr-'));
  assert.equal(ours.length, roleNames.length + 4);
  for (const [name, service] of ours) {
    const { read_only, cap_drop, security_opt, tmpfs } = service as ComposeService;
    assert.deepEqual(
      { read_only, cap_drop, security_opt, tmpfs },
      {
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        tmpfs: ['/tmp:mode=1777'],
      },
      name,
    );
  }
  for (const [name, { ports = [] }] of Object.entries(compose.services)) {
    if (name !== 'gateway') assert.deepEqual(ports, [], name);
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:/);
  }
});

const use = (inside: string) => `$\{${inside}}`;

test('variables are put in as Compose does', () => {
  assert.equal(interpolate(`a ${use('B:-c')} ${use('D')} $$E ${use('F:-')}.`, { D: 'd' }), 'a c d $E .');
  assert.equal(interpolate(use('B:-c'), { B: 'b' }), 'b');
  assert.throws(() => interpolate(use('B:?say it'), { B: '' }), /B is missing: say it/);
});
