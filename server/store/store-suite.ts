import { describe } from 'node:test';
import { apiKeysSuite } from './suite/api-keys-suite.ts';
import { jobsSuite } from './suite/jobs-suite.ts';
import { keptRepliesSuite } from './suite/kept-replies-suite.ts';
import { passagesSuite } from './suite/passages-suite.ts';
import { recordingsSuite } from './suite/recordings-suite.ts';
import type { MakeStore } from './suite/samples.ts';
import { sharingSuite } from './suite/sharing-suite.ts';
import { transactionsSuite } from './suite/transactions-suite.ts';
import { transcriptsSuite } from './suite/transcripts-suite.ts';
import { uploadsSuite } from './suite/uploads-suite.ts';
import { vocabularySuite } from './suite/vocabulary-suite.ts';

/** What every adapter of the `Store` port does. */
export function storeSuite(name: string, make: MakeStore): void {
  describe(name, () => {
    apiKeysSuite(make);
    keptRepliesSuite(make);
    recordingsSuite(make);
    transcriptsSuite(make);
    passagesSuite(make);
    sharingSuite(make);
    transactionsSuite(make);
    vocabularySuite(make);
    jobsSuite(make);
    uploadsSuite(make);
  });
}
