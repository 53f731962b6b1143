import { UnavailableError } from './errors.ts';

/**
 * The value, if it is there in time. What was begun goes on.
 * @throws {UnavailableError} it is not.
 */
export async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new UnavailableError('There was no answer in time.', { retryAfterSeconds: 1 }));
    }, milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
