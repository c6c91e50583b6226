import type { Commit } from './conventional-commit.ts';

/**
 * The version that follows (https://semver.org): a breaking change makes a new major one, a feature a new minor one,
 * anything else that users notice a patch. Below 1.0.0 a breaking change makes a minor one. A commit that asks for a newer
 * version by `Release-As: 1.2.3` gets it.
 * @param commits newest first
 * @returns undefined when no commit changes what users have
 */
export function nextVersion(current: string, commits: readonly Commit[]): string | undefined {
  const [major = 0, minor = 0, patch = 0] = parseVersion(current);
  const asked = commits.find(({ releaseAs }) => releaseAs !== undefined)?.releaseAs;
  if (asked !== undefined && isNewer(asked, current)) return asked;
  const breaking = commits.some((commit) => commit.breaking);
  if (breaking && major > 0) return `${major + 1}.0.0`;
  if (breaking || commits.some(({ type }) => type === 'feat')) return `${major}.${minor + 1}.0`;
  if (commits.some(({ type }) => ['fix', 'perf', 'revert'].includes(type)))
    return `${major}.${minor}.${patch + 1}`;
  return undefined;
}

function isNewer(version: string, than: string): boolean {
  const [left, right] = [parseVersion(version), parseVersion(than)];
  const at = left.findIndex((part, index) => part !== right[index]);
  return at >= 0 && (left[at] ?? 0) > (right[at] ?? 0);
}

/** @throws Error when the text is no version */
export function parseVersion(text: string): number[] {
  const found = /^(\d+)\.(\d+)\.(\d+)(?:-[0-9A-Za-z.-]+)?$/.exec(text);
  if (found === null) throw new Error(`"${text}" is no version, such as 1.2.3.`);
  return found.slice(1, 4).map(Number);
}
