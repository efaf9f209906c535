import { version } from '../package.json';

/** Of this package, as `lstm-webgpu --version` tells it. */
export const VERSION: string = version;
