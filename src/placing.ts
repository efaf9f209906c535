// Where an error happened, put to it on its way up. Nobody else makes an error of one that was thrown.
import { DataError, LstmError } from './errors.ts';
import { messageOf } from './shown.ts';

/**
 * The same error in other words: class, code, details and fields stay, and the error as it was is the cause. Errors are not
 * edited: somebody may hold the one that was thrown.
 */
function reworded<Thrown extends LstmError>(error: Thrown, message: string): Thrown {
  const own: Thrown = Object.setPrototypeOf(
    new Error(message, { cause: error }),
    Object.getPrototypeOf(error) as object,
  );
  return Object.assign(own, error);
}

/** An error with the place where it happened in front of its message. What is none of this library's stays as it is. */
export const placed = <Thrown>(error: Thrown, place: string, mark = ': '): Thrown =>
  error instanceof LstmError ? reworded(error, `${place}${mark}${error.message}`) : error;

/** An error with a sentence of advice behind its message. */
export const withAdvice = <Thrown>(error: Thrown, advice: string): Thrown =>
  error instanceof LstmError ? reworded(error, `${error.message} ${advice}`) : error;

/** What `call` gives. @param place undefined: none to name. @throws as it throws, {@link placed}. */
export function within<Result>(place: string | undefined, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw place === undefined ? error : placed(error, place);
  }
}

/** For a file in which a check found what cannot be: a DataError, whatever the check has thrown. @param file what it is. */
export const badFile = (file: string, error: unknown): DataError =>
  error instanceof DataError && error.code !== 'data'
    ? placed(error, file)
    : new DataError(`${file}: ${messageOf(error)}`, { code: 'file-damaged', cause: error });
