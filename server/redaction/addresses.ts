import { isIPv6 } from 'node:net';
import type { SpokenLanguage } from '../written/language.ts';
import { digitsAt } from './read-characters.ts';

const versionWords =
  /^(?:version|versions|v|release|releases|build|firmware|update|versión|versão|phiên|bản)$/;
const dots = new Set(['dot', 'punkt', 'point', 'punto', 'ponto', 'chấm']);

/** An IP address that begins at a token, written or spoken. @returns the token behind it */
export function addressAt(
  words: readonly string[],
  at: number,
  language: SpokenLanguage | undefined,
): number | undefined {
  if (versionWords.test(words[at - 1] ?? '')) return undefined;
  const word = words[at] ?? '';
  const parts = word.split('.');
  if (parts.length === 4) return parts.every(isOctet) ? at + 1 : undefined;
  if (word.includes('::') || word.split(':').length === 8) return isIPv6(word) ? at + 1 : undefined;
  let end = at;
  for (let octet = 0; octet < 4; octet++) {
    if (octet > 0 && !dots.has(words[end++] ?? '')) return undefined;
    let text = '';
    for (
      let next = digitsAt(words, end, language);
      next !== undefined;
      next = digitsAt(words, end, language)
    ) {
      text += next.text;
      end = next.end;
    }
    if (!isOctet(text)) return undefined;
  }
  return end;
}

const isOctet = (text: string) => /^(?:0|[1-9]\d{0,2})$/.test(text) && Number(text) <= 255;
