const UNRELEASED = '## Unreleased';

/**
 * The changelog with what was unreleased under the heading of a version, and an empty place for what comes next.
 * @param day YYYY-MM-DD
 * @throws Error when there is no place for what is unreleased
 */
export function changelogWithRelease(changelog: string, version: string, day: string): string {
  if (!changelog.includes(`${UNRELEASED}\n`)) throw new Error(`CHANGELOG.md has no "${UNRELEASED}".`);
  return changelog.replace(`${UNRELEASED}\n`, `${UNRELEASED}\n\n## ${version} – ${day}\n`);
}
