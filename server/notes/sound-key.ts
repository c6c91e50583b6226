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

/** The words of a text as which a term may have been heard; undefined for terms with few consonants. */
export function heardAs(term: string, text: string): string | undefined {
  const key = soundKey(term);
  if (key.length < SHORTEST_KEY) return undefined;
  const words = text.split(/\s+/).filter(Boolean);
  for (const from of words.keys())
    for (let length = 1; length <= MOST_WORDS; length++) {
      const some = words.slice(from, from + length).join(' ');
      if (soundKey(some) === key) return some;
    }
  return undefined;
}
