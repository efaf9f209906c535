/**
 * For `getContext`: a canvas that is drawn by the CPU. One that is drawn by the GPU waits for it, for up to a second while the same
 * GPU trains, and with it the whole page.
 */
export const BY_CPU: CanvasRenderingContext2DSettings = { willReadFrequently: true };

/** Draws by the CPU on every canvas that `make` creates: for uPlot, which has no option for it. */
export function withCpuCanvas<Made>(make: () => Made): Made {
  const { prototype } = HTMLCanvasElement;
  const { getContext } = prototype;
  const byCpu = function (this: HTMLCanvasElement) {
    return Reflect.apply(getContext, this, ['2d', BY_CPU]);
  };
  prototype.getContext = byCpu as typeof getContext;
  try {
    return make();
  } finally {
    prototype.getContext = getContext;
  }
}
