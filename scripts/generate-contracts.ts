/**
 * Writes what follows from contracts/: contracts/generated/ (OpenAPI, whole and by area, AsyncAPI, typed client) and the pages of
 * docs/ about contracts, errors, HTTP API and live socket.
 * `--check` only says whether they are up to date.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CONTRACT_VERSION } from '../contracts/version.ts';
import { type Area, areas, routesOf } from './contracts/areas.ts';
import { asyncApi } from './contracts/asyncapi.ts';
import { clientSource } from './contracts/client-source.ts';
import { contractsPage } from './contracts/contracts-page.ts';
import { errorsPage } from './contracts/errors-page.ts';
import { httpPage } from './contracts/http-page.ts';
import { openApi } from './contracts/openapi.ts';
import { socketPage } from './contracts/socket-page.ts';

const root = path.dirname(import.meta.dirname);
const json = (document: object) => `${JSON.stringify(document, null, 2)}\n`;

/** Generated files by their path in the repository. */
export const generatedFiles = (): Map<string, string> =>
  new Map([
    ['contracts/generated/openapi.json', json(openApi(CONTRACT_VERSION))],
    ...(Object.entries(areas) as [Area, string][]).map(
      ([name, about]) =>
        [
          `contracts/generated/openapi-${name}.json`,
          json(openApi(CONTRACT_VERSION, routesOf(name), { name, about })),
        ] as const,
    ),
    ['contracts/generated/asyncapi.json', json(asyncApi(CONTRACT_VERSION))],
    ['contracts/generated/client.ts', clientSource()],
    ['docs/contracts.md', contractsPage()],
    ['docs/errors.md', errorsPage()],
    ['docs/http-api.md', httpPage()],
    ['docs/live-socket.md', socketPage()],
  ]);

if (import.meta.main) {
  for (const [file, content] of generatedFiles()) {
    const target = path.join(root, file);
    if (existsSync(target) && readFileSync(target, 'utf8') === content) continue;
    if (process.argv.includes('--check')) {
      process.stderr.write(`${file} is not what contracts/ says; run \`npm run gen\`.\n`);
      process.exitCode = 1;
    } else {
      mkdirSync(path.dirname(target), { recursive: true });
      writeFileSync(target, content);
    }
  }
}
