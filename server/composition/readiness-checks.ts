import type { RoleName } from '../config.ts';
import type { Check } from '../observability/readiness.ts';
import type { Adapters } from './adapters.ts';
import type { Foundation } from './app-options.ts';
import { EMBEDDER, type Features, VOICE_ACTIVITY } from './features.ts';
import { demandModel, modelsInUse } from './gateway-services.ts';

type Need = 'database' | 'broker' | 'storage' | 'recognizer' | 'embedder';

/** What each role cannot do without. Without storage a gateway takes recordings all the same. */
const needs: Readonly<Record<RoleName, readonly Need[]>> = {
  ingestion: ['database', 'broker', 'storage'],
  gateway: ['database', 'broker'],
  transcriber: ['database', 'broker', 'recognizer'],
  nlp: ['database', 'broker'],
  embedder: ['database', 'broker', 'embedder'],
  notes: ['database', 'broker'],
  archiver: ['database', 'broker', 'storage'],
  admin: ['database', 'broker', 'storage'],
};

/** What a process with these roles must be able to reach to be ready. */
export function readinessChecks(
  roles: readonly RoleName[],
  { settings, parts }: Foundation,
  { checks }: Adapters,
  features: Features,
): Record<string, Check> {
  const installed = (id: string) => async () => demandModel(await features.models(), id);
  const all: Partial<Record<Need, Check>> = {
    ...checks,
    ...(parts.recognizer === undefined && settings.recognizer === 'moonshine'
      ? {
          recognizer: async () => {
            await installed(modelsInUse(settings).recognizer)();
            await installed(VOICE_ACTIVITY)();
          },
        }
      : {}),
    ...(parts.embedder === undefined ? { embedder: installed(EMBEDDER) } : {}),
  };
  const found: Record<string, Check> = {};
  for (const need of new Set(roles.flatMap((role) => needs[role]))) {
    const check = all[need];
    if (check !== undefined) found[need] = check;
  }
  return found;
}
