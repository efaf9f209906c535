import type { ErrorCode } from '../errors.ts';
import type { DeviceDescription } from '../gpu/device.ts';

/** What one check found. */
export interface SelfTestCheck {
  name: string;
  ok: boolean;
  /** The worst relative error of all that the check compared; NaN where a result was none, or there was no result. */
  error: number;
  /** The largest that rounding explains. */
  tolerance: number;
  /** From its start to its end; checks run side by side, and wait for the same compiler. */
  ms: number;
  /** Of a failed check: what was off, or what was thrown. */
  message?: string;
  /** Of what was thrown. */
  code?: ErrorCode;
}

/** What the self-test found out about a device. */
export interface SelfTestReport {
  /** Every check is. */
  ok: boolean;
  checks: SelfTestCheck[];
  device: DeviceDescription;
  seconds: number;
  /** For people: a line a check, what the worst number means, and what to do about a failure. */
  text: string;
}

/** The report for people. */
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
    'Each line: the worst relative error against PyTorch, of what rounding of 32-bit floats explains.',
    ...lines,
    ...(ok
      ? [
          `The worst, "${worst.name}", is off by ${worst.error.toExponential(1)} of what is right, ${(100 * used(worst)).toFixed(0)}% of what is allowed: ` +
            'this device gives the numbers that PyTorch gives.',
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
      `${lost.message} Nothing can be said of its numbers: request a new device, close what else uses the GPU, and run the self-test again.`,
    ];
  return [
    `Do not trust numbers of this device: what failed above is further off than rounding explains, or did not run.`,
    'What to do: update the graphics driver and the browser (or, in Node, the npm package webgpu), and run the self-test again.',
    'Until it passes, use another adapter: the other GPU of the machine (powerPreference), or a software adapter.',
    `If it fails with the newest driver, report it with this text to the library's authors: device ${JSON.stringify(name)}, ` +
      `vendor ${JSON.stringify(vendor)}, architecture ${JSON.stringify(architecture)}; add the driver's version, ` +
      'which chrome://gpu, about:support (Firefox) or the system settings show.',
  ];
}
