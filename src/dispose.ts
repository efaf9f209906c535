/// <reference lib="esnext.disposable" preserve="true" />

/** `Symbol.dispose`, so that `using` works; where the language does not have it yet, a symbol that nothing calls. */
export const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
