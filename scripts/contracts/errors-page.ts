import { ExitCode, errorCodes, errorTable } from '../../contracts/problem.ts';

const exitMeanings: Record<keyof typeof ExitCode, string> = {
  ok: 'Done',
  failure: 'Failed',
  usage: 'The command, an argument or the configuration is wrong',
  audioGap: 'Done, but part of the audio was not captured: see the receipt',
  model: 'A model is missing, damaged or does not fit',
  unreachable: 'The server cannot be reached or is busy',
  forbidden: 'Not allowed',
  interrupted: 'Interrupted; what was captured is kept',
};

/** docs/errors.md: every error code and every exit code. */
export function errorsPage(): string {
  const exits = Object.entries(ExitCode).map(
    ([name, code]) => `| ${code} | ${exitMeanings[name as keyof typeof ExitCode]} |`,
  );
  const errors = errorCodes.map((code) => {
    const { status, exitCode, retryable, title, hint } = errorTable[code];
    const again = retryable ? 'yes' : 'no';
    return `| <a id="${code}"></a>\`${code}\` | ${status} | ${exitCode} | ${again} | ${title} | ${hint.replaceAll('<', '\\<')} |`;
  });
  return `# Errors

<!-- Written by scripts/generate-contracts.ts from contracts/problem.ts. Do not edit. -->

Every expected error has a stable code. The HTTP API answers with problem details (RFC 9457,
\`application/problem+json\`) that carry it, the live socket sends it in an \`error\` message, the command line prints
what happened and what to do next, and \`--json\` puts the code into the output. A code never changes its meaning.

"Again" says whether the same call may succeed later, unchanged.

## Exit codes

| code | meaning |
| --- | --- |
${exits.join('\n')}

## Error codes

| code | HTTP status | exit code | again | what happened | what to do |
| --- | --- | --- | --- | --- | --- |
${errors.join('\n')}
`;
}
