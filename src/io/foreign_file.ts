const SAVE_FILE = "In Python: safetensors.torch.save_file(model.state_dict(), 'model.safetensors').";
const IN_TORCH = `Load its weights into a torch.nn module. ${SAVE_FILE}`;
const IN_NUMPY = "In Python: safetensors.numpy.save_file({'name': array}, 'model.safetensors').";
const OF_TORCH = 'a PyTorch file from torch.save';

/** Files mistaken for safetensors: how they begin, what they are, and what to do. */
const KINDS: readonly [beginning: string, is: string][] = [
  ['\x93NUMPY', `a NumPy array (.npy). ${IN_NUMPY}`],
  ['\x89HDF', `an HDF5 file, as written by Keras (.h5). ${IN_TORCH}`],
  ['GGUF', 'a GGUF model for llama.cpp, not a recurrent network.'],
  ['\x1f\x8b', 'compressed with gzip. Decompress it first.'],
  ['version https://git-lfs', 'a Git LFS pointer, not the file. Fetch it with git lfs pull.'],
];

const TEXTS: readonly [beginning: string, is: string][] = [
  ['<', 'HTML or XML, perhaps an error page. Check the address.'],
  ['{', 'JSON, not weights. Pass the safetensors file itself.'],
  ['[', 'JSON, not weights. Pass the safetensors file itself.'],
  ['', 'text, not a model.'],
];

/** What a zip archive is, by a name inside of it. */
const ZIPPED: readonly [name: string, is: string][] = [
  ['.npy', `a NumPy archive (.npz). ${IN_NUMPY}`],
  ['.json', `a Keras model (.keras). ${IN_TORCH}`],
  ['data', `${OF_TORCH} (a zip archive). ${SAVE_FILE}`],
  ['', `a zip archive, perhaps ${OF_TORCH}. ${SAVE_FILE}`],
];

/** Number of bytes to inspect. */
const MOST_BYTES = 256;

/**
 * What kind of file this is if it is not safetensors, and what to do; undefined for unknown kinds, and for a safetensors file
 * that may be damaged.
 */
export function foreignFile(bytes: Uint8Array): string | undefined {
  // looks like the length of a header, and its first character
  if (bytes[8] === 0x7b && bytes.subarray(4, 8).every((byte) => byte === 0)) return undefined;
  const start = String.fromCharCode(...bytes.subarray(0, MOST_BYTES)).replace(/^(?:\xef\xbb\xbf)?\s*/, '');
  const isText = /^[!-~]/.test(start) && bytes.subarray(0, MOST_BYTES).every((byte) => byte > 8);
  const known = KINDS.find(([beginning]) => start.startsWith(beginning));
  if (known) return known[1];
  if (start.startsWith('PK')) return ZIPPED.find(([name]) => start.includes(name))![1];
  const [first, second, third] = bytes;
  if (first === 0x80 && second! >= 2 && second! <= 5 && third !== 0)
    return `a Python pickle, perhaps ${OF_TORCH} in its old format. ${SAVE_FILE}`;
  // a protobuf with ir_version 3 to 40, followed by a producer or a graph
  if (first === 0x08 && second! >= 3 && second! <= 40 && [0x12, 0x3a].includes(third!) && bytes[3] !== 0)
    return `an ONNX model. Save the module it was exported from. ${SAVE_FILE}`;
  return isText ? TEXTS.find(([beginning]) => start.startsWith(beginning))![1] : undefined;
}
