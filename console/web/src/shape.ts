// Readers of untrusted JSON: each checks one shape and says where it did not fit.
// Members nobody asked for are left out, so a newer server may say more than we know.

/** Something heard was not of the shape it must have; `path` says where. */
export class ShapeError extends Error {
  constructor(
    readonly path: string,
    readonly wanted: string,
  ) {
    super(`${path || 'message'} is not ${wanted}`);
    this.name = 'ShapeError';
  }
}

export type Reader<T> = (value: unknown, path: string) => T;
export type Read<R> = R extends Reader<infer T> ? T : never;

/** Longest list and text read; the whole message is bounded by the server's 16 MiB anyway. */
const LIST_MAX = 200_000;

export const text: Reader<string> = (value, path) => {
  if (typeof value !== 'string') throw new ShapeError(path, 'a text');
  return value;
};

export const flag: Reader<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw new ShapeError(path, 'true or false');
  return value;
};

export const amount: Reader<number> = (value, path) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new ShapeError(path, 'a number');
  return value;
};

export const whole: Reader<number> = (value, path) => {
  if (!Number.isSafeInteger(value)) throw new ShapeError(path, 'a whole number');
  return value as number;
};

export function literal<const T extends string>(word: T): Reader<T> {
  return (value, path) => {
    if (value !== word) throw new ShapeError(path, `"${word}"`);
    return word;
  };
}

/** A value, or null, or nothing at all: the last two mean the same to us. */
export function maybe<T>(inner: Reader<T>): Reader<T | null> {
  return (value, path) => (value === null || value === undefined ? null : inner(value, path));
}

/** A value that an older server may leave out. */
export function withDefault<T>(inner: Reader<T>, fallback: T): Reader<T> {
  return (value, path) => (value === undefined ? fallback : inner(value, path));
}

export function list<T>(inner: Reader<T>): Reader<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new ShapeError(path, 'a list');
    if (value.length > LIST_MAX) throw new ShapeError(path, `a list of at most ${LIST_MAX}`);
    return value.map((item, index) => inner(item, `${path}[${index}]`));
  };
}

export function table<T>(inner: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (value, path) => {
    const found: [string, T][] = Object.entries(members(value, path)).map(([key, item]) => [
      key,
      inner(item, `${path}.${key}`),
    ]);
    return Object.fromEntries(found);
  };
}

type Fields = Readonly<Record<string, Reader<unknown>>>;

export function struct<F extends Fields>(
  fields: F,
): Reader<{ readonly [K in keyof F]: Read<F[K]> }> {
  const entries = Object.entries(fields);
  return (value, path) => {
    const held = members(value, path);
    const found = entries.map(([key, read]) => [key, read(held[key], path ? `${path}.${key}` : key)]);
    return Object.fromEntries(found) as { [K in keyof F]: Read<F[K]> };
  };
}

function members(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ShapeError(path, 'an object');
  }
  return value as Record<string, unknown>;
}
