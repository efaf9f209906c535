import { expect, test } from 'vitest';
import { DeviceError } from '../../src/errors.ts';
import { adapterNames } from '../../src/node/device.ts';
import { loadGpu, requestDevice } from '../../src/node/index.ts';
import { describeGpu } from '../gpu/device.ts';
import { lstmWebgpu } from './command.ts';

describeGpu('Dawn', () => {
  test('lists its adapters, and finds each by a part of its name', async () => {
    const names = await adapterNames();
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) (await requestDevice({ adapter: name.slice(1, 9).toUpperCase() })).destroy();
    const refused = requestDevice({ adapter: 'no such GPU' });
    await expect(refused).rejects.toThrow(DeviceError);
    await expect(refused).rejects.toThrow(`no adapter matches "no such GPU". Available: ${names.join(', ')}.`);
  });

  test('accepts flags, with one instance for equal flags', async () => {
    const gpu = await loadGpu('enable-dawn-features=skip_validation');
    expect(await loadGpu('enable-dawn-features=skip_validation')).toBe(gpu);
    expect(gpu).not.toBe(await loadGpu());
    (await requestDevice({ gpu })).destroy();
    await expect(loadGpu('flag')).rejects.toThrow(/Dawn rejected flag \(.*<key>=<value>/);
  });

  test('has the adapters that the command lists and uses', async () => {
    const [name] = await adapterNames();
    const all = await lstmWebgpu(['devices']);
    expect(all.stdout).toMatch(new RegExp(`^  adapter +${name!.replace(/[()]/g, '.')}$`, 'm'));
    const one = await lstmWebgpu(['devices', '--adapter', name!.toLowerCase(), '--json']);
    expect(JSON.parse(one.stdout)).toMatchObject({ type: 'device', adapter: [name!.toLowerCase()] });
    const none = await lstmWebgpu(['devices', '--adapter', 'no such GPU']);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('no adapter matches "') });
  });
});
