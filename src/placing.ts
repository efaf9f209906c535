// Adds where an error happened as it propagates. Nothing else makes an error out of a thrown one.
import { DataError, LstmError } from './errors.ts';
import { messageOf } from './shown.ts';

/**
 * The same error with another message: class, code, details and fields are kept, and the original error is the cause. Errors
 * are never modified, because others may hold the one that was thrown.
 */
function reworded<Thrown extends LstmError>(error: Thrown, message: string): Thrown {
  const own: Thrown = Object.setPrototypeOf(
    new Error(message, { cause: error }),
    Object.getPrototypeOf(error) as object,
  );
  return Object.assign(own, error);
}

/** An error with the place where it happened in front of its message. Errors of other libraries are returned unchanged. */
export const placed = <Thrown>(error: Thrown, place: string, mark = ': '): Thrown =>
  error instanceof LstmError ? reworded(error, `${place}${mark}${error.message}`) : error;

/** An error with a sentence of advice after its message. */
export const withAdvice = <Thrown>(error: Thrown, advice: string): Thrown =>
  error instanceof LstmError ? reworded(error, `${error.message} ${advice}`) : error;

/** The result of `call`. @param place undefined: no place to name. @throws what it throws, {@link placed}. */
export function within<Result>(place: string | undefined, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw place === undefined ? error : placed(error, place);
  }
}

/** The error for a file that failed a check: a DataError, whatever the check threw. @param file what it is. */
export const badFile = (file: string, error: unknown): DataError =>
  error instanceof DataError && error.code !== 'data'
    ? placed(error, file)
    : new DataError(`${file}: ${messageOf(error)}`, { code: 'file-damaged', cause: error });
