// The messages between a page and the engine in its worker, on a port of their own.
import type { ScalerState } from '../data/scaler.ts';
import type { Forecaster } from '../forecast/forecaster.ts';
import type { DeviceOptions } from '../gpu/device.ts';
import type { SentError } from './sent_error.ts';

/** Options of the worker's device; the GPU is the worker's own. */
export type WorkerDeviceOptions = Omit<DeviceOptions, 'gpu'>;

/** The only message to the worker itself; it carries the port for all others. */
export interface Hello {
  greeting: typeof GREETING;
  /** A Web Lock that the worker holds while it runs. */
  lock: string;
  /** Undefined: the connection needs none. */
  device: WorkerDeviceOptions | undefined;
}

export const GREETING = 'lstm-webgpu';

/** The id of the hello: the reply describes the worker's device, if one was requested. */
export const CONNECT = 0;

/** Target of a call to the class itself; other numbers are forecasters. */
export const CLASS = 0;

/** Target of a call to the worker's own functions. */
export const OWN = -1;

/** First argument of a worker's own function. */
export interface WorkerContext {
  /** The connection's device. @throws DeviceError if the connection has none. */
  readonly device: GPUDevice;
}

/** Functions that a worker serves in addition to the engine, by name. */
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

/** Like GPUDeviceLostInfo, which cannot be cloned. */
export interface DeviceLost {
  reason: GPUDeviceLostReason;
  message: string;
}

/** The properties of a forecaster, sent whenever one of them changes; scalers as plain data. */
export type Facts = Omit<Pick<Forecaster, KeysOf<'facts'>>, 'scalers' | 'device'> & { scalers: readonly ScalerState[] };

/** The place of a function in the options: argument and name. */
export interface CallbackPlace {
  arg: number;
  name: string;
}

export interface CallMessage {
  type: 'call';
  id: number;
  target: number;
  /** A method, or the name of one of the worker's own functions. */
  method: MethodName | StaticName | (string & {});
  /** Without functions and signals, which cannot be cloned. */
  args: unknown[];
  callbacks: CallbackPlace[];
  /** The arguments that get a signal. */
  signals: number[];
  aborted: boolean;
  /** For a run: pause before the first slice. */
  paused: boolean;
}

/** The next step of a run: one epoch, all remaining ones, or end. */
export type Step = 'next' | 'finish' | 'return';

export type ToWorker =
  | CallMessage
  | { type: 'step'; id: number; call: number; step: Step }
  | { type: 'abort'; call: number }
  | { type: 'pause'; call: number; paused: boolean }
  /** A callback has returned, and its promise has settled; if it threw, the call was aborted just before. */
  | { type: 'answer'; id: number }
  | { type: 'dispose' };

export type FromWorker =
  /** The worker holds the lock now. */
  | { type: 'alive' }
  /** The worker could not read a message. */
  | { type: 'unreadable' }
  | { type: 'facts'; target: number; facts: Facts }
  | ({ type: 'lost' } & DeviceLost)
  | { type: 'reply'; id: number; value: unknown }
  /** Without an error: the call ended because it was aborted. */
  | { type: 'failed'; id: number; error: SentError | undefined }
  | { type: 'callback'; id: number; call: number; place: CallbackPlace; args: unknown[] };

/** The index of the options among the arguments of methods that return a run. */
export const OPTIONS_AT = { fit: 1, resume: 1, refit: 0 } as const;
