/** Registries that images are published to, by skopeo and, where a registry has no other way, by its own interface. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runTool } from '../release/run-tool.ts';
import { digestOf, type MultiArchImage, withDirectory } from './image-files.ts';

export interface Registry {
  /** Host and namespace: `ghcr.io/owner`. */
  readonly place: string;
  readonly user: string;
  readonly password: string;
}

const hostOf = ({ place }: Registry) => place.slice(0, place.indexOf('/'));
const isLocal = (registry: Registry) => /^(127\.0\.0\.1|localhost)(:|$)/.test(hostOf(registry));
const reference = ({ place }: Registry, image: string, tag: string) => `docker://${place}/${image}:${tag}`;

/** Runs skopeo with the password in a file that is gone afterwards. @throws Error when it fails */
function skopeo(registry: Registry, command: string, ...args: string[]): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'speakr-registry-'));
  try {
    const auth = Buffer.from(`${registry.user}:${registry.password}`).toString('base64');
    const file = path.join(directory, 'auth.json');
    writeFileSync(file, JSON.stringify({ auths: { [hostOf(registry)]: { auth } } }), { mode: 0o600 });
    return runTool('skopeo', [command, ...args], { env: { ...process.env, REGISTRY_AUTH_FILE: file } });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Only a registry of this machine is spoken to without TLS. */
const insecure = (registry: Registry, option: string) => (isLocal(registry) ? [`${option}=false`] : []);

/** The digest a tag stands for; undefined when there is no such tag. @throws Error when the registry refuses */
export function digestAt(registry: Registry, image: string, tag: string): string | undefined {
  try {
    const raw = skopeo(
      registry,
      'inspect',
      ...insecure(registry, '--tls-verify'),
      '--raw',
      reference(registry, image, tag),
    );
    return digestOf(Buffer.from(raw));
  } catch (error) {
    if (/manifest unknown|name unknown|not found/i.test((error as Error).message)) return undefined;
    throw error;
  }
}

/** Pushes an image of a folder, all architectures. @throws Error when it is not there afterwards, to the byte */
export function push(registry: Registry, folder: string, image: MultiArchImage, tag: string): void {
  withDirectory(folder, image, (directory) => {
    const to = reference(registry, image.image, tag);
    skopeo(
      registry,
      ...(['copy', '--quiet', '--all', '--preserve-digests'] as const),
      ...insecure(registry, '--dest-tls-verify'),
      `dir:${directory}`,
      to,
    );
  });
  const digest = digestAt(registry, image.image, tag);
  if (digest !== image.digest)
    throw new Error(`${registry.place}/${image.image}:${tag} is ${digest}, and not ${image.digest}.`);
}

/** Lets another tag stand for what one stands for. */
export function retag(registry: Registry, image: string, from: string, to: string): void {
  skopeo(
    registry,
    ...(['copy', '--quiet', '--all', '--preserve-digests'] as const),
    ...insecure(registry, '--src-tls-verify'),
    ...insecure(registry, '--dest-tls-verify'),
    reference(registry, image, from),
    reference(registry, image, to),
  );
}

/** Tags of an image, none when there is no such image. */
export function tagsOf(registry: Registry, image: string): string[] {
  try {
    const said = skopeo(
      registry,
      'list-tags',
      ...insecure(registry, '--tls-verify'),
      `docker://${registry.place}/${image}`,
    );
    return (JSON.parse(said) as { Tags: string[] | null }).Tags ?? [];
  } catch (error) {
    if (/name unknown|not found/i.test((error as Error).message)) return [];
    throw error;
  }
}

/** Removes what a tag stands for. @throws Error when the registry does not let it be removed */
export async function remove(registry: Registry, image: string, tag: string): Promise<void> {
  const host = hostOf(registry);
  const owner = registry.place.slice(host.length + 1);
  if (host === 'ghcr.io') return removeFromGitHub(owner, image, tag);
  if (host === 'docker.io') return removeFromDockerHub(registry, owner, image, tag);
  skopeo(registry, 'delete', ...insecure(registry, '--tls-verify'), reference(registry, image, tag));
}

/** https://docs.github.com/rest/packages/packages: the registry itself removes nothing. */
function removeFromGitHub(owner: string, image: string, tag: string): void {
  const kind =
    runTool('gh', ['api', `/users/${owner}`, '--jq', '.type']).trim() === 'Organization' ? 'orgs' : 'users';
  const versions = `/${kind}/${owner}/packages/container/${image}/versions`;
  const wanted = `.[] | select(.metadata.container.tags | index("${tag}")) | .id`;
  const id = runTool('gh', ['api', '--paginate', versions, '--jq', wanted]).trim();
  if (id !== '') runTool('gh', ['api', '--method', 'DELETE', `${versions}/${id}`]);
}

/** https://docs.docker.com/reference/api/hub/latest: the registry itself removes nothing. */
async function removeFromDockerHub(
  { user, password }: Registry,
  owner: string,
  image: string,
  tag: string,
): Promise<void> {
  const hub = 'https://hub.docker.com/v2';
  const login = await fetch(`${hub}/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ identifier: user, secret: password }),
  });
  if (!login.ok) throw new Error(`Docker Hub lets nobody in: ${login.status}`);
  const { access_token: token } = (await login.json()) as { access_token: string };
  const removed = await fetch(`${hub}/repositories/${owner}/${image}/tags/${tag}/`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}` },
  });
  if (!removed.ok && removed.status !== 404)
    throw new Error(`Docker Hub does not remove ${image}: ${removed.status}`);
}
