/** Ends with a full stop without ending a sentence. */
const abbreviation = /(?:^|\s)(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|etc|No|e\.g|i\.e|a\.m|p\.m|U\.S|[A-HJ-Z])\.$/;
const sentenceEnd = /[.!?…。！？]["'”’)\]]*$/;

/** Splits text into sentences by its punctuation. Joined by spaces they are the text again. */
export function splitSentences(text: string): string[] {
  const sentences: string[] = [];
  let current: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    current.push(word);
    const joined = current.join(' ');
    if (!sentenceEnd.test(joined) || abbreviation.test(joined)) continue;
    sentences.push(joined);
    current = [];
  }
  if (current.length > 0) sentences.push(current.join(' '));
  return sentences;
}
