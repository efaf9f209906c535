// What a page and the engine in its worker say to each other, on a port of their own.
import type { ScalerState } from '../data/scaler.ts';
import type { Forecaster } from '../forecast/forecaster.ts';
import type { DeviceOptions } from '../gpu/device.ts';
import type { SentError } from './sent_error.ts';

/** What the worker's device is to have; WebGPU itself is the worker's own. */
export type WorkerDeviceOptions = Omit<DeviceOptions, 'gpu'>;

/** The only message to the worker itself; the port for all others comes with it. */
export interface Hello {
  greeting: typeof GREETING;
  /** A Web Lock that the worker holds as long as it lives. */
  lock: string;
  /** Undefined: the connection needs none. */
  device: WorkerDeviceOptions | undefined;
}

export const GREETING = 'lstm-webgpu';

/** What the hello has for an id: the reply says what the worker's device is, if it was asked for one. */
export const CONNECT = 0;

/** Stands for the class itself as the target of a call; other numbers are forecasters. */
export const CLASS = 0;

/** Stands for the functions that a worker serves of its own. */
export const OWN = -1;

/** What a worker's own function gets first. */
export interface WorkerContext {
  /** The connection's device. @throws DeviceError where the connection has none. */
  readonly device: GPUDevice;
}

/** Functions that a worker serves beside the engine, by name. */
export type WorkerFunctions = Readonly<Record<string, (context: WorkerContext, ...args: never[]) => unknown>>;

type KeysOf<Kind extends 'methods' | 'facts'> = {
  [K in keyof Forecaster]: Forecaster[K] extends (...args: never[]) => unknown
    ? Kind extends 'methods'
      ? K
      : never
    : Kind extends 'facts'
      ? K
      : never;
}[keyof Forecaster];

export type MethodName = Extract<KeysOf<'methods'>, string>;
export type StaticName = Exclude<keyof typeof Forecaster, 'prototype'>;

/** As GPUDeviceLostInfo, which cannot cross. */
export interface DeviceLost {
  reason: GPUDeviceLostReason;
  message: string;
}

/** The properties of a forecaster, told whenever one of them changed; scalers in words that can cross. */
export type Facts = Omit<Pick<Forecaster, KeysOf<'facts'>>, 'scalers' | 'device'> & { scalers: readonly ScalerState[] };

/** Where a function was taken out of the options: argument and name. */
export interface CallbackPlace {
  arg: number;
  name: string;
}

export interface CallMessage {
  type: 'call';
  id: number;
  target: number;
  /** Of the worker's own functions the name. */
  method: MethodName | StaticName | (string & {});
  /** Without functions and signals, which cannot cross. */
  args: unknown[];
  callbacks: CallbackPlace[];
  /** The arguments that get a signal. */
  signals: number[];
  aborted: boolean;
  /** Of a run: rest before the first slice. */
  paused: boolean;
}

/** What a run is to do: one epoch, all that are left, or nothing more. */
export type Step = 'next' | 'finish' | 'return';

export type ToWorker =
  | CallMessage
  | { type: 'step'; id: number; call: number; step: Step }
  | { type: 'abort'; call: number }
  | { type: 'pause'; call: number; paused: boolean }
  /** A callback has returned, and what it returned has settled; where it threw, the call was aborted just before. */
  | { type: 'answer'; id: number }
  | { type: 'dispose' };

export type FromWorker =
  /** From here on the lock is held. */
  | { type: 'alive' }
  /** A message to the worker could not be read there. */
  | { type: 'unreadable' }
  | { type: 'facts'; target: number; facts: Facts }
  | ({ type: 'lost' } & DeviceLost)
  | { type: 'reply'; id: number; value: unknown }
  /** Without an error: the call ended because it was aborted. */
  | { type: 'failed'; id: number; error: SentError | undefined }
  | { type: 'callback'; id: number; call: number; place: CallbackPlace; args: unknown[] };

/** Of methods that give a run, the place of its options among the arguments. */
export const OPTIONS_AT = { fit: 1, resume: 1, refit: 0 } as const;
