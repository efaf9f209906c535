/** Mutants that no training notices, and why not. */
export const SURVIVORS: readonly { of: RegExp; why: string }[] = [];
