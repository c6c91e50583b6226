import type { Commit } from './conventional-commit.ts';

/** What users read, in this order; other types of commits are not for them. */
const sections: readonly { readonly heading: string; readonly belongs: (commit: Commit) => boolean }[] = [
  { heading: 'Breaking changes', belongs: ({ breaking }) => breaking },
  { heading: 'New', belongs: ({ type, breaking }) => type === 'feat' && !breaking },
  { heading: 'Mended', belongs: ({ type, breaking }) => ['fix', 'revert'].includes(type) && !breaking },
  { heading: 'Faster', belongs: ({ type, breaking }) => type === 'perf' && !breaking },
];

/** Parts of the project that those who use speakr never see. */
const INTERNAL_SCOPES = ['bench', 'test', 'e2e', 'check', 'ci', 'build', 'release'];

/** The text of a release, in Markdown. @param commits newest first */
export function releaseNotes(version: string, commits: readonly Commit[]): string {
  const visible = commits.filter(({ scope = '' }) => !INTERNAL_SCOPES.includes(scope));
  const parts = sections.flatMap(({ heading, belongs }) => {
    const lines = visible.filter(belongs).map(line);
    return lines.length === 0 ? [] : [`### ${heading}\n\n${[...new Set(lines)].join('\n')}\n`];
  });
  const body = parts.length === 0 ? ['Nothing that users notice.\n'] : parts;
  return [`## speakr ${version}\n`, ...body].join('\n');
}

const line = ({ scope, summary, hash }: Commit) =>
  `- ${scope === undefined ? '' : `**${scope}:** `}${summary}${hash === '' ? '' : ` (${hash.slice(0, 7)})`}`;
