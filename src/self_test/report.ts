import type { ErrorCode } from '../errors.ts';
import type { DeviceDescription } from '../gpu/device.ts';

/** The result of one check. */
export interface SelfTestCheck {
  name: string;
  ok: boolean;
  /** The worst relative error of everything the check compared; NaN if a result was NaN, or there was none. */
  error: number;
  /** The largest error that rounding explains. */
  tolerance: number;
  /** From start to end; checks run concurrently, and share a compiler. */
  ms: number;
  /** Of a failed check: the result that was off, or the message of an error. */
  message?: string;
  /** Of that error. */
  code?: ErrorCode;
}

/** The result of the self-test of a device. */
export interface SelfTestReport {
  /** Whether every check passed. */
  ok: boolean;
  checks: SelfTestCheck[];
  device: DeviceDescription;
  seconds: number;
  /** The report as text: one line per check, the worst error, and what to do about a failure. */
  text: string;
}

/** The report as text. */
export function selfTestText({ ok, checks, device, seconds }: Omit<SelfTestReport, 'text'>): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map(({ name, ok, error, tolerance, ms, message }) => {
    const numbers = `${error.toExponential(1)} of ${tolerance.toExponential(0)}`.padEnd(16);
    return `${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(width)}  ${numbers} ${ms.toFixed(0).padStart(5)} ms${message ? `  ${message}` : ''}`;
  });
  const failed = checks.filter((check) => !check.ok);
  const used = ({ error, tolerance }: (typeof checks)[number]) => (error === 0 ? 0 : error / tolerance);
  const worst = checks.reduce((one, other) => (used(other) <= used(one) ? one : other));
  const software = device.software ? ', on the CPU' : '';
  return [
    `Self-test on ${device.name}${software}: ${checks.length - failed.length} of ${checks.length} checks passed in ${seconds.toFixed(1)} s.`,
    'Each line: the largest relative error compared with PyTorch, and its tolerance, from rounding to 32-bit floats.',
    ...lines,
    ...(ok
      ? [
          `Worst check: "${worst.name}", relative error ${worst.error.toExponential(1)} (${(100 * used(worst)).toFixed(0)}% of the tolerance); ` +
            'this device matches PyTorch.',
        ]
      : adviceOn(failed, device)),
  ].join('\n');
}

function adviceOn(
  failed: SelfTestReport['checks'],
  { name, vendor, architecture }: SelfTestReport['device'],
): string[] {
  const lost = failed.find(({ code }) => code === 'device-lost');
  if (lost)
    return [
      `${lost.message} Its results are unknown: request a new device, close other programs that use the GPU, and run the self-test again.`,
    ];
  return [
    'Do not trust the results of this device: checks above have larger errors than rounding explains, or did not run.',
    'What to do: update the graphics driver and the browser (or, in Node.js, the npm package webgpu), and run the self-test again.',
    'Until it passes, use another adapter: the other GPU of the machine (powerPreference), or a software adapter.',
    `If it fails with the newest driver, report it with this text to the library's authors: device ${JSON.stringify(name)}, ` +
      `vendor ${JSON.stringify(vendor)}, architecture ${JSON.stringify(architecture)}; add the driver's version, ` +
      'from chrome://gpu, about:support (Firefox) or the system settings.',
  ];
}
