import type { Kind } from '../src/kinds.ts';
import { GROUPS } from '../src/train/settings.ts';
import type { BundledName } from './bundled.ts';
import { byId, element } from './elements.ts';
import { FIELDS, PRESETS, type Preset, presetOf, type TrainSettings } from './settings.ts';
import { t } from './texts/index.ts';

type Name = keyof TrainSettings;
const names = Object.keys(FIELDS) as Name[];
const idOf = (name: Name): string => FIELDS[name].flag;

/** Values that the page does not offer, or by another control. */
const LEFT_OUT: readonly unknown[] = ['keep'];
const ON_OFF = { no: false, yes: true } as const;
const SLIDER = { min: 0.05, max: 0.95, step: 0.01 };

/** Builds the form's fields from the table of settings, in its groups, each with what it does. */
export function buildForm(): void {
  for (const preset of [...Object.keys(PRESETS), 'own'] as const)
    byId('preset', HTMLSelectElement).append(new Option(t.presets[preset as keyof typeof t.presets], preset));
  const groups = GROUPS.map((group) => ({ group, own: names.filter((name) => FIELDS[name].group === group) }));
  const filled = groups.filter(({ own }) => own.length > 0);
  byId('setting-fields', HTMLElement).append(
    ...filled.map(({ group, own }) => groupOf(t.groups[group as keyof typeof t.groups], own.map(field))),
  );
  byId(idOf('batchSize'), HTMLInputElement).setAttribute('list', 'batch-sizes');
}

/** Fields below a name, which folds them. */
function groupOf(name: string, fields: readonly HTMLElement[]): HTMLDetailsElement {
  const host = document.createElement('details');
  host.className = 'group';
  host.open = !matchMedia('(max-width: 820px)').matches; // on a phone the charts are below
  host.append(element('summary', '', name), ...fields);
  return host;
}

/** A field of the form that is not one of the table of settings. Its control has an id. */
interface OtherField {
  name: string;
  /** '' for none. */
  help: string;
  control: HTMLElement;
}

/** A group of such fields. @param help of all of them. */
export const groupOfOthers = (name: string, others: readonly OtherField[], help = ''): HTMLDetailsElement =>
  groupOf(name, [
    ...(help ? [element('p', 'help', help)] : []),
    ...others.map((other) => labeled(other.name, other.help, other.control)),
  ]);

/** The field of a setting. */
function field(name: Name): HTMLElement {
  const { kind } = FIELDS[name] as { kind: Kind<unknown> };
  const isNumber = kind.placeholder !== undefined && !kind.words;
  const control = name === 'split' ? slider() : isNumber ? numberInput(kind) : choice(name, kind);
  control.id = idOf(name);
  const host = labeled(t.settings[name], t.help[name], control);
  if (name === 'split') host.querySelector('label > span')!.append(' ', outputFor(control));
  return host;
}

/** A label, its control, and below what it does. */
function labeled(name: string, helpText: string, control: HTMLElement): HTMLElement {
  const label = document.createElement('label');
  label.append(element('span', '', name), ' ', control);
  const host = element('div', 'field');
  host.append(label);
  if (!helpText) return host;
  const help = element('p', 'help', helpText);
  help.id = `${control.id}-help`;
  control.setAttribute('aria-describedby', help.id);
  host.append(help);
  return host;
}

function choice(name: Name, { words }: Kind<unknown>): HTMLSelectElement {
  const select = document.createElement('select');
  const values = words ? Object.values(words).map(String) : Object.keys(ON_OFF);
  const texts: Readonly<Record<string, string>> = (t.choices as Record<string, Record<string, string>>)[name] ?? {};
  for (const value of values) if (!LEFT_OUT.includes(value)) select.append(new Option(texts[value] ?? value, value));
  return select;
}

function numberInput({ range }: Kind<unknown>): HTMLInputElement {
  const { min, max = '', step = 'any' } = range!;
  const input = document.createElement('input');
  Object.assign(input, { type: 'number', min: String(min), max: String(max), step: String(step) });
  input.inputMode = step === 1 ? 'numeric' : 'decimal';
  return input;
}

function slider(): HTMLInputElement {
  const input = document.createElement('input');
  const { min, max, step } = SLIDER;
  return Object.assign(input, { type: 'range', min: String(min), max: String(max), step: String(step) });
}

/** Where the value of a slider stands. */
function outputFor({ id }: HTMLElement): HTMLOutputElement {
  const value = document.createElement('output');
  value.id = `${id}-value`;
  value.htmlFor.add(id);
  return value;
}

/** The form's values as they are: the library checks them, and its messages say what is wrong. Empty is NaN. */
export function readSettings(): TrainSettings {
  const values = names.map((name) => {
    const control = document.getElementById(idOf(name));
    if (control instanceof HTMLInputElement) return [name, control.valueAsNumber];
    const { value } = control as HTMLSelectElement;
    return [name, typeof FIELDS[name].usual === 'boolean' ? ON_OFF[value as keyof typeof ON_OFF] : value];
  });
  return Object.fromEntries(values) as TrainSettings;
}

/** Fills the form; what is left out stays. */
export function writeSettings(settings: Preset): void {
  for (const name of names) {
    const value = settings[name];
    const control = document.getElementById(idOf(name)) as HTMLInputElement | HTMLSelectElement;
    const text = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
    const isThere = control instanceof HTMLInputElement || [...control.options].some((option) => option.value === text);
    if (value !== undefined && isThere) control.value = text;
  }
}

/** Chooses the preset that has the form's values, with what it is for. @param series undefined: one of the visitor's. */
export function showPreset(series: BundledName | undefined): void {
  const preset = presetOf(readSettings(), series);
  byId('preset', HTMLSelectElement).value = preset;
  byId('preset-note', HTMLElement).textContent = t.presetNotes[preset as keyof typeof t.presetNotes];
}
