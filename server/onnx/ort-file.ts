/** An operation of a model: names of the values it takes and of those it gives. */
export interface OrtNode {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

export interface OrtModel {
  /** Weights as bytes inside the file, little-endian, by the name of the value. */
  readonly initializers: ReadonlyMap<string, Uint8Array>;
  /** In the order of the file, those of branches after the node that branches. */
  readonly nodes: readonly OrtNode[];
}

/** Slots of tables in ort.fbs (github.com/microsoft/onnxruntime, core/flatbuffers/schema). */
const MODEL_OF_SESSION = 6;
const GRAPH_OF_MODEL = 18;
const INITIALIZERS_OF_GRAPH = 4;
const NODES_OF_GRAPH = 8;
const NAME_OF_TENSOR = 4;
const RAW_DATA_OF_TENSOR = 12;
const INPUTS_OF_NODE = 20;
const OUTPUTS_OF_NODE = 22;
const ATTRIBUTES_OF_NODE = 24;
const GRAPH_OF_ATTRIBUTE = 18;

/**
 * Reads a model in ONNX Runtime's own format, a FlatBuffer (flatbuffers.dev/internals), as far as its weights and how
 * they are wired.
 * @throws RangeError when the bytes are no such file
 */
export function readOrtModel(file: Uint8Array): OrtModel {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (Buffer.from(file.subarray(4, 8)).toString('latin1') !== 'ORTM')
    throw new RangeError('This is no model in the ORT format.');
  const indirect = (at: number) => at + view.getUint32(at, true);
  /** Address of a field of a table; undefined when the table does not have it. */
  const field = (table: number, slot: number): number | undefined => {
    const vtable = table - view.getInt32(table, true);
    if (slot >= view.getUint16(vtable, true)) return undefined;
    const offset = view.getUint16(vtable + slot, true);
    return offset === 0 ? undefined : table + offset;
  };
  const child = (table: number, slot: number): number | undefined => {
    const at = field(table, slot);
    return at === undefined ? undefined : indirect(at);
  };
  const bytes = (vector: number): Uint8Array =>
    file.subarray(vector + 4, vector + 4 + view.getUint32(vector, true));
  const string = (vector: number) => Buffer.from(bytes(vector)).toString('utf8');
  /** Addresses of what a vector of offsets points to. */
  const children = (table: number, slot: number): number[] => {
    const vector = child(table, slot);
    if (vector === undefined) return [];
    return Array.from({ length: view.getUint32(vector, true) }, (_, i) => indirect(vector + 4 + 4 * i));
  };

  const initializers = new Map<string, Uint8Array>();
  const nodes: OrtNode[] = [];
  const readGraph = (graph: number) => {
    for (const tensor of children(graph, INITIALIZERS_OF_GRAPH)) {
      const name = child(tensor, NAME_OF_TENSOR);
      const raw = child(tensor, RAW_DATA_OF_TENSOR);
      if (name !== undefined && raw !== undefined) initializers.set(string(name), bytes(raw));
    }
    for (const node of children(graph, NODES_OF_GRAPH)) {
      nodes.push({
        inputs: children(node, INPUTS_OF_NODE).map(string),
        outputs: children(node, OUTPUTS_OF_NODE).map(string),
      });
      for (const attribute of children(node, ATTRIBUTES_OF_NODE)) {
        const branch = child(attribute, GRAPH_OF_ATTRIBUTE);
        if (branch !== undefined) readGraph(branch);
      }
    }
  };
  const model = child(indirect(0), MODEL_OF_SESSION);
  const graph = model === undefined ? undefined : child(model, GRAPH_OF_MODEL);
  if (graph === undefined) throw new RangeError('The model has no graph.');
  readGraph(graph);
  return { initializers, nodes };
}
