import type { Kind } from '../src/kinds.ts';
import { byId } from './elements.ts';
import { FIELDS, type Preset, presetOf, type TrainSettings } from './settings.ts';
import { t } from './texts/index.ts';

type Name = keyof TrainSettings;
const names = Object.keys(FIELDS) as Name[];
const idOf = (name: Name): string => FIELDS[name].flag;

/** Values that the page does not offer, or by another control. */
const LEFT_OUT: readonly unknown[] = ['keep'];
const ON_OFF = { no: false, yes: true } as const;
const SLIDER = { min: 0.05, max: 0.95, step: 0.01 };

/** Builds the form's fields from the table of settings. */
export function buildForm(): void {
  const fields = byId('setting-fields', HTMLElement);
  fields.append(...names.map((name) => (name === 'split' ? slider(name) : field(name))));
  byId(idOf('batchSize'), HTMLInputElement).setAttribute('list', 'batch-sizes');
  byId(idOf('scalerFit'), HTMLSelectElement).setAttribute('aria-describedby', 'scaler-note');
}

function field(name: Name): HTMLLabelElement {
  const { kind } = FIELDS[name] as { kind: Kind<unknown> };
  const control = kind.placeholder === undefined || kind.words ? choice(name, kind) : numberInput(kind);
  control.id = idOf(name);
  return labelled(name, control);
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

function slider(name: Name): HTMLLabelElement {
  const input = document.createElement('input');
  const { min, max, step } = SLIDER;
  Object.assign(input, { id: idOf(name), type: 'range', min: String(min), max: String(max), step: String(step) });
  const label = labelled(name, input);
  const value = document.createElement('output');
  value.id = `${idOf(name)}-value`;
  value.htmlFor.add(idOf(name));
  label.firstElementChild!.append(' ', value);
  return label;
}

function labelled(name: Name, control: HTMLElement): HTMLLabelElement {
  const label = document.createElement('label');
  const text = document.createElement('span');
  text.textContent = t.settings[name];
  label.classList.toggle('wide', name === 'scalerFit' || name === 'split');
  label.append(text, ' ', control);
  return label;
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
  byId('preset', HTMLSelectElement).value = presetOf(readSettings());
}
