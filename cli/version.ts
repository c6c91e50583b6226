import manifest from './package.json' with { type: 'json' };

/** Version of speakr, from its package.json. */
export const version: string = manifest.version;

const { repository } = manifest as { repository?: { url: string } };

/** Where GitHub tells of the latest release; undefined where this speakr is none: a release writes its repository in. */
export const latestReleaseUrl: string | undefined = latestReleaseOf(repository?.url);

/** @param url of a repository, as package.json has it: `git+https://github.com/owner/name.git` */
export function latestReleaseOf(url: string | undefined): string | undefined {
  const [, name] = /^git\+https:\/\/github\.com\/([^/]+\/[^/]+)\.git$/.exec(url ?? '') ?? [];
  return name === undefined ? undefined : `https://api.github.com/repos/${name}/releases/latest`;
}
