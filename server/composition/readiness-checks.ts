import type { RoleName } from '../config.ts';
import type { Check } from '../observability/readiness.ts';
import type { Adapters } from './adapters.ts';
import type { Foundation } from './app-options.ts';
import type { Features } from './features.ts';
import { demandModel } from './gateway-services.ts';
import { isElsewhere } from './model-makers.ts';
import { VOICE_ACTIVITY } from './models-in-use.ts';

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
  const serving = (kind: 'recognizer' | 'embedder') => async () => {
    const promotions = await features.promotions();
    const weights = (await promotions.find(await promotions.serving(kind)))?.weights ?? '';
    if (!isElsewhere(weights)) await installed(weights)();
  };
  const all: Partial<Record<Need, Check>> = {
    ...checks,
    ...(parts.recognizer === undefined && settings.recognizer === 'moonshine'
      ? {
          recognizer: async () => {
            await serving('recognizer')();
            await installed(VOICE_ACTIVITY)();
          },
        }
      : {}),
    ...(parts.embedder === undefined ? { embedder: serving('embedder') } : {}),
  };
  const found: Record<string, Check> = {};
  for (const need of new Set(roles.flatMap((role) => needs[role]))) {
    const check = all[need];
    if (check !== undefined) found[need] = check;
  }
  return found;
}
