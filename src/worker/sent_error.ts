import * as errors from '../errors.ts';
import { messageOf } from '../shown.ts';

/** An error of this library in parts, because a structured clone would lose its class and fields; or anything else. */
export type SentError =
  | { fields: { name: string }; message: string; stack: string | undefined; cause: SentError | undefined }
  | { value: unknown };

const classes: Readonly<Record<string, { prototype: errors.LstmError }>> = errors;

/** Code and details are plain data, and among the fields. */
export function sendError(error: unknown): SentError {
  if (!(error instanceof errors.LstmError)) return { value: sendable(error) };
  const { message, stack, cause } = error;
  return { fields: { ...error }, message, stack, cause: cause === undefined ? undefined : sendError(cause) };
}

/** A foreign error as it is; one that cannot be cloned, such as a GPUError, as an Error with its message. */
function sendable(error: unknown): unknown {
  try {
    return structuredClone(error);
  } catch {
    return new Error(messageOf(error));
  }
}

/** The error restored: of the same class, with its fields, its message and its original stack. */
export function receiveError(sent: SentError): unknown {
  if ('value' in sent) return sent.value;
  const { fields, message, stack, cause } = sent;
  const error = cause === undefined ? new Error(message) : new Error(message, { cause: receiveError(cause) });
  const { prototype } = classes[fields.name] ?? errors.LstmError;
  return Object.assign(Object.setPrototypeOf(error, prototype), fields, { stack });
}
