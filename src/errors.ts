/** Every error this library throws on purpose. `instanceof LstmError` tells them from bugs. */
export class LstmError extends Error {
  override name = 'LstmError';
}

/** An option has a value it cannot have: names the option, what it got, what it expected. */
export class ConfigError extends LstmError {
  override name = 'ConfigError';
}

/** An array has the wrong number of elements for its shape. */
export class ShapeError extends LstmError {
  override name = 'ShapeError';
}

/** The data cannot be used: a CSV without numbers, a hole, a constant series, a file that is not a model. */
export class DataError extends LstmError {
  override name = 'DataError';
}

/** No adapter, a limit the adapter does not have, or a device that was lost. */
export class DeviceError extends LstmError {
  override name = 'DeviceError';
}

/** The device refused a command: it is out of memory, or a command is not valid. Weights are the last good ones. */
export class CommandError extends DeviceError {
  override name = 'CommandError';
  /** As WebGPU filters errors; 'validation' and 'internal' are bugs in this library or in a driver. */
  readonly type: GPUErrorFilter;

  constructor(message: string, type: GPUErrorFilter) {
    super(message);
    this.type = type;
  }
}

/** The device is gone: the driver was reset or unplugged, the page was put away, or somebody destroyed it. */
export class DeviceLostError extends DeviceError {
  override name = 'DeviceLostError';
  /** As in GPUDeviceLostInfo: 'destroyed' where somebody asked for it. */
  readonly reason: GPUDeviceLostReason;

  constructor(message: string, reason: GPUDeviceLostReason) {
    super(message);
    this.reason = reason;
  }
}

/** The worker that runs the engine did not start, crashed, was terminated, or was disconnected. */
export class WorkerError extends LstmError {
  override name = 'WorkerError';
}

/** A shader did not compile; the message quotes file, line and source. A bug in this library or in a driver. */
export class ShaderError extends LstmError {
  override name = 'ShaderError';
}

/** Training cannot go on: the loss became NaN or infinite. The last good weights are kept. */
export class TrainingError extends LstmError {
  override name = 'TrainingError';
  /** Epoch in which the loss became non-finite, from 1. */
  readonly epoch: number;
  /** Optimizer step within that epoch, from 1. */
  readonly step: number;
  /** What was not finite first: a parameter by its name, `y` for the model's output. */
  readonly tensor: string;
  /** Number of the model, from 0. */
  readonly model: number;

  constructor(message: string, where: { epoch: number; step: number; tensor: string; model: number }) {
    super(message);
    this.epoch = where.epoch;
    this.step = where.step;
    this.tensor = where.tensor;
    this.model = where.model;
  }
}
