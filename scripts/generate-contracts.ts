/**
 * Writes what follows from contracts/: contracts/generated/ (OpenAPI, AsyncAPI, typed client) and the pages of docs/
 * about errors, HTTP API and live socket.
 * `--check` only says whether they are up to date.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { asyncApi } from './contracts/asyncapi.ts';
import { clientSource } from './contracts/client-source.ts';
import { errorsPage } from './contracts/errors-page.ts';
import { httpPage } from './contracts/http-page.ts';
import { openApi } from './contracts/openapi.ts';
import { socketPage } from './contracts/socket-page.ts';

const root = path.dirname(import.meta.dirname);
const { version } = JSON.parse(readFileSync(path.join(root, 'contracts', 'package.json'), 'utf8'));
const json = (document: object) => `${JSON.stringify(document, null, 2)}\n`;

/** Generated files by their path in the repository. */
export const generatedFiles = (): Map<string, string> =>
  new Map([
    ['contracts/generated/openapi.json', json(openApi(version))],
    ['contracts/generated/asyncapi.json', json(asyncApi(version))],
    ['contracts/generated/client.ts', clientSource()],
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
