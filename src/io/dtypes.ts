/** Types that are read as float32; files are little-endian on every machine. */
export const READ_DTYPES = ['F32', 'F64', 'F16', 'BF16'] as const;

type FloatDtype = (typeof READ_DTYPES)[number];

/** Types in a safetensors file; tensors of types that cannot be weights are ignored. */
export type SafetensorsDtype =
  | ('F32' | 'F64' | 'F16' | 'BF16')
  | ('BOOL' | 'I8' | 'U8' | 'I16' | 'U16' | 'I32' | 'U32' | 'I64' | 'U64')
  | ('F8_E4M3' | 'F8_E5M2' | 'F8_E8M0' | 'F8_E4M3FNUZ' | 'F8_E5M2FNUZ' | 'F4' | 'F6_E2M3' | 'F6_E3M2' | 'C64');

/** Bits per value. */
const BITS: Readonly<Record<SafetensorsDtype, number>> = {
  ...{ F32: 32, F64: 64, F16: 16, BF16: 16 },
  ...{ BOOL: 8, I8: 8, U8: 8, I16: 16, U16: 16, I32: 32, U32: 32, I64: 64, U64: 64 },
  ...{ F8_E4M3: 8, F8_E5M2: 8, F8_E8M0: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8, F4: 4, F6_E2M3: 6, F6_E3M2: 6, C64: 64 },
};

const READ: Readonly<Record<FloatDtype, (view: DataView, at: number) => number>> = {
  F32: (view, at) => view.getFloat32(at, true),
  F64: (view, at) => view.getFloat64(at, true),
  F16: (view, at) => fromFloat16(view.getUint16(at, true)),
  BF16: (view, at) => fromBfloat16(view.getUint16(at, true)),
};

export const isDtype = (name: string): name is SafetensorsDtype => Object.hasOwn(BITS, name);

/** Whether its values can be read: exactly, except for F64, which is rounded to float32. */
export const isRead = (dtype: SafetensorsDtype): dtype is FloatDtype => READ_DTYPES.some((read) => read === dtype);

/** Bytes of some values; undefined if that is not a whole number of bytes, or too large. */
export function bytesOfValues(dtype: SafetensorsDtype, count: number): number | undefined {
  const bytes = (count * BITS[dtype]) / 8;
  return Number.isSafeInteger(count * BITS[dtype]) && Number.isInteger(bytes) ? bytes : undefined;
}

/** Reads values from a byte on. F64 beyond the range of float32 becomes infinite. */
export function readValues(dtype: FloatDtype, view: DataView, start: number, count: number): Float32Array<ArrayBuffer> {
  const data = new Float32Array(count);
  const words = new Uint32Array(data.buffer);
  const size = BITS[dtype] / 8;
  const read = READ[dtype];
  // F32 as bits, because as a number, a NaN would lose its payload
  if (dtype === 'F32') for (let k = 0; k < count; k++) words[k] = view.getUint32(start + k * size, true);
  else for (let k = 0; k < count; k++) data[k] = read(view, start + k * size);
  return data;
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const word = new DataView(new ArrayBuffer(4));

/** The upper half of a float32. */
function fromBfloat16(bits: number): number {
  word.setUint32(0, bits << 16);
  return word.getFloat32(0);
}
