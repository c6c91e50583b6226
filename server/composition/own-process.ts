import { v7 as uuidv7 } from 'uuid';
import type { OwnProcess, Report } from '../admin/heartbeats.ts';
import type { RoleName } from '../config.ts';
import type { Foundation } from './app-options.ts';
import type { Features } from './features.ts';
import { VOICE_ACTIVITY } from './models-in-use.ts';

/** This process, as others see it. */
export interface ThisProcess {
  readonly process: OwnProcess & { readonly roles: readonly RoleName[] };
  report(): Promise<Report>;
}

export function ownProcess(
  foundation: Foundation,
  roles: readonly RoleName[],
  features: Features,
): ThisProcess {
  const { parts, instruments, version, clock } = foundation;
  /** Weights of the models that serve. */
  const neededModels = async (): Promise<string[]> => {
    const promotions = await features.promotions();
    const weightsOf = async (kind: 'recognizer' | 'embedder') =>
      (await promotions.find(await promotions.serving(kind)))?.weights ?? [];
    const needed = [
      roles.includes('transcriber') && parts.recognizer === undefined
        ? [await weightsOf('recognizer'), VOICE_ACTIVITY]
        : [],
      roles.includes('embedder') && parts.embedder === undefined ? await weightsOf('embedder') : [],
    ];
    return needed.flat(2);
  };
  return {
    process: { id: uuidv7(), roles, version, startedAt: clock.now() },
    async report() {
      const needed = await neededModels();
      const found = needed.length === 0 ? [] : await (await features.models()).list();
      const { histogramsToReport } = await import('../admin/performance.ts');
      return {
        memoryBytes: process.memoryUsage.rss(),
        // A model of a speech server elsewhere is in no catalogue.
        models: needed.map((model) => ({
          model,
          state: found.find(({ id }) => id === model)?.state ?? 'elsewhere',
        })),
        histograms: instruments.rolling === undefined ? {} : histogramsToReport(instruments.rolling),
      };
    },
  };
}
