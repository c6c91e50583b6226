/** Tag of a protobuf field: its number and how its value is written. */
interface Field {
  readonly number: number;
  /** Of length-delimited fields. */
  readonly bytes: Uint8Array;
}

/** Field numbers of onnx.proto3 (github.com/onnx/onnx) that lead to the constants. */
const GRAPH_OF_MODEL = 7;
const NODE_OF_GRAPH = 1;
const INITIALIZER_OF_GRAPH = 5;
const OUTPUT_OF_NODE = 2;
const ATTRIBUTE_OF_NODE = 5;
const TENSOR_OF_ATTRIBUTE = 5;
const GRAPH_OF_ATTRIBUTE = 6;
const NAME_OF_TENSOR = 8;
const RAW_DATA_OF_TENSOR = 9;

/**
 * Reads the initializers of an ONNX model: the weights as bytes inside the file, little-endian, by the name of the
 * value and in the order of the file.
 * @throws RangeError when the bytes are no such file
 */
export function readOnnxInitializers(model: Uint8Array): Map<string, Uint8Array> {
  const graph = fields(model).find(({ number }) => number === GRAPH_OF_MODEL);
  const initializers = new Map<string, Uint8Array>();
  for (const { number, bytes } of fields(graph?.bytes ?? new Uint8Array())) {
    if (number !== INITIALIZER_OF_GRAPH) continue;
    const parts = fields(bytes);
    const name = parts.find((field) => field.number === NAME_OF_TENSOR)?.bytes;
    const raw = parts.find((field) => field.number === RAW_DATA_OF_TENSOR)?.bytes;
    if (name !== undefined && raw !== undefined) initializers.set(Buffer.from(name).toString('utf8'), raw);
  }
  return initializers;
}

/**
 * Reads the float32 constants of an ONNX model and of its branches: the weights, by the name of the value.
 * @throws RangeError when the bytes are no such file
 */
export function readOnnxConstants(model: Uint8Array): Map<string, Float32Array> {
  const constants = new Map<string, Float32Array>();
  const readGraph = (graph: Uint8Array) => {
    for (const node of fields(graph)) if (node.number === NODE_OF_GRAPH) readNode(node.bytes);
  };
  const readNode = (node: Uint8Array) => {
    const parts = fields(node);
    const output = parts.find(({ number }) => number === OUTPUT_OF_NODE);
    for (const { number, bytes } of parts)
      if (number === ATTRIBUTE_OF_NODE)
        readAttribute(bytes, Buffer.from(output?.bytes ?? []).toString('utf8'));
  };
  const readAttribute = (attribute: Uint8Array, name: string) => {
    for (const { number, bytes } of fields(attribute)) {
      if (number === GRAPH_OF_ATTRIBUTE) readGraph(bytes);
      if (number !== TENSOR_OF_ATTRIBUTE) continue;
      const raw = fields(bytes).find((field) => field.number === RAW_DATA_OF_TENSOR)?.bytes;
      // Copied: inside the file floats are not aligned.
      if (raw !== undefined && raw.length % 4 === 0)
        constants.set(name, new Float32Array(new Uint8Array(raw).buffer));
    }
  };
  for (const { number, bytes } of fields(model)) if (number === GRAPH_OF_MODEL) readGraph(bytes);
  return constants;
}

/** The length-delimited fields of a protobuf message; numbers are skipped. */
function fields(message: Uint8Array): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError('The model file ends in the middle.');
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const kind = tag & 7;
    if (kind === 0) varint();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else if (kind === 2) {
      const length = varint();
      found.push({ number: Math.floor(tag / 8), bytes: message.subarray(at, at + length) });
      at += length;
    } else throw new RangeError('The model file is not ONNX.');
  }
  if (at !== message.length) throw new RangeError('The model file ends in the middle.');
  return found;
}
