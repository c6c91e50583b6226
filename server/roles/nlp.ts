import type { RoleDependencies } from './role.ts';

/** Writes numbers, dates and sentences of finished transcripts as people write them. */
export async function start({ adapters: { store }, settings, bus, log }: RoleDependencies): Promise<void> {
  const { registerNlp } = await import('../nlp/register-nlp.ts');
  registerNlp({ bus, store, log, enabled: settings.writtenForm === 'on' });
}
