/** Behind these, capitals are the name of somebody. */
const titles =
  /^(?:mr|mrs|ms|miss|dr|prof|herr|frau|monsieur|madame|mme|señor|señora|sr|sra|senhor|senhora|anh|chị|ông|bà|cô)$/u;
const introductions: readonly (readonly string[])[] = [
  ['my', 'name', 'is'],
  ['her', 'name', 'is'],
  ['his', 'name', 'is'],
  ['called'],
  ['mein', 'name', 'ist'],
  ['ich', 'heiße'],
  ['je', "m'appelle"],
  ['me', 'llamo'],
  ['meu', 'nome', 'é'],
  ['tên', 'là'],
];
const MOST_NAMES = 4;

/** Names that a title or an introduction stands in front of. @returns the token behind them */
export function namesAt(words: readonly string[], shown: readonly string[], at: number): number | undefined {
  const isTitled = titles.test(words[at - 1] ?? '');
  const isIntroduced = introductions.some((parts) =>
    parts.every((part, index) => words[at - parts.length + index] === part),
  );
  if (!isTitled && !isIntroduced) return undefined;
  let end = at;
  while (end - at < MOST_NAMES && /^\p{Lu}[\p{L}'’-]*$/u.test(shown[end] ?? '')) end++;
  return end === at ? undefined : end;
}
