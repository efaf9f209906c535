/** Characters of base64url that one part of a link has at most. */
const MOST_PACKED = 2000;
/** Of an unpacked text: a link that asks for more is none of the page's. */
const MOST_TEXT = 200_000;

/** Text as base64url of its deflated bytes; undefined where that is too long for a link. */
export async function pack(text: string): Promise<string | undefined> {
  const bytes = new Uint8Array(
    await new Response(deflated(new Blob([text]), new CompressionStream('deflate-raw'))).arrayBuffer(),
  );
  const packed = btoa(String.fromCharCode(...bytes.subarray(0, MOST_PACKED)));
  if (bytes.length > MOST_PACKED || packed.length > MOST_PACKED) return undefined;
  return packed.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** @throws Error for what {@link pack} has not packed. */
export async function unpack(packed: string): Promise<string> {
  if (packed.length > MOST_PACKED) throw new Error(`${packed.length} characters, expected at most ${MOST_PACKED}`);
  const bytes = Uint8Array.from(atob(packed.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  const reader = deflated(new Blob([bytes]), new DecompressionStream('deflate-raw')).getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    text += decoder.decode(read.value, { stream: true });
    if (text.length > MOST_TEXT) throw new Error(`more than ${MOST_TEXT} characters of text`);
  }
  return text + decoder.decode();
}

const deflated = (
  blob: Blob,
  stream: CompressionStream | DecompressionStream,
): ReadableStream<Uint8Array<ArrayBuffer>> => blob.stream().pipeThrough(stream);
