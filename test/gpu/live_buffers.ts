/** The buffers that a device has from now on and that were not destroyed. @param made called with each new one, once it is in the set. */
export function liveBuffers(
  device: GPUDevice,
  made: (buffer: GPUBuffer) => void = () => undefined,
): ReadonlySet<GPUBuffer> {
  const alive = new Set<GPUBuffer>();
  const create = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    alive.add(buffer);
    buffer.destroy = () => {
      alive.delete(buffer);
      destroy();
    };
    made(buffer);
    return buffer;
  };
  return alive;
}
