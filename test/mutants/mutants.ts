import { DispatchBuilder } from '../../src/gpu/dispatch.ts';
import type { Tensor } from '../../src/gpu/tensor.ts';

/** One fault in a training step, in the dispatch with number `dispatch` after {@link inject}. */
export interface Mutant {
  dispatch: number;
  /** The kernel and the fault. */
  name: string;
  fault:
    | { kind: 'drop' }
    | { kind: 'swap'; bindings: readonly [string, string] }
    /** Before the dispatch if the kernel only reads it, after the dispatch if it writes it. */
    | { kind: 'zero'; binding: string; when: 'before' | 'after' };
}

/** Bindings that contain numbers of rows: wrong values there cause loops of billions of iterations. */
const COUNTS = new Set(['steps']);

type Build = DispatchBuilder['dispatch'];

/** The possible faults in the dispatches that a call builds. */
export async function mutantsOf(call: () => Promise<unknown>): Promise<Mutant[]> {
  const mutants: Mutant[] = [];
  let count = 0;
  const build = DispatchBuilder.prototype.dispatch;
  DispatchBuilder.prototype.dispatch = function (this: DispatchBuilder, kernel, dims, tensors) {
    const dispatch = count++;
    const add = (what: string, fault: Mutant['fault']) =>
      mutants.push({ dispatch, name: `${kernel.name} #${dispatch}: ${what}`, fault });
    const bindings = kernel.shader.bindings.filter(({ group, type }) => group === 0 && type !== 'uniform');
    add('dropped', { kind: 'drop' });
    for (const [k, { name, type }] of bindings.entries()) {
      const when = type === 'storage' ? 'after' : 'before';
      add(`${name} zero ${when} it`, { kind: 'zero', binding: name, when });
      for (const other of bindings.slice(0, k))
        if (!isSame(tensors[name]!, tensors[other.name]!) && !COUNTS.has(name) && !COUNTS.has(other.name))
          add(`${other.name} and ${name} swapped`, { kind: 'swap', bindings: [other.name, name] });
    }
    return build.call(this, kernel as never, dims, tensors);
  } as Build;
  try {
    await call();
  } finally {
    DispatchBuilder.prototype.dispatch = build;
  }
  return mutants;
}

const isSame = (a: Tensor, b: Tensor) =>
  a.buffer === b.buffer && a.offsetBytes === b.offsetBytes && a.sizeBytes === b.sizeBytes;

/** Runs a call with a fault. */
export async function inject<Result>(
  device: GPUDevice,
  { dispatch, fault }: Mutant,
  call: () => Promise<Result>,
): Promise<Result> {
  const build = DispatchBuilder.prototype.dispatch;
  let count = 0;
  DispatchBuilder.prototype.dispatch = function (this: DispatchBuilder, kernel, dims, tensors) {
    const make = (bound = tensors) => build.call(this, kernel as never, dims, bound);
    if (count++ !== dispatch) return make();
    if (fault.kind === 'drop') return { ...make(), grid: NOTHING };
    if (fault.kind === 'swap') {
      const [a, b] = fault.bindings;
      return make({ ...tensors, [a]: tensors[b]!, [b]: tensors[a]! });
    }
    const made = make();
    clear = { tensor: tensors[fault.binding]!, bindGroup: made.bindGroup, when: fault.when };
    return made;
  } as Build;
  let clear: Clear | undefined;
  const create = device.createCommandEncoder;
  device.createCommandEncoder = (descriptor) => clearing(create.call(device, descriptor), () => clear);
  try {
    return await call();
  } finally {
    DispatchBuilder.prototype.dispatch = build;
    Reflect.deleteProperty(device, 'createCommandEncoder');
  }
}

/** Workgroups of a dropped dispatch. */
const NOTHING = [0] as const;

interface Clear {
  tensor: Tensor;
  bindGroup: GPUBindGroup;
  when: 'before' | 'after';
}

/** An encoder whose passes are interrupted to clear a buffer where the dispatch is. */
function clearing(encoder: GPUCommandEncoder, clear: () => Clear | undefined): GPUCommandEncoder {
  const begin = encoder.beginComputePass.bind(encoder);
  encoder.beginComputePass = (descriptor) => {
    let pass = begin(descriptor);
    let pipeline: GPUComputePipeline;
    const groups = new Map<number, [GPUBindGroup, number[]]>();
    const zero = ({ tensor }: Clear) => {
      pass.end();
      encoder.clearBuffer(tensor.buffer, tensor.offsetBytes, tensor.sizeBytes);
      pass = begin({ label: descriptor?.label });
      pass.setPipeline(pipeline);
      for (const [index, [group, offsets]] of groups) pass.setBindGroup(index, group, offsets);
    };
    const proxy = {
      setPipeline: (one: GPUComputePipeline) => {
        pipeline = one;
        pass.setPipeline(one);
      },
      setBindGroup: (index: number, group: GPUBindGroup, offsets: number[] = []) => {
        groups.set(index, [group, offsets]);
        pass.setBindGroup(index, group, offsets);
      },
      dispatchWorkgroups: (x: number, y?: number, z?: number) => {
        const asked = clear();
        const isHere = asked && groups.get(0)?.[0] === asked.bindGroup;
        if (isHere && asked.when === 'before') zero(asked);
        if (x > 0) pass.dispatchWorkgroups(x, y, z);
        if (isHere && asked.when === 'after') zero(asked);
      },
      end: () => pass.end(),
    };
    return proxy as GPUComputePassEncoder;
  };
  return encoder;
}
