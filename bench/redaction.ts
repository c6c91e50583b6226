/**
 * Precision and recall of redaction on the sentences of server/redaction/cases: `building` was looked at while the rules
 * were written, `held-out` was not.
 *
 *   node bench/redaction.ts
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCases, scoreCases } from '../server/redaction/score-cases.ts';

const TARGET = 0.97;
const folder = join(import.meta.dirname, '../server/redaction/cases');
let met = true;
for (const set of ['building', 'held-out']) {
  const score = scoreCases(parseCases(readFileSync(join(folder, `${set}.txt`), 'utf8')));
  const { sentences, found, missed, wrong, precision, recall, mistakes } = score;
  process.stdout.write(
    `${set}: ${sentences} sentences, ${found} found, ${missed} missed, ${wrong} wrong: ` +
      `precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)} (≥ ${TARGET})\n`,
  );
  for (const { expected, actual } of mistakes)
    process.stdout.write(`  wanted ${expected}\n  got    ${actual}\n`);
  met &&= precision >= TARGET && recall >= TARGET;
}
process.exit(met ? 0 : 1);
