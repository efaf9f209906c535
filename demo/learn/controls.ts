import { element } from '../elements.ts';

let made = 0;

/** Radio buttons in a row, of which one is chosen. */
export function choice<Name extends string>(
  title: string,
  names: readonly Name[],
  { label, chosen, onChoose }: { label: (name: Name) => string; chosen: Name; onChoose: (name: Name) => void },
): { host: HTMLElement; choose: (name: Name) => void } {
  const host = element('fieldset', 'choice');
  host.append(element('legend', '', title));
  const group = `choice-${++made}`;
  const inputs = names.map((name) => {
    const input = document.createElement('input');
    Object.assign(input, { type: 'radio', name: group, value: name, checked: name === chosen });
    input.addEventListener('change', () => onChoose(name));
    const option = element('label');
    option.append(input, element('span', '', label(name)));
    host.append(option);
    return input;
  });
  const choose = (name: Name) => {
    for (const input of inputs) input.checked = input.value === name;
  };
  return { host, choose };
}

/** A slider with its name and, in `place`, its value. @param shown the value in words; default: itself. */
export function slider(
  title: string,
  { min, max, value }: { min: number; max: number; value: number },
  onInput: (value: number) => void,
  shown: (value: number) => string = String,
) {
  const input = document.createElement('input');
  const place = element('span', 'slider-value');
  Object.assign(input, { type: 'range', min, max, value });
  const showValue = () => {
    place.textContent = shown(input.valueAsNumber);
    input.setAttribute('aria-valuetext', place.textContent);
  };
  input.addEventListener('input', () => {
    showValue();
    onInput(input.valueAsNumber);
  });
  showValue();
  const label = element('label', 'slider');
  label.append(element('span', 'slider-name', title), place, input);
  return { label, input, place, showValue };
}
