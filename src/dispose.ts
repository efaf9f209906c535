/// <reference lib="esnext.disposable" preserve="true" />

/** `Symbol.dispose`, so that `using` works; where the language lacks it, a symbol that nothing calls. */
export const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
