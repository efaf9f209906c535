import type { ErrorAbout, ErrorCode, ErrorDetails } from './error_codes.ts';

export type { ErrorAbout, ErrorCode, ErrorDetails };

/**
 * Every error this library throws on purpose: `instanceof LstmError` separates them from bugs. Messages are for people and may
 * change; programs should use the class, `code` and `details`.
 */
export class LstmError extends Error {
  override name = 'LstmError';
  readonly code: ErrorCode;
  /** The values in the message, as listed for the code in {@link ErrorDetails} of the code. */
  readonly details: Readonly<Record<string, unknown>>;

  /** The code of errors of this class that have none of their own. */
  static readonly general: ErrorCode;

  constructor(message: string, about: ErrorAbout = {}) {
    super(message, 'cause' in about ? { cause: about.cause } : undefined);
    this.code = about.code ?? new.target.general;
    this.details = { ...about.details };
  }
}

/** An option has an invalid value. The message names the option, the value, and what was expected. */
export class ConfigError extends LstmError {
  static override readonly general: ErrorCode = 'option';
  override name = 'ConfigError';
}

/** A call at the wrong time: before a fit, during another training, after disposal. */
export class StateError extends LstmError {
  static override readonly general: ErrorCode = 'state';
  override name = 'StateError';
}

/** An array has the wrong number of elements for its shape. */
export class ShapeError extends LstmError {
  static override readonly general: ErrorCode = 'shape';
  override name = 'ShapeError';
}

/** The data cannot be used: a CSV without numbers, a missing value, a constant series, a file that is not a model. */
export class DataError extends LstmError {
  static override readonly general: ErrorCode = 'data';
  override name = 'DataError';
}

/** No adapter, a limit the adapter does not have, or a device that was lost. */
export class DeviceError extends LstmError {
  static override readonly general: ErrorCode = 'device';
  override name = 'DeviceError';
}

/** The device rejected a command: it is out of memory, or the command is invalid. The weights are the last good ones. */
export class CommandError extends DeviceError {
  override name = 'CommandError';
  /** The WebGPU error filter; 'validation' and 'internal' are bugs in this library or in a driver. */
  readonly type: GPUErrorFilter;

  constructor(message: string, type: GPUErrorFilter, cause?: unknown) {
    const about: ErrorAbout =
      type === 'out-of-memory' ? { code: type, details: { type } } : { code: 'command-refused', details: { type } };
    super(message, cause === undefined ? about : { ...about, cause });
    this.type = type;
  }
}

/** The device is gone: the driver was reset, the GPU was unplugged, the page was put to sleep, or the device was destroyed. */
export class DeviceLostError extends DeviceError {
  override name = 'DeviceLostError';
  /** As in GPUDeviceLostInfo: 'destroyed' if that was on purpose. */
  readonly reason: GPUDeviceLostReason;

  constructor(message: string, reason: GPUDeviceLostReason, cause?: unknown) {
    const about = { code: 'device-lost', details: { reason } } as const;
    super(message, cause === undefined ? about : { ...about, cause });
    this.reason = reason;
  }
}

/** The worker that runs the engine did not start, crashed, was terminated, or was disconnected. */
export class WorkerError extends LstmError {
  static override readonly general: ErrorCode = 'worker';
  override name = 'WorkerError';
}

/** A shader did not compile; the message quotes file, line and source. A bug in this library or in a driver. */
export class ShaderError extends LstmError {
  static override readonly general: ErrorCode = 'shader';
  override name = 'ShaderError';
}

/** Training cannot continue: the loss became NaN or infinite. The last good weights are kept. */
export class TrainingError extends LstmError {
  override name = 'TrainingError';
  /** Epoch in which the loss became non-finite, from 1. */
  readonly epoch: number;
  /** Optimizer step within that epoch, from 1. */
  readonly step: number;
  /** The tensor in which the first non-finite value appeared: a parameter's name, or `y` for the model's output. */
  readonly tensor: string;
  /** Index of the model, from 0. */
  readonly model: number;

  constructor(message: string, where: ErrorDetails['training-not-finite']) {
    super(message, { code: 'training-not-finite', details: where });
    const { epoch, step, tensor, model } = where;
    this.epoch = epoch;
    this.step = step;
    this.tensor = tensor;
    this.model = model;
  }
}
