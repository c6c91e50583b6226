import { CONTRACT_VERSION } from '../../contracts/version.ts';
import { type Area, areas, routesOf } from './areas.ts';
import { deprecations, NOTICE_DAYS } from './deprecations.ts';

function calendar(): string {
  const all = deprecations();
  if (all.length === 0) return 'Nothing is deprecated.';
  return [
    '| call | deprecated since | works until | instead |',
    '| --- | --- | --- | --- |',
    ...all.map(({ what, since, sunset, instead }) => `| \`${what}\` | ${since} | ${sunset} | ${instead} |`),
  ].join('\n');
}

/** docs/contracts.md: versions of the contracts, what may change, and what ends when. */
export function contractsPage(): string {
  const parts = (Object.entries(areas) as [Area, string][]).map(
    ([name, about]) =>
      `| [openapi-${name}.json](../contracts/generated/openapi-${name}.json) | ${about} | ${Object.keys(routesOf(name)).length} |`,
  );
  return `# Contracts and their versions

<!-- Written by scripts/generate-contracts.ts. Do not edit. -->

The contracts have version **${CONTRACT_VERSION}**. They are written once, in [contracts/](../contracts), and generated from there:

| document | what | calls |
| --- | --- | --- |
| [openapi.json](../contracts/generated/openapi.json) | the whole HTTP API | all |
${parts.join('\n')}
| [asyncapi.json](../contracts/generated/asyncapi.json) | live socket, events and commands | |
| [client.ts](../contracts/generated/client.ts) | types and routes for a client | all |

## What a version says

The version is that of the contracts, not of the programs ([SemVer](https://semver.org)). It stands in every document.

| change | version |
| --- | --- |
| a call, an optional parameter or field of a request, a field of an answer, an event, a value of a list in an answer | minor |
| one of these is taken away, renamed, changes its type or meaning, becomes required in a request or optional in an answer | major |
| descriptions, examples | patch |

So a client ignores fields, values and events that it does not know. [contracts/released](../contracts/released) is the last
version that was released. \`npm run check\` compares with it and refuses what breaks clients of it without a new major version,
and what adds without a new minor one ([breaking-changes.ts](../scripts/contracts/breaking-changes.ts)). It also compiles the
client of that version, with the tests that ask today's server with it
([embedded](../server/gateway/released-client.test.ts) and [hosted](../server/hosted/released-client.test.ts)).

## Deprecation

What is to go is deprecated first, and works as before for ${NOTICE_DAYS} days or more. Its answers say so: \`Deprecation\` (RFC 9745) since
when, \`Sunset\` (RFC 8594) until when, and in its document it is \`deprecated\`. Its day comes from the contract
(\`deprecated\` of a route), and from there this calendar:

${calendar()}

Paths without a version (\`/jobs\`, \`/uploads/init\`) lead to those below \`/v1\`; whoever runs the server says until when
(\`SPEAKR_LEGACY_PATHS_UNTIL\`).

## Events

A type carries its major version (\`recording.started.v1\`). Fields are added within it: consumers take them and ignore them.
A changed type is another type beside the first. A consumer that gets a version it does not know sets the message aside, in
its dead letters, as \`unsupported_version\`: nothing is lost, and \`speakr admin replay\` delivers it once the program is
newer.

## Making a release of the contracts

Copy \`openapi.json\`, \`asyncapi.json\` and \`client.ts\` from \`contracts/generated\` to \`contracts/released\`. The next addition
then needs the next minor version in [version.ts](../contracts/version.ts).
`;
}
