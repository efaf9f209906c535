import { version } from '../package.json';

/** This package's version, as printed by `lstm-webgpu --version`. */
export const VERSION: string = version;
