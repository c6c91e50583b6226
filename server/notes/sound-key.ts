/** Consonants that sound alike, by the classes of Soundex (Russell and Odell, US patents 1,261,167 and 1,435,663). */
const classes: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...'bfpv'].map((letter) => [letter, '1'])),
  ...Object.fromEntries([...'cgjkqsxz'].map((letter) => [letter, '2'])),
  ...Object.fromEntries([...'dt'].map((letter) => [letter, '3'])),
  l: '4',
  m: '5',
  n: '5',
  r: '6',
};

/** Shorter keys fit too much. */
const SHORTEST_KEY = 3;
/** A term may have been heard as this many words. */
const MOST_WORDS = 4;

/** How the consonants of some words sound, whatever lies between them: equal for "Kubernetes" and "cooper netties". */
export function soundKey(text: string): string {
  const letters = text
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z]/g, '');
  let key = '';
  for (const letter of letters) {
    const sound = classes[letter];
    if (sound !== undefined && !key.endsWith(sound)) key += sound;
  }
  return key;
}

/** Whether a term may have been heard as some words of a text. Terms with few consonants never are. */
export function soundsSaid(term: string, text: string): boolean {
  const key = soundKey(term);
  if (key.length < SHORTEST_KEY) return false;
  const words = text.split(/\s+/).filter(Boolean);
  return words.some((_, from) =>
    Array.from({ length: MOST_WORDS }, (_, more) => words.slice(from, from + more + 1)).some(
      (some) => soundKey(some.join('')) === key,
    ),
  );
}
