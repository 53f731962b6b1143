import { describe, expect, it } from 'vitest';

import { connectorOf, goodCredentialsOf } from '../../../../test/support/platforms/exercise.ts';
import { without } from '../kernel/without.ts';
import { readConfiguration } from './read-configuration.ts';

describe('readConfiguration', () => {
  it('fills in the defaults of settings', () => {
    const credentials = goodCredentialsOf('meta');
    expect(readConfiguration(connectorOf('meta'), { credentials })).toMatchObject({
      ok: true,
      value: {
        credentials,
        settings: { api_version: 'v26.0', sale_event: 'Purchase', limited_data_use: false },
      },
    });
  });

  it('names every credential and setting that is wrong, and repeats no value', () => {
    const refused = readConfiguration(connectorOf('meta'), {
      credentials: { pixel_id: 'abc', password: 'hunter2' },
      settings: { api_version: '26', limited_data_use: 'yes', colour: 'red' },
    });
    expect(refused).toMatchObject({
      ok: false,
      code: 'validation_failed',
      errors: {
        'credentials.access_token': ['is required'],
        'credentials.pixel_id': ['must be digits'],
        'credentials.password': ['is not one of access_token, pixel_id, app_secret'],
        'settings.api_version': ['must look like v26.0'],
        'settings.limited_data_use': ['must be true or false'],
        'settings.colour': [expect.stringContaining('is not one of')],
      },
    });
    expect(JSON.stringify(refused)).not.toMatch(/hunter2|abc/);
  });

  it('takes no credential that would break a header', () => {
    const credentials = { ...goodCredentialsOf('meta'), access_token: 'EAAx\r\nX-Evil: 1' };
    expect(readConfiguration(connectorOf('meta'), { credentials })).toMatchObject({
      errors: { 'credentials.access_token': [expect.stringContaining('control characters')] },
    });
  });

  it('asks for what only one of two APIs needs', () => {
    const credentials = without(goodCredentialsOf('google'), 'developer_token');
    const google = connectorOf('google');
    expect(readConfiguration(google, { credentials })).toMatchObject({ ok: true });
    expect(
      readConfiguration(google, { credentials, settings: { api: 'google_ads' } }),
    ).toMatchObject({
      errors: { 'credentials.developer_token': ['is required by the Google Ads API'] },
    });
    expect(
      readConfiguration(google, {
        credentials: { ...credentials, access_token: undefined, refresh_token: 'R' },
      }),
    ).toMatchObject({
      errors: { 'credentials.refresh_token': ['needs client_id and client_secret too'] },
    });
  });

  it.each([
    ['tiktok', { age_max_days: 0 }, 'must be a whole number from 1 to 28'],
    ['tiktok', { age_max_days: '7' }, 'must be a whole number from 1 to 28'],
    ['ga4', { region: 'moon' }, 'must be one of global, eu'],
    ['linkedin', { api_version: '202613' }, 'must be a year and month like 202610'],
  ])('of %s takes no setting %o', (type, settings, message) => {
    const credentials = goodCredentialsOf(type);
    const [name] = Object.keys(settings);
    expect(readConfiguration(connectorOf(type), { credentials, settings })).toMatchObject({
      errors: { [`settings.${name}`]: [message] },
    });
  });
});
