import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { isSigned, NAMESPACE } from '../../cli/release-signature.ts';
import { publicKeyLine, readPrivateKey, signMessage } from './sign.ts';

const pem = () =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
const message = Buffer.from(`${'0'.repeat(64)}  speakr.tar.xz\n`);

test('a signature is good for this message and this key only', () => {
  const key = readPrivateKey(pem());
  const signature = signMessage(message, key);
  assert.equal(isSigned(message, signature, publicKeyLine(key)), true);
  assert.equal(isSigned(Buffer.from('another'), signature, publicKeyLine(key)), false);
  assert.equal(isSigned(message, signature, publicKeyLine(readPrivateKey(pem()))), false);
  for (const broken of ['', 'rubbish', signature.slice(0, 200), signature.replace(/[A-Z]/, 'a')])
    assert.equal(isSigned(message, broken, publicKeyLine(key)), false, broken);
  assert.equal(isSigned(message, signature, ''), false);
  assert.throws(() =>
    readPrivateKey(
      generateKeyPairSync('x25519').privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    ),
  );
});

test('OpenSSH reads our signatures, and we read those of OpenSSH for the same purpose', (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'speakr-sign-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = (name: string, content: string | Buffer) => {
    writeFileSync(path.join(directory, name), content, { mode: 0o600 });
    return path.join(directory, name);
  };
  const keygen = (args: string[], input?: Buffer) =>
    spawnSync('ssh-keygen', args, { input, encoding: 'utf8' });
  if (keygen(['-?']).error !== undefined) return t.skip('ssh-keygen is not here');

  const key = readPrivateKey(pem());
  const signers = file('signers', `speakr ${publicKeyLine(key)}\n`);
  const signature = file('ours.sig', signMessage(message, key));
  const check = (text: Buffer, namespace = NAMESPACE) =>
    keygen(['-Y', 'verify', '-f', signers, '-I', 'speakr', '-n', namespace, '-s', signature], text).status;
  assert.equal(check(message), 0);
  assert.notEqual(check(Buffer.from('another')), 0);
  assert.notEqual(check(message, 'git'), 0);

  const theirs = path.join(directory, 'theirs');
  assert.equal(keygen(['-q', '-t', 'ed25519', '-N', '', '-f', theirs]).status, 0);
  const line = readFileSync(`${theirs}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
  const sums = file('sums', message);
  const signAs = (namespace: string) => {
    rmSync(`${sums}.sig`, { force: true });
    assert.equal(keygen(['-Y', 'sign', '-q', '-f', theirs, '-n', namespace, sums]).status, 0);
    return readFileSync(`${sums}.sig`, 'utf8');
  };
  assert.equal(isSigned(message, signAs(NAMESPACE), line), true);
  assert.equal(isSigned(message, signAs('git'), line), false);
});
