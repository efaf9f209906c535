const SAVE_FILE = "In Python: safetensors.torch.save_file(model.state_dict(), 'model.safetensors').";
const IN_TORCH = `Bring its weights into a torch.nn module. ${SAVE_FILE}`;
const IN_NUMPY = "In Python: safetensors.numpy.save_file({'name': array}, 'model.safetensors').";
const OF_TORCH = 'a PyTorch file, as torch.save writes them';

/** Files that are taken for safetensors: how they begin, what they are, and what to do. Two letters stand for any two bytes. */
const KINDS: readonly [beginning: string, is: string][] = [
  ['\x93NUMPY', `a NumPy array (.npy). ${IN_NUMPY}`],
  ['\x89HDF', `an HDF5 file, as Keras writes them (.h5). ${IN_TORCH}`],
  ['GGUF', 'a GGUF model, of llama.cpp: no recurrent network.'],
  ['\x1f\x8b', 'compressed by gzip. Decompress it first.'],
  ['version https://git-lfs', 'a pointer of Git LFS, not the file. Fetch that: git lfs pull.'],
];

const TEXTS: readonly [beginning: string, is: string][] = [
  ['<', 'HTML or XML: a page, perhaps an error of the server. Check the address.'],
  ['{', 'JSON, which holds no weights. Give the safetensors file itself.'],
  ['[', 'JSON, which holds no weights. Give the safetensors file itself.'],
  ['', 'text, not a model.'],
];

/** What a zip archive is, by a name in it. */
const ZIPPED: readonly [name: string, is: string][] = [
  ['.npy', `a NumPy archive (.npz). ${IN_NUMPY}`],
  ['.json', `a Keras model (.keras). ${IN_TORCH}`],
  ['data', `${OF_TORCH} (a zip archive). ${SAVE_FILE}`],
  ['', `a zip archive: ${OF_TORCH}, or another. ${SAVE_FILE}`],
];

/** How far to look. */
const MOST_BYTES = 256;

/**
 * What a file is that is no safetensors file, and what to do with it; undefined for unknown kinds, and for one that may be
 * damaged.
 */
export function foreignFile(bytes: Uint8Array): string | undefined {
  // the length of a header, and its first character
  if (bytes[8] === 0x7b && bytes.subarray(4, 8).every((byte) => byte === 0)) return undefined;
  const start = String.fromCharCode(...bytes.subarray(0, MOST_BYTES)).replace(/^(?:\xef\xbb\xbf)?\s*/, '');
  const isText = /^[!-~]/.test(start) && bytes.subarray(0, MOST_BYTES).every((byte) => byte > 8);
  const known = KINDS.find(([beginning]) => start.startsWith(beginning));
  if (known) return known[1];
  if (start.startsWith('PK')) return ZIPPED.find(([name]) => start.includes(name))![1];
  const [first, second, third] = bytes;
  if (first === 0x80 && second! >= 2 && second! <= 5 && third !== 0)
    return `a pickle of Python: ${OF_TORCH} in its old form, or another. ${SAVE_FILE}`;
  // a protobuf of ir_version 3 to 40 and then a producer, or a graph
  if (first === 0x08 && second! >= 3 && second! <= 40 && [0x12, 0x3a].includes(third!) && bytes[3] !== 0)
    return `an ONNX model. Save the module that it was made of. ${SAVE_FILE}`;
  return isText ? TEXTS.find(([beginning]) => start.startsWith(beginning))![1] : undefined;
}
