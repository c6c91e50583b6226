/**
 * Version of the contracts (SemVer), on its own and not that of the programs. Minor: something was added. Major: something
 * that a client of the last released version relies on is no more; `npm run check` demands the right one
 * (docs/contracts.md).
 */
export const CONTRACT_VERSION = '1.1.0';
