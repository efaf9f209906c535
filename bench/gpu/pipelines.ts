/** A kernel, compiled. */
export interface CompiledPipeline {
  name: string;
  constants: Readonly<Record<string, number>>;
  /** From the request on, beside the others that were compiled at the same time. */
  ms: number;
}

/** Notes every pipeline of a device from now on, and which of them a piece of work needs. */
export class PipelineLog {
  readonly all: CompiledPipeline[] = [];
  readonly #of = new Map<GPUComputePipeline, CompiledPipeline>();

  constructor(device: GPUDevice) {
    const create = device.createComputePipelineAsync;
    device.createComputePipelineAsync = async (descriptor) => {
      const start = performance.now();
      const pipeline = await create.call(device, descriptor);
      const { label = '', compute } = descriptor;
      const compiled = { name: label, constants: { ...compute.constants }, ms: performance.now() - start };
      this.all.push(compiled);
      this.#of.set(pipeline, compiled);
      return pipeline;
    };
  }

  /** The pipelines that are set in the encoder's passes, in the order of their first use; complete once it is encoded. */
  usedIn(encoder: GPUCommandEncoder): CompiledPipeline[] {
    const used: CompiledPipeline[] = [];
    const begin = encoder.beginComputePass;
    encoder.beginComputePass = (descriptor) => {
      const pass = begin.call(encoder, descriptor);
      const set = pass.setPipeline;
      pass.setPipeline = (pipeline) => {
        const compiled = this.#of.get(pipeline);
        if (compiled && !used.includes(compiled)) used.push(compiled);
        set.call(pass, pipeline);
      };
      return pass;
    };
    return used;
  }
}
