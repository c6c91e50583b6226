/** A commit message as https://www.conventionalcommits.org/en/v1.0.0/ reads it. */
export interface Commit {
  readonly hash: string;
  /** `feat`, `fix`, …; `other` for a message of another form. */
  readonly type: string;
  readonly scope?: string;
  readonly summary: string;
  readonly breaking: boolean;
  /** The version that a line `Release-As: 1.2.3` of the message asks for. */
  readonly releaseAs?: string;
}

/** Types that a commit or the title of a pull request may have. */
export const commitTypes = [
  'feat',
  'fix',
  'perf',
  'refactor',
  'docs',
  'test',
  'build',
  'ci',
  'chore',
  'style',
  'revert',
] as const;

const SUBJECT = /^(?<type>[a-z]+)(?:\((?<scope>[^()]+)\))?(?<mark>!)?: (?<summary>\S.*)$/;

/** @param message the whole message, subject first */
export function parseCommit(hash: string, message: string): Commit {
  const [subject = '', ...body] = message.split('\n');
  const found = SUBJECT.exec(subject)?.groups;
  const type = commitTypes.find((each) => each === found?.type);
  if (found === undefined || type === undefined)
    return { hash, type: 'other', summary: subject, breaking: false };
  const asked = body.map((line) => /^Release-As: (\d+\.\d+\.\d+)$/.exec(line)?.[1]).find(Boolean);
  const releaseAs = asked === undefined ? {} : { releaseAs: asked };
  const breaking = found.mark === '!' || body.some((line) => /^BREAKING[ -]CHANGE: /.test(line));
  const scope = found.scope === undefined ? {} : { scope: found.scope };
  return { hash, type, ...scope, summary: found.summary ?? '', breaking, ...releaseAs };
}

/** Why a text is no title for a pull request, which becomes the commit on main; undefined when it is one. */
export function titleProblem(title: string): string | undefined {
  if (parseCommit('', title).type !== 'other') return undefined;
  return `"${title}" is no conventional commit, such as "fix(cli): say why". Types are ${commitTypes.join(', ')}.`;
}
