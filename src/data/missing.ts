export const MISSING = ['error', 'drop', 'interpolate', 'previous', 'skip'] as const;

/** What to do with holes: rows whose cell is missing or not a number. */
export type MissingPolicy = (typeof MISSING)[number];

export const DEFAULT_MISSING: MissingPolicy = 'error';
