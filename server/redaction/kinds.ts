/** What can be left out of everything that is stored. */
export const redactionKinds = ['card', 'phone', 'email', 'iban', 'id', 'ip', 'name'] as const;
export type RedactionKind = (typeof redactionKinds)[number];

/** What `on` means: names are asked for by themselves, since a transcript without them is another text. */
export const usualKinds: readonly RedactionKind[] = ['card', 'phone', 'email', 'iban', 'id', 'ip'];
