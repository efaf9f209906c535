import { UNKNOWN } from '../../src/report/format.ts';
import type { MeasuredDevice } from '../engine.ts';
import { format } from '../format.ts';
import type { DeviceTexts } from './texts.ts';

/** What a training did with the device. */
export interface DeviceRun {
  plan: string;
  dispatchesPerStep: number;
  gflops: number;
}

/** A value of the list; undefined: not known yet. */
type Shown = string | undefined;

const [KIB, MIB] = [2 ** 10, 2 ** 20];

/** What trains here, what it can do, and how much of that the last training used. */
export class DeviceCard {
  readonly #list = document.createElement('dl');
  readonly #texts: DeviceTexts;
  #device: MeasuredDevice | undefined;
  #run: DeviceRun | undefined;

  /** @param host an empty section, which gets a title and a list. */
  constructor(host: HTMLElement, texts: DeviceTexts) {
    this.#texts = texts;
    const title = document.createElement('h2');
    title.id = 'device-card-title';
    title.textContent = texts.title;
    host.setAttribute('aria-labelledby', title.id);
    this.#list.className = 'device-card';
    this.#list.dataset.testid = 'device-card';
    host.replaceChildren(title, this.#list);
    this.#draw();
  }

  showDevice(info: MeasuredDevice): void {
    this.#device = info;
    this.#draw();
  }

  /** @param run undefined: nothing was trained yet. */
  showRun(run: DeviceRun | undefined): void {
    this.#run = run;
    this.#draw();
  }

  #draw(): void {
    const [texts, device, run] = [this.#texts, this.#device, this.#run];
    const { limits, ceilingGflops: ceiling } = device ?? {};
    const features = device && (device.features.join(', ') || texts.noFeatures);
    this.#list.replaceChildren(
      row('adapter', texts.adapter, device?.name, device?.software ? texts.software : ''),
      row('features', texts.features, features),
      row('max-buffer', texts.maxBufferSize, this.#amount(limits?.maxBufferSize, 'MiB', MIB)),
      row(
        'max-tensor',
        texts.maxStorageBufferBindingSize,
        this.#amount(limits?.maxStorageBufferBindingSize, 'MiB', MIB),
      ),
      row(
        'workgroup',
        texts.maxComputeInvocationsPerWorkgroup,
        this.#amount(limits?.maxComputeInvocationsPerWorkgroup),
      ),
      row(
        'workgroup-memory',
        texts.maxComputeWorkgroupStorageSize,
        this.#amount(limits?.maxComputeWorkgroupStorageSize, 'KiB', KIB),
      ),
      row('ceiling', texts.ceiling, this.#amount(ceiling, 'GFLOP/s'), texts.ceilingNote),
      row('plan', texts.plan, run?.plan),
      row('dispatches', texts.dispatchesPerStep, this.#amount(run?.dispatchesPerStep)),
      row('achieved', texts.achieved, this.#achieved(), texts.achievedNote),
    );
  }

  #achieved(): Shown {
    const rate = this.#amount(this.#run?.gflops, 'GFLOP/s');
    const ceiling = this.#device?.ceilingGflops;
    if (rate === undefined || !ceiling) return rate;
    const percent = `${this.#amount((100 * this.#run!.gflops) / ceiling)}%`;
    return `${rate}, ${this.#texts.shareOfCeiling(percent)}`;
  }

  #amount(value: number | undefined, unit = '', unitSize = 1): Shown {
    if (value === undefined || !Number.isFinite(value)) return undefined;
    return `${format.rate(value / unitSize)} ${unit}`.trimEnd();
  }
}

/** A name, its value, and behind it, in small letters, what there is to say about it. */
function row(id: string, name: string, value: Shown, note = ''): HTMLElement {
  const group = document.createElement('div');
  const term = document.createElement('dt');
  term.textContent = name;
  const detail = document.createElement('dd');
  detail.textContent = value ?? UNKNOWN;
  detail.dataset.testid = `device-card-${id}`;
  group.append(term, detail);
  if (note) {
    const small = document.createElement('dd');
    small.className = 'device-card-note';
    small.textContent = note;
    group.append(small);
  }
  return group;
}
