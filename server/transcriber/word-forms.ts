/** A word for comparing: without case and punctuation. */
export const normalWord = (word: string) => word.toLowerCase().replace(/[^\p{L}\p{N}']/gu, '');

/** A word without the punctuation behind it. */
export const bareWord = (word: string) => word.replace(/[.,;:!?…]+$/u, '');

/** The punctuation behind a word. */
export const markOf = (word: string) => word.slice(bareWord(word).length);
