import { Readable } from 'node:stream';
import { SpeakrError } from '@speakr/contracts/problem';
import { type EraseOptions, eraseAccount } from '../account/erase-account.ts';
import { type ExportOptions, exportArchive } from '../account/export-archive.ts';
import type { Handlers } from '../handler.ts';
import type { GatewayServices } from '../services.ts';

/** Everything of a user at once: out, or gone. */
export function accountRoutes(
  options: ExportOptions & EraseOptions & { readonly services: Pick<GatewayServices, 'policyOf'> },
): Handlers<'exportAccount' | 'eraseAccount' | 'getPolicy'> {
  const { store, clock, services } = options;
  return {
    getPolicy: ({ owner }) => services.policyOf(owner),

    async exportAccount({ owner, query, signal }) {
      await store.transaction(owner, (own) => own.noteAudit('account.exported'));
      const day = new Date(clock.now()).toISOString().slice(0, 10);
      const archive = exportArchive(options, { owner, after: query.after, signal });
      return {
        type: 'application/x-tar',
        filename: `speakr-${day}.tar`,
        content: Readable.from(archive, { objectMode: false }),
      };
    },

    async eraseAccount({ owner, query }) {
      if (query.confirm !== owner)
        throw new SpeakrError('invalid_request', 'confirm: it is not the user who asks.');
      return eraseAccount(options, owner);
    },
  };
}
