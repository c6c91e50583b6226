import type { RoleDependencies } from './role.ts';

/** Moves the audio of finished recordings from the log to the archive, and removes it with its recording. */
export async function start({ adapters: { store }, features, bus, log }: RoleDependencies): Promise<void> {
  const { registerArchiver } = await import('../archiver/register-archiver.ts');
  registerArchiver({ bus, store, archive: await features.archive(), log });
}
