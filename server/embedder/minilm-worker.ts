import { Tokenizer } from '@huggingface/tokenizers';
import { answerCalls, transferred } from '../worker-port.ts';
import { createMiniLmNetwork, MAX_TOKENS, type MiniLmNetwork } from './minilm-network.ts';

/** First call: the model. */
export interface LoadCall {
  readonly kind: 'load';
  readonly model: Uint8Array;
  /** tokenizer.json */
  readonly tokenizer: Uint8Array;
}
/** Every other call; answered with a Float32Array [texts, 384]. */
export interface EmbedCall {
  readonly kind: 'embed';
  readonly texts: readonly string[];
}

let tokenizer: Tokenizer;
let network: MiniLmNetwork;

answerCalls((call: LoadCall | EmbedCall) => {
  if (call.kind === 'load') return load(call);
  const vectors = network(call.texts.map(tokensOf));
  return transferred(vectors, [vectors.buffer]);
});

function load(call: LoadCall): void {
  tokenizer = new Tokenizer(JSON.parse(Buffer.from(call.tokenizer).toString('utf8')), {});
  network = createMiniLmNetwork(call.model);
}

/** What is too long is cut off; the mark of the end stays. */
function tokensOf(text: string): number[] {
  const { ids } = tokenizer.encode(text);
  return ids.length <= MAX_TOKENS ? ids : [...ids.slice(0, MAX_TOKENS - 1), ids.at(-1)!];
}
