import type { RoleDependencies } from './role.ts';

/** Writes notes of finished recordings. */
export async function start({
  adapters: { store },
  features,
  bus,
  clock,
  log,
}: RoleDependencies): Promise<void> {
  const { registerNotes } = await import('../notes/register-notes.ts');
  const write = await features.writeSegment();
  registerNotes({ bus, store, clock, log, writer: await features.notesWriter(), write });
}
