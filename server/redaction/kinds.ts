import type { RedactionKind } from '@speakr/contracts/policies';

/** What `on` means: names are asked for by themselves, since a transcript without them is another text. */
export const usualKinds: readonly RedactionKind[] = ['card', 'phone', 'email', 'iban', 'id', 'ip'];
