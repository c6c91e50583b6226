/** @throws RangeError for what could leave the folder, or be another key on another system */
export function checkKey(key: string): string {
  const words = key.split('/');
  if (words.every((word) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(word)) && key.length <= 500) return key;
  throw new RangeError('not the key of an object');
}
