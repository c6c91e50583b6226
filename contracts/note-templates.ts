/** Note templates that come with speakr. Each has its file in `server/notes/templates/`. */
export const builtInTemplates = ['meeting', 'soap', 'interview', 'plain'] as const;
export type BuiltInTemplate = (typeof builtInTemplates)[number];
